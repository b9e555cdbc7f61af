import type { Database } from 'better-sqlite3';
import { byIdOrName, mapTable } from '../table-mapping.ts';

/** Two pictures of one prompt from one noise. */
export interface BlindPairRecord {
  readonly prompt: string | null;
  readonly seed: number | null;
  /** Of each arm, within its folder. */
  readonly files: readonly [BlindFileRecord, BlindFileRecord];
  /** Which arm's stands left. */
  readonly left: 0 | 1;
}

export interface BlindFileRecord {
  readonly name: string;
  /** As it was when the test was made. */
  readonly sha256: string;
}

export interface BlindTestRecord {
  readonly id: string;
  readonly name: string;
  readonly arms: readonly [BlindArmRecord, BlindArmRecord];
  /** In the order in which they are shown. */
  readonly pairs: readonly BlindPairRecord[];
  /** Pictures of either arm that have no partner. */
  readonly leftOut: number;
  readonly createdAt: string;
  readonly endedAt: string | null;
}

export interface BlindArmRecord {
  readonly name: string;
  readonly folder: string;
}

export interface BlindVoteRecord {
  readonly testId: string;
  readonly pair: number;
  readonly choice: string;
  readonly createdAt: string;
}

export const blindTestRepository = (database: Database) => {
  const tests = mapTable<BlindTestRecord>(database, 'blind_tests', {
    id: 'plain',
    name: 'plain',
    arms: 'json',
    pairs: 'json',
    leftOut: 'plain',
    createdAt: 'plain',
    endedAt: 'plain',
  });
  const votes = mapTable<BlindVoteRecord>(database, 'blind_votes', {
    testId: 'plain',
    pair: 'plain',
    choice: 'plain',
    createdAt: 'plain',
  });
  const forget = database.prepare('DELETE FROM blind_votes WHERE test_id = ? AND pair = ?');
  const remove = database.prepare('DELETE FROM blind_tests WHERE id = ?');
  return {
    list: (): BlindTestRecord[] => tests.select('ORDER BY created_at DESC, rowid DESC'),
    find: (key: string): BlindTestRecord | undefined => tests.select(byIdOrName, { key })[0],
    insert: tests.insert,
    update: tests.update,
    remove: (id: string): void => void remove.run(id),
    votes: (id: string): BlindVoteRecord[] => votes.select('WHERE test_id = ? ORDER BY pair', id),
    /** In the place of an earlier one. */
    vote: (vote: BlindVoteRecord): void => {
      forget.run(vote.testId, vote.pair);
      votes.insert(vote);
    },
  };
};

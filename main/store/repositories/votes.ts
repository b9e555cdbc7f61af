import type { Database } from 'better-sqlite3';
import { mapTable } from '../table-mapping.ts';

/** A judgement of two answers. Names are those of the time: an adapter may be gone. */
export interface VoteRecord {
  readonly id: string;
  readonly modelId: string;
  /** Null is the model itself. */
  readonly leftAdapterId: string | null;
  readonly rightAdapterId: string | null;
  readonly leftName: string;
  readonly rightName: string;
  readonly choice: string;
  readonly leftAnswer: string;
  readonly rightAnswer: string;
  readonly prompt: unknown;
  readonly settings: unknown;
  readonly createdAt: string;
}

export const voteRepository = (database: Database) => {
  const table = mapTable<VoteRecord>(database, 'votes', {
    id: 'plain',
    modelId: 'plain',
    leftAdapterId: 'plain',
    rightAdapterId: 'plain',
    leftName: 'plain',
    rightName: 'plain',
    choice: 'plain',
    leftAnswer: 'plain',
    rightAnswer: 'plain',
    prompt: 'json',
    settings: 'json',
    createdAt: 'plain',
  });
  return {
    insert: table.insert,
    ofModel: (modelId: string) => table.select('WHERE model_id = ? ORDER BY rowid', modelId),
  };
};

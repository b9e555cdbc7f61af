import { createTurns } from '../../engine/turns.ts';
import { openBackup, type OpenedBackup } from './open-backup.ts';
import { damagedEntry, hashOfRange } from './ranges.ts';
import { counting, totalOf, type BackupWork } from './work.ts';

/**
 * Reads all of a backup and compares every hash.
 * @throws WorkbenchError naming what is other than was saved
 */
export const verifyBackup = async (path: string, work: BackupWork): Promise<OpenedBackup> => {
  const backup = await openBackup(path);
  const turn = createTurns();
  const options = counting('verifying', totalOf(backup.entries), work);
  for (const entry of backup.entries) {
    await turn();
    if ((await hashOfRange(path, entry, options)) !== entry.sha256) throw damagedEntry(path, entry.name);
  }
  return backup;
};

import { rmSync } from 'node:fs';
import { unfinishedBeside } from '../../engine/formats/atomic-file.ts';
import type { ExportRecord } from '../../store/repositories/exports.ts';
import type { Store } from '../../store/store.ts';
import { finishedExport } from '../../trainer/export/finished-export.ts';

/** What an export left in its place, where that is whole and this very export's. */
const whatIsThere = ({ id, destination }: Pick<ExportRecord, 'id' | 'destination'>) => {
  const found = finishedExport(destination);
  return found?.certificate?.exportId === id ? found : undefined;
};

/** Whether it is in its place, whole and its own. */
export const isThere = (record: Pick<ExportRecord, 'id' | 'destination'>): boolean =>
  whatIsThere(record) !== undefined;

/**
 * How an export stands whose trainer is gone without a word: completed, where it is in its place and its own, else failed. What it was
 * building is removed.
 * @param error why, where nothing is there
 */
export const outcomeAfterDeath = (record: Pick<ExportRecord, 'id' | 'destination'>, error: string) => {
  for (const path of unfinishedBeside(record.destination)) rmSync(path, { recursive: true, force: true });
  const summary = whatIsThere(record);
  return summary === undefined ? { status: 'failed', error } : { status: 'completed', summary, error: null };
};

/** Marks those as completed that are told as failed and are there: a trainer may have outlived the workbench by a moment. */
export const adoptFinished = (store: Store, exports = store.exports.withStatus('failed')): void => {
  for (const record of exports) {
    const summary = whatIsThere(record);
    if (summary !== undefined) store.exports.update(record.id, { status: 'completed', summary, error: null });
  }
};

/**
 * Puts right what a workbench left behind that ended while it exported: what is whole is completed, what is not is removed, so that it
 * can be written again to the same place.
 */
export const recoverExports = (store: Store): void => {
  for (const record of store.exports.withStatus('running'))
    store.exports.update(
      record.id,
      outcomeAfterDeath(record, 'the workbench ended before the export was written; export it again'),
    );
  adoptFinished(store);
};

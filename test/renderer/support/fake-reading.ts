import { WorkbenchError } from '../../../main/engine/errors.ts';
import type { EmitEvent } from '../../../main/services/shared/workbench-events.ts';

/** Files that are read until that is stopped. */
export const createFakeReading = (emit: EmitEvent) => {
  const ends = new Map<string, () => void>();
  return {
    begin: (job: string, path: string): Promise<never> => {
      setTimeout(() => emit({ name: 'reading.progress', payload: { job, path, done: 2e9, total: 8e9 } }), 10);
      return new Promise((_, reject) => {
        ends.set(job, () => reject(new WorkbenchError('conflict', `${path}: reading it was stopped`)));
      });
    },
    stop: ({ job }: { job: string }) => {
      ends.get(job)?.();
      return {};
    },
  };
};

import { WorkbenchError } from '../../engine/errors.ts';
import type { EmitEvent } from '../shared/workbench-events.ts';
import type { ReadOptions } from './reader-process.ts';

export type Readings = ReturnType<typeof createReadings>;

/** What is being read for somebody who gave it a name: its progress is told by it, and by it it can be stopped. */
export const createReadings = (emit: EmitEvent) => {
  const underWay = new Map<string, AbortController>();
  return {
    /** @param job null or absent where nobody follows it */
    follow: async <Result>(
      job: string | undefined,
      path: string,
      work: (options: ReadOptions) => Promise<Result>,
    ): Promise<Result> => {
      if (job === undefined) return work({});
      if (underWay.has(job))
        throw new WorkbenchError('conflict', `job: something named "${job}" goes on already`);
      const controller = new AbortController();
      underWay.set(job, controller);
      try {
        return await work({
          signal: controller.signal,
          onProgress: (done, total) =>
            emit({ name: 'reading.progress', payload: { job, path, done, total } }),
        });
      } finally {
        underWay.delete(job);
      }
    },
    methods: {
      /** What has ended by then needs no stopping. */
      stop: ({ job }: { job: string }) => {
        underWay.get(job)?.abort();
        return {};
      },
    },
  };
};

import type { RunSampleRecord } from '../../store/repositories/run-samples.ts';
import type { RunPictureRecord } from '../../store/repositories/run-pictures.ts';
import { eventsInTurns } from '../../trainer/run/event-log.ts';

/** What a run's own log says in the end. What a later life of it says takes the place of what an earlier one said. */
export interface ToldByRun {
  /** By metric, by step. */
  readonly metrics: ReadonlyMap<string, ReadonlyMap<number, number>>;
  /** By step. */
  readonly samples: ReadonlyMap<number, readonly RunSampleRecord[]>;
  /** By step. */
  readonly pictures: ReadonlyMap<number, readonly RunPictureRecord[]>;
  readonly notices: ReadonlySet<string>;
  /** Optimizer steps that it was to have; null where it never said. */
  readonly planned: number | null;
  /** Of its values; no step where it has none. */
  readonly first: number;
  readonly last: number;
  /** Lines that are not as they were written. */
  readonly damagedLines: number;
}

/** @throws the system's error */
export const toldByRun = async (runDirectory: string, signal: AbortSignal): Promise<ToldByRun> => {
  const metrics = new Map<string, Map<number, number>>();
  const samples = new Map<number, readonly RunSampleRecord[]>();
  const pictures = new Map<number, readonly RunPictureRecord[]>();
  const notices = new Set<string>();
  let [planned, first, last, damagedLines]: [number | null, number, number, number] = [
    null,
    Infinity,
    -Infinity,
    0,
  ];
  for await (const event of eventsInTurns(runDirectory)) {
    signal.throwIfAborted();
    switch (event?.type) {
      case undefined:
        damagedLines += 1;
        break;
      case 'planned':
        planned = event.steps;
        break;
      case 'notice':
        notices.add(event.message);
        break;
      case 'samples':
        samples.set(event.step, event.samples);
        break;
      case 'pictures':
        pictures.set(event.step, event.pictures);
        break;
      case 'metrics':
        for (const { name, step, value } of event.metrics) {
          const values = metrics.get(name) ?? new Map<number, number>();
          metrics.set(name, values.set(step, value));
          [first, last] = [Math.min(first, step), Math.max(last, step)];
        }
    }
  }
  return { metrics, samples, pictures, notices, planned, first, last, damagedLines };
};

import type { RunEvent, RunSpecification } from '../../main/trainer/protocol/protocol.ts';
import { trainRun } from '../../main/trainer/run/train-run.ts';

/** Trains in this process, and pauses where so many steps are done. @returns all that the run told */
export const eventsOf = async (job: RunSpecification, pauseAfter = Infinity): Promise<RunEvent[]> => {
  const events: RunEvent[] = [];
  await trainRun(job, {
    emit: (event) => void events.push(event),
    shouldStop: () => (valuesOf(events, 'train/loss').length >= pauseAfter ? 'pause' : null),
  });
  return events;
};

/** A metric's values, in the order in which they were told. */
export const valuesOf = (events: readonly RunEvent[], name: string): number[] =>
  events.flatMap((event) =>
    event.type === 'metrics'
      ? event.metrics.filter((one) => one.name === name).map(({ value }) => value)
      : [],
  );

export const noticesOf = (events: readonly RunEvent[]): string[] =>
  events.flatMap((event) => (event.type === 'notice' ? [event.message] : []));

import type { RunEvent } from '../../trainer/protocol/protocol.ts';
import type { DrawnSample } from '../../trainer/protocol/drawn-sample-schema.ts';
import type { Sample } from '../../trainer/protocol/sample-schema.ts';
import type { RunEnd } from './run-end.ts';

/** Turns what a trainer tells into lines for the run's log: each phase once, and no training steps. */
export const createLogLines = (): ((event: RunEvent) => string[]) => {
  let phase: string | undefined;
  return (event) => {
    switch (event.type) {
      case 'progress': {
        if (event.phase === phase) return [];
        phase = event.phase;
        return [`${phase}, ${event.done} of ${event.total}`];
      }
      case 'planned':
        return [`${event.steps} steps are planned`];
      case 'notice':
        return [event.message];
      case 'checkpoint':
        return [`checkpoint of step ${event.step}: ${event.directory}`];
      case 'metrics': {
        const heldOut = event.metrics.filter(({ name }) => name.startsWith('validation/'));
        return heldOut.map(({ name, step, value }) => `step ${step}: ${name} ${value}`);
      }
      case 'samples':
        return event.samples.map(sampleLine(event.step));
      case 'pictures':
        return event.pictures.map(pictureLine(event.step));
      default:
        return [];
    }
  };
};

const pictureLine =
  (step: number) =>
  ({ position, file, problem }: DrawnSample): string =>
    `step ${step}: picture ${position + 1}: ${file ?? problem}`;

/** A line of its own, whatever is in it. */
const sampleLine =
  (step: number) =>
  ({ position, text }: Sample): string =>
    `step ${step}: sample ${position + 1}: ${JSON.stringify(text)}`;

/** How it ended; of a process that died, with the last that it wrote. */
export const endLines = (end: RunEnd): string[] => {
  switch (end.type) {
    case 'completed':
      return [`completed: ${end.adapterDirectory}`];
    case 'paused':
    case 'cancelled':
      return [`${end.type} at step ${end.step}`];
    case 'failed':
      return [
        `failed (${end.code}): ${end.message}`,
        ...(end.raw === undefined ? [] : [`in its own words: ${end.raw}`]),
      ];
    case 'died':
      return [end.message, ...(end.lastWords === undefined || end.lastWords === '' ? [] : [end.lastWords])];
  }
};

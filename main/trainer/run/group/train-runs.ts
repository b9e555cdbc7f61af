import { failureOf } from '../../process/failure.ts';
import type { JobContext, RunContext } from '../../protocol/job.ts';
import type { RunSpecification } from '../../protocol/protocol.ts';
import { trainRun } from '../train-run.ts';
import { createPlaces } from './run-place.ts';

/** A run by the name that its events bear. */
export interface NamedRun {
  readonly run: string;
  readonly specification: RunSpecification;
}

/** Trains runs side by side in this process. One that fails does so alone: the others go on. */
export const trainRuns = async (runs: readonly NamedRun[], context: JobContext): Promise<void> => {
  const inPlace = createPlaces(runs.length);
  await Promise.all(
    runs.map(({ run, specification }) =>
      inPlace(async (place) => {
        const emit: RunContext['emit'] = (event) => context.emit({ type: 'of-run', run, event });
        try {
          await trainRun(specification, { emit, shouldStop: () => context.shouldStop(run) }, place);
        } catch (error) {
          emit(failureOf(error));
        }
      }),
    ),
  );
  context.emit({ type: 'trained' });
};

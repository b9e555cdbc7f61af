import type { Experiment, ExperimentComparison } from '../api/contract.ts';
import type { CommandContext, Outcome } from './command.ts';
import { comparisonText } from './comparison-text.ts';
import { exitCodes } from './exit-codes.ts';
import { refuseWhilePaused } from './paused-queue.ts';
import { exitCodeOfRest, restText } from './rest-text.ts';
import { tellMemory } from './tell-memory.ts';
import { watchRuns } from './watch-runs.ts';

export interface ExperimentOutcome extends Outcome {
  readonly document: { readonly experiment: Experiment; readonly comparison: ExperimentComparison };
  readonly exitCode: number;
}

/** Runs what is not completed and watches it to its end. */
export const runExperiment = async (context: CommandContext, id: string): Promise<ExperimentOutcome> => {
  const { call } = context;
  const before = await call('experiments.show', { id });
  const open = new Set(before.runs.filter(({ status }) => status !== 'completed').map((run) => run.id));
  if (open.size > 0) {
    await refuseWhilePaused(context);
    await tellMemory(context, before, open);
  }
  const started = open.size === 0 ? before : await call('experiments.start', { id });
  const watched = await watchRuns(
    context,
    started.runs.filter((run) => open.has(run.id)),
  );

  const document = {
    experiment: await call('experiments.show', { id }),
    comparison: await call('experiments.compare', { id }),
  };
  const unfinished = document.experiment.runs.filter(({ status }) => status !== 'completed');
  const isStopped = watched.signal !== null || unfinished.some(({ status }) => status === 'paused');
  if (unfinished.length > 0 && isStopped)
    return {
      document,
      text: restText(unfinished, `nora experiment run ${id}`),
      exitCode: exitCodeOfRest(unfinished, watched.signal),
    };
  return {
    document,
    text: comparisonText(document.comparison),
    exitCode: unfinished.length === 0 ? exitCodes.done : exitCodes.failed,
  };
};

import type { Experiment, ExperimentComparison } from '../api/contract.ts';
import type { CommandContext, Outcome } from './command.ts';
import { comparisonText } from './comparison-text.ts';
import { exitCodes } from './exit-codes.ts';
import { refuseWhilePaused } from './paused-queue.ts';
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
  if (watched.isInterrupted) {
    return {
      document,
      text: `Paused. Go on with: nora experiment run ${id}`,
      exitCode: exitCodes.interrupted,
    };
  }
  const isDone = document.experiment.runs.every(({ status }) => status === 'completed');
  return {
    document,
    text: comparisonText(document.comparison),
    exitCode: isDone ? exitCodes.done : exitCodes.failed,
  };
};

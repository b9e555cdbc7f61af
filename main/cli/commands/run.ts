import type { Command } from 'commander';
import type { Run, RunSummary } from '../../api/contract.ts';
import { addCommand } from '../command.ts';
import type { CommandContext } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { pickRun } from '../pick.ts';
import { accuracyText, bytesText, countText, lossText, secondsText, stepsText } from '../quantities.ts';
import { formatFields } from '../table.ts';
import { watchRuns } from '../watch-runs.ts';

/** A run is trained by the process that started it; here are the words for runs that none is training. */
export const addRunCommands = (program: Command): void => {
  const run = program.command('run').description('single runs, by id or as EXPERIMENT/CONFIGURATION');

  addCommand(run, {
    usage: 'show <run>',
    description: 'show one run',
    run: async (context, _, wanted = '') => {
      const shown = await find(context, wanted);
      return { document: shown, text: runText(shown) };
    },
  });

  addCommand(run, {
    usage: 'resume <run>',
    description: 'train it from its last checkpoint, or from the start; Ctrl-C pauses',
    run: async (context, _, wanted = '') => {
      const started = await context.call('runs.start', { id: (await find(context, wanted)).id });
      const { isInterrupted } = await watchRuns(context, [started]);
      const ended = await context.call('runs.show', { id: started.id });
      const exitCode = ended.status === 'completed' ? exitCodes.done : exitCodes.failed;
      return {
        document: ended,
        text: runText(ended),
        exitCode: isInterrupted ? exitCodes.interrupted : exitCode,
      };
    },
  });

  addCommand(run, {
    usage: 'cancel <run>',
    description: 'give a paused run up',
    run: async (context, _, wanted = '') => {
      const { id } = await find(context, wanted);
      await context.call('runs.cancel', { id });
      const ended = await context.workbench.waitForRun(id);
      return { document: ended, text: runText(ended) };
    },
  });
};

const find = async ({ call }: CommandContext, wanted: string): Promise<Run> =>
  pickRun(await call('experiments.list', {}), wanted);

const keptText = ({ count, best, last }: NonNullable<RunSummary['evaluations']>): string =>
  `step ${best.step}, the best of ${count} evaluations; ${lossText(last.loss)} after step ${last.step}`;

const runText = (run: Run): string => {
  const { summary } = run;
  return formatFields({
    id: run.id,
    configuration: run.configuration.name,
    method: run.configuration.adapter.method,
    status: run.status,
    step: stepsText(run),
    checkpoint: run.checkpointStep === null ? null : `step ${run.checkpointStep}`,
    loss: run.trainLoss === null ? null : lossText(run.trainLoss),
    'held-out loss': run.validationLoss === null ? null : lossText(run.validationLoss),
    'adapter of': summary?.evaluations?.saved === 'best' ? keptText(summary.evaluations) : null,
    'held-out accuracy': run.validationAccuracy === null ? null : accuracyText(run.validationAccuracy),
    'trained parameters': summary === null ? null : countText(summary.trainedParameters),
    'seconds per step': summary === null ? null : secondsText(summary.secondsPerStep),
    'peak memory': summary === null ? null : bytesText(summary.peakMemoryBytes),
    error: run.error,
    notices: run.notices.length === 0 ? null : run.notices.join('; '),
  });
};

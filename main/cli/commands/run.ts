import type { Command } from 'commander';
import { metricRegistry } from '../../api/contract.ts';
import type { KnownMetric, MetricName, Run, RunSummary } from '../../api/contract.ts';
import { addCommand } from '../command.ts';
import type { CommandContext } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { allRuns } from '../list-all.ts';
import { pickRun } from '../pick.ts';
import { metricText, stepsText } from '../quantities.ts';
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
  call('runs.show', { id: pickRun(await allRuns(call), wanted) });

/** Where the adapter is not the last step's. */
const keptText = (summary: RunSummary | null): string | null => {
  const { 'run/kept_step': step, 'run/evaluations': count, 'run/steps': last } = summary ?? {};
  if (step === undefined) return null;
  const loss = metricText({ unit: 'loss' }, summary?.['validation/loss/last']);
  return `step ${step}, the best of ${count} evaluations; ${loss} after step ${last}`;
};

/** The latest values that stand beside a run, then what it keeps in the end, then the other latest ones. */
const metricFields = ({ latest, summary }: Run): Record<string, string | null> => {
  const beside = metricRegistry.filter(({ shown }) => shown.beside);
  const kept = metricRegistry.filter((one) => !one.shown.beside && one.summary?.columns.length);
  const others = metricRegistry.filter((one) => !beside.includes(one) && !kept.includes(one));
  const fields = (metrics: readonly KnownMetric[], valueOf: (name: MetricName) => number | undefined) =>
    metrics.map((one): [string, string | null] => {
      const value = valueOf(one.name);
      return [one.label, value === undefined ? null : metricText(one, value)];
    });
  return Object.fromEntries([
    ...fields(beside, (name) => latest[name]),
    ['adapter of', keptText(summary)],
    ...fields(kept, (name) => summary?.[name] ?? latest[name]),
    ...fields(others, (name) => latest[name]),
  ]);
};

const runText = (run: Run): string =>
  formatFields({
    id: run.id,
    configuration: run.configuration.name,
    method: run.configuration.adapter.method,
    status: run.status,
    step: stepsText(run),
    checkpoint: run.checkpointStep === null ? null : `step ${run.checkpointStep}`,
    ...metricFields(run),
    error: run.error,
    notices: run.notices.length === 0 ? null : run.notices.join('; '),
  });

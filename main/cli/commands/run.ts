import type { Command } from 'commander';
import { metricRegistry } from '../../api/contract.ts';
import type { KnownMetric, MetricName, Run, RunRow, RunSummary } from '../../api/contract.ts';
import { invalidInput, WorkbenchError } from '../../engine/errors.ts';
import { deviceNames, type DeviceName } from '../../engine/runtime/device-names.ts';
import { addCommand } from '../command.ts';
import type { CommandContext } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { refuseWhilePaused } from '../paused-queue.ts';
import { allRuns } from '../list-all.ts';
import { wholeNumber } from '../numbers.ts';
import { pickRun, runName } from '../pick.ts';
import { metricText, plural, stepsText } from '../quantities.ts';
import { formatFields, formatTable } from '../table.ts';
import { exitCodeOfRest } from '../rest-text.ts';
import { runExperiment } from '../run-experiment.ts';
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

  addCommand<ListOptions>(run, {
    usage: 'list',
    description: 'show runs across experiments',
    options: {
      '--filter <filter>': 'as in: method = nora and validation/loss < 2.1 and not tag = best',
      '--sort <column>': 'by a column, the lowest first; with a - before it the highest',
      '--archived': 'those that are put away, too',
    },
    run: async ({ call }, { filter = '', sort, archived }) => {
      const descending = sort?.startsWith('-') ?? false;
      const runs = await allRuns(call, {
        filter,
        columns: ['validation/loss'],
        archived: archived ? 'shown' : 'hidden',
        ...(sort !== undefined && { sort: { column: sort.replace(/^-/, ''), descending } }),
      });
      return { document: runs, text: runs.length === 0 ? 'No runs.' : runsTable(runs) };
    },
  });

  addCommand<TagOptions>(run, {
    usage: 'tag <runs...>',
    description: 'put tags on runs, or take them off',
    options: { '--add <tags...>': 'to put on', '--remove <tags...>': 'to take off' },
    run: async (context, { add = [], remove = [] }, ...wanted) => {
      if (add.length + remove.length === 0)
        throw invalidInput('say which tags: --add best, or --remove best');
      const ids = await idsOf(context, wanted);
      const marked = await context.call('runs.tag', { ids, add: [...add], remove: [...remove] });
      return { document: marked, text: `Tagged ${plural(ids.length, 'run')}` };
    },
  });

  addCommand(run, {
    usage: 'note <run> <text>',
    description: 'keep a note with a run; an empty text takes it away',
    run: async (context, _, wanted = '', note = '') => {
      const [id = ''] = await idsOf(context, [wanted]);
      return { document: await context.call('runs.note', { id, note }), text: 'Noted' };
    },
  });

  addCommand(run, {
    usage: 'rename <run> <name>',
    description: 'call a run, its configuration and its adapter otherwise',
    run: async (context, _, wanted = '', name = '') => {
      const [id = ''] = await idsOf(context, [wanted]);
      return { document: await context.call('runs.rename', { id, name }), text: `Renamed to ${name}` };
    },
  });

  addCommand<ArchiveOptions>(run, {
    usage: 'archive <runs...>',
    description: 'put runs away; nothing is lost',
    options: { '--undo': 'take them out again' },
    run: async (context, { undo = false }, ...wanted) => {
      const ids = await idsOf(context, wanted);
      const marked = await context.call('runs.archive', { ids, archived: !undo });
      return { document: marked, text: `${undo ? 'Took out' : 'Put away'} ${plural(ids.length, 'run')}` };
    },
  });

  addCommand<DeviceOptions>(run, {
    usage: 'resume <run>',
    description: 'train it from its last checkpoint, or from the start; Ctrl-C pauses',
    options: { '--device <device>': deviceOption },
    run: async (context, { device }, wanted = '') => {
      await refuseWhilePaused(context);
      const { id } = await find(context, wanted);
      return trainToItsEnd(
        context,
        await context.call('runs.start', { id, ...(await onDevice(context, device)) }),
      );
    },
  });

  addCommand<StartOverOptions>(run, {
    usage: 'start-over <run>',
    description: 'give up all that it has done, and train it from step 0; Ctrl-C pauses',
    options: { '--yes': 'give it up without being asked', '--device <device>': deviceOption },
    run: async (context, { yes = false, device }, wanted = '') => {
      await refuseWhilePaused(context);
      const { id, step, configuration } = await find(context, wanted);
      if (!yes && step > 0)
        throw new WorkbenchError(
          'conflict',
          `starting "${configuration.name}" over gives up its ${plural(step, 'step')}; say --yes if that is meant`,
        );
      return trainToItsEnd(
        context,
        await context.call('runs.startOver', { id, ...(await onDevice(context, device)) }),
      );
    },
  });

  addCommand<ExtendOptions>(run, {
    usage: 'extend <run>',
    description:
      'go on from a completed run in a new one, with its optimizer and a schedule of its own; Ctrl-C pauses',
    options: {
      '--steps <count>': 'how many more',
      '--schedule <schedule>':
        'constant, linear or cosine, over those steps; as the run had it where not given',
      '--learning-rate <rate>': 'its highest; as the run had it where not given',
      '--warmup-steps <count>': 'steps over which the rate rises again',
    },
    run: async (context, options, wanted = '') => {
      await refuseWhilePaused(context);
      const id = pickRun(await allRuns(context.call), wanted);
      const made = await context.call('runs.extend', { id, ...extensionOf(options) });
      return runExperiment(context, made.id);
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

const trainToItsEnd = async (context: CommandContext, started: Run) => {
  const { signal } = await watchRuns(context, [started]);
  const ended = await context.call('runs.show', { id: started.id });
  const isDone = ended.status === 'completed';
  const exitCode = isDone ? exitCodes.done : exitCodeOfRest([ended], signal);
  return { document: ended, text: runText(ended), exitCode };
};

/** A checkpoint is the same on every device. */
const deviceOption = `on another device than so far: ${deviceNames.join(', ')}`;

interface DeviceOptions {
  readonly device?: string;
}

/** The devices are tried where that was not done yet: a run is not moved to one that turns out not to work. */
const onDevice = async (
  { call }: CommandContext,
  device: string | undefined,
): Promise<{ device?: DeviceName }> => {
  if (device === undefined) return {};
  const name = deviceNames.find((known) => known === device);
  if (name === undefined)
    throw new WorkbenchError(
      'invalid-input',
      `--device: expected ${deviceNames.join(', ')}, not "${device}"`,
    );
  if (name !== 'cpu') await call('devices.list', {});
  return { device: name };
};

interface StartOverOptions extends DeviceOptions {
  readonly yes?: true;
}

interface ExtendOptions {
  readonly steps?: string;
  readonly schedule?: string;
  readonly learningRate?: string;
  readonly warmupSteps?: string;
}

/** What is no number is refused by the contract, which names the field. */
const extensionOf = ({ steps, schedule, learningRate, warmupSteps }: ExtendOptions) => {
  if (steps === undefined) throw invalidInput('say how many more steps: --steps 100');
  return {
    steps: wholeNumber(steps, '--steps')!,
    ...(schedule !== undefined && { schedule: schedule as 'constant' | 'linear' | 'cosine' }),
    ...(learningRate !== undefined && { learningRate: Number(learningRate) }),
    ...(warmupSteps !== undefined && { warmupSteps: wholeNumber(warmupSteps, '--warmup-steps')! }),
  };
};

interface ListOptions {
  readonly filter?: string;
  readonly sort?: string;
  readonly archived?: true;
}

interface TagOptions {
  readonly add?: readonly string[];
  readonly remove?: readonly string[];
}

interface ArchiveOptions {
  readonly undo?: true;
}

const runsTable = (runs: readonly RunRow[]): string =>
  formatTable(runs, [
    { title: 'id', text: ({ id }) => id },
    { title: 'run', text: runName },
    { title: 'method', text: ({ method }) => method },
    { title: 'status', text: ({ status }) => status },
    {
      title: 'held-out loss',
      text: ({ values }) =>
        metricText({ unit: 'loss' }, (values['validation/loss'] as number | null) ?? undefined),
      isNumber: true,
    },
    { title: 'tags', text: ({ tags }) => tags.join(', ') },
    { title: 'note', text: ({ note }) => note },
  ]);

const idsOf = async ({ call }: CommandContext, wanted: readonly string[]): Promise<string[]> => {
  const rows = await allRuns(call);
  return wanted.map((one) => pickRun(rows, one));
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
    'goes on from': run.origin === undefined ? null : `${run.origin.name}, step ${run.origin.step}`,
    checkpoint: run.checkpointStep === null ? null : `step ${run.checkpointStep}`,
    ...metricFields(run),
    error: run.error,
    notices: run.notices.length === 0 ? null : run.notices.join('; '),
  });

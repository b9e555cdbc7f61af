import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { stringify } from 'yaml';
import { lengthText, metricRegistry } from '../../api/contract.ts';
import type {
  Experiment,
  ExperimentDefinition,
  ExperimentPreset,
  ExperimentSummary,
  Run,
} from '../../api/contract.ts';
import { invalidInput } from '../../engine/errors.ts';
import { addCommand } from '../command.ts';
import type { CommandContext } from '../command.ts';
import { readExperimentFile } from '../../services/experiments/experiment-file.ts';
import { findPreset } from '../../services/experiments/presets/index.ts';
import { givenPath } from '../../services/shared/given-path.ts';
import { allExperiments } from '../list-all.ts';
import { wholeNumber } from '../numbers.ts';
import { pick } from '../pick.ts';
import { metricText, stepsText, timeText } from '../quantities.ts';
import { runExperiment } from '../run-experiment.ts';
import { formatFields, formatTable } from '../table.ts';
import type { Column } from '../table.ts';

export const addExperimentCommands = (program: Command): void => {
  const experiment = program
    .command('experiment')
    .description('one model, one dataset, and the configurations to compare on them');

  addCommand<CreateOptions>(experiment, {
    usage: 'create <file-or-presets>',
    description: 'add the experiment that a YAML file describes, or one of published settings',
    options: createOptions,
    run: async (context, options, wanted = '') => {
      const created = await createFrom(context, wanted, options);
      return {
        document: created,
        text: `Created ${created.name}. Run it with: nora experiment run ${created.id}\n\n${experimentText(created)}`,
      };
    },
  });

  addCommand(experiment, {
    usage: 'presets [preset]',
    description: 'show settings that were published, or one of them with what is not as it was published',
    run: async ({ call }, _, wanted = '') => {
      const presets = await call('experiments.presets', {});
      if (wanted === '') return { document: presets, text: presetTable(presets) };
      const preset = presets.find(({ name }) => name === wanted) ?? findPreset(wanted);
      return { document: preset, text: presetText(preset) };
    },
  });

  addCommand<CreateOptions>(experiment, {
    usage: 'run <experiment-or-file>',
    description:
      'train what is not trained yet of an experiment, or of a new one by a file; Ctrl-C pauses, and with its id it goes on',
    options: createOptions,
    run: async (context, options, wanted = '') => {
      if (options.allowMemory && !isFile(wanted))
        throw invalidInput('--allow-memory: is for a file; an experiment keeps what it was created with');
      const chosen = isFile(wanted)
        ? await createFrom(context, wanted, options)
        : await find(context, wanted);
      return runExperiment(context, chosen.id);
    },
  });

  addCommand(experiment, {
    usage: 'status <experiment>',
    description: 'show one experiment and its runs',
    run: async (context, _, wanted = '') => {
      const shown = await find(context, wanted);
      return { document: shown, text: experimentText(shown) };
    },
  });

  addCommand(experiment, {
    usage: 'list',
    description: 'show all experiments',
    run: async ({ call }) => {
      const experiments = await allExperiments(call);
      return {
        document: experiments,
        text: experiments.length === 0 ? noExperiments : experimentTable(experiments),
      };
    },
  });

  addCommand(experiment, {
    usage: 'remove <experiment>',
    description: 'delete an experiment with its runs, checkpoints and adapters, for good',
    run: async (context, _, wanted = '') => {
      const { id, name } = await find(context, wanted);
      await context.call('experiments.remove', { id });
      return { document: { id }, text: `Removed ${name}` };
    },
  });
};

const find = async ({ call }: CommandContext, wanted: string): Promise<Experiment> =>
  call('experiments.show', { id: pick(await allExperiments(call), wanted, 'experiment').id });

interface CreateOptions {
  readonly allowMemory?: true;
  readonly model?: string;
  readonly dataset?: string;
  readonly shots?: string;
  readonly seed?: string;
}

const createOptions = {
  '--allow-memory': 'start its runs even where they are not expected to fit in memory',
  '--model <model>': 'of presets: the model',
  '--dataset <dataset>': 'of presets: the dataset',
  '--shots <number>': 'of presets: pictures of each class',
  '--seed <number>': 'of presets: the seed, by which shots are drawn, too',
};

const createFrom = async (
  context: CommandContext,
  wanted: string,
  options: CreateOptions,
): Promise<Experiment> => {
  const definition = isFile(wanted)
    ? readExperimentFile(givenPath(refuseOfPresets(wanted, options), '<file>'))
    : await fromPresets(context, wanted, options);
  const memoryCheck = options.allowMemory && { memoryCheck: 'off' as const };
  return context.call('experiments.create', {
    definition: { ...definition, training: { ...definition.training, ...memoryCheck } },
  });
};

const ofPresets = ['model', 'dataset', 'shots', 'seed'] as const;

/** @returns the file */
const refuseOfPresets = (file: string, options: CreateOptions): string => {
  const given = ofPresets.find((name) => options[name] !== undefined);
  if (given !== undefined) throw invalidInput(`--${given}: is for presets; a file says it itself`);
  return file;
};

const fromPresets = (
  { call }: CommandContext,
  wanted: string,
  { model, dataset, shots, seed }: CreateOptions,
): Promise<ExperimentDefinition> => {
  const presets = wanted.split(',').map((name) => findPreset(name.trim()).name);
  return call('experiments.fromPreset', {
    presets,
    model: required('--model', model),
    dataset: required('--dataset', dataset),
    ...(shots !== undefined && { shots: wholeNumber(shots, '--shots') }),
    ...(seed !== undefined && { seed: wholeNumber(seed, '--seed') }),
  });
};

const required = (option: string, value: string | undefined): string => {
  if (value !== undefined) return value;
  throw invalidInput(`${option}: a preset needs it; nora ${option.slice(2)} list shows what there is`);
};

const presetTable = (presets: readonly ExperimentPreset[]): string =>
  formatTable(presets, [
    { title: 'preset', text: ({ name }) => name },
    { title: 'what it is', text: ({ explanation }) => explanation },
  ]);

const presetText = ({ name, explanation, source, training, adapter, notes }: ExperimentPreset): string =>
  [
    formatFields({ preset: name, 'what it is': explanation, source }),
    stringify({ training, adapter }, { lineWidth: 0 }),
    ...notes.map((note) => `- ${note}`),
  ].join('\n');

/** A name that ends like a file is meant as one, so that a typing error is reported as such. */
const isFile = (wanted: string): boolean => /\.ya?ml$/i.test(wanted) || existsSync(wanted);

const noExperiments =
  'No experiments yet. Create one with: nora experiment create FILE.yaml, or try: nora demo';

const experimentTable = (experiments: readonly ExperimentSummary[]): string =>
  formatTable(experiments, [
    { title: 'id', text: ({ id }) => id },
    { title: 'name', text: ({ name }) => name },
    { title: 'model', text: ({ modelName }) => modelName },
    { title: 'dataset', text: ({ datasetName }) => datasetName },
    { title: 'runs', text: runsText },
    { title: 'created', text: ({ createdAt }) => timeText(createdAt) },
  ]);

const runsText = ({ statuses }: ExperimentSummary): string => {
  const runs = Object.values(statuses).reduce((sum, count) => sum + count, 0);
  return `${statuses.completed ?? 0} of ${runs} completed`;
};

const experimentText = (experiment: Experiment): string => {
  const fields = formatFields({
    id: experiment.id,
    name: experiment.name,
    model: experiment.modelName,
    dataset: experiment.datasetName,
    length: lengthText(experiment.definition.training),
    seed: String(experiment.definition.seed),
    date: experiment.definition.date,
    created: timeText(experiment.createdAt),
  });
  const runs = formatTable(experiment.runs, [
    { title: 'run', text: ({ id }) => id },
    { title: 'configuration', text: ({ configuration }) => configuration.name },
    { title: 'status', text: ({ status }) => status },
    { title: 'step', text: stepsText, isNumber: true },
    ...latestColumns(experiment.runs),
  ]);
  return [`${fields}\n\n${runs}`, ...experiment.runs.flatMap(remarksOf)].join('\n');
};

/** Those of the losses, and of what else the runs have. */
const latestColumns = (runs: readonly Run[]): Column<Run>[] =>
  metricRegistry
    .filter(
      ({ shown, group, name }) =>
        shown.beside && (group === 'loss' || runs.some(({ latest }) => name in latest)),
    )
    .map((entry) => ({
      title: entry.label,
      text: ({ latest }) => metricText(entry, latest[entry.name]),
      isNumber: true,
    }));

const remarksOf = ({ configuration: { name }, error, notices }: Run): string[] =>
  [...(error === null ? [] : [error]), ...notices].map((remark) => `${name}: ${remark}`);

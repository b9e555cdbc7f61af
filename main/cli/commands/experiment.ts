import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import { lengthText, metricRegistry } from '../../api/contract.ts';
import type { Experiment, ExperimentSummary, Run } from '../../api/contract.ts';
import { invalidInput } from '../../engine/errors.ts';
import { addCommand } from '../command.ts';
import type { CommandContext } from '../command.ts';
import { readExperimentFile } from '../../services/experiments/experiment-file.ts';
import { givenPath } from '../../services/shared/given-path.ts';
import { allExperiments } from '../list-all.ts';
import { pick } from '../pick.ts';
import { metricText, stepsText, timeText } from '../quantities.ts';
import { runExperiment } from '../run-experiment.ts';
import { formatFields, formatTable } from '../table.ts';
import type { Column } from '../table.ts';

export const addExperimentCommands = (program: Command): void => {
  const experiment = program
    .command('experiment')
    .description('one model, one dataset, and the configurations to compare on them');

  addCommand<MemoryOption>(experiment, {
    usage: 'create <file>',
    description: 'add the experiment that a YAML file describes',
    options: memoryOption,
    run: async (context, options, file = '') => {
      const created = await createFrom(context, file, options);
      return {
        document: created,
        text: `Created ${created.name}. Run it with: nora experiment run ${created.id}\n\n${experimentText(created)}`,
      };
    },
  });

  addCommand<MemoryOption>(experiment, {
    usage: 'run <experiment-or-file>',
    description: 'train what is not trained yet; Ctrl-C pauses, the same command goes on',
    options: memoryOption,
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

interface MemoryOption {
  readonly allowMemory?: true;
}

const memoryOption = { '--allow-memory': 'start its runs even where they are not expected to fit in memory' };

const createFrom = (
  { call }: CommandContext,
  file: string,
  { allowMemory }: MemoryOption,
): Promise<Experiment> => {
  const definition = readExperimentFile(givenPath(file, '<file>'));
  const training = { ...definition.training, ...(allowMemory && { memoryCheck: 'off' as const }) };
  return call('experiments.create', { definition: { ...definition, training } });
};

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

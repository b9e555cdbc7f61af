import type { Command } from 'commander';
import { existsSync } from 'node:fs';
import type { Comparison, ComparisonDefinition, ComparisonDesign } from '../../api/contract.ts';
import { invalidInput } from '../../engine/errors.ts';
import { addCommand } from '../command.ts';
import type { CommandContext, Outcome } from '../command.ts';
import { readComparisonFile } from '../../services/comparisons/comparison-file.ts';
import { comparisonStateText, comparisonTable, designText } from '../comparison-state-text.ts';
import { givenPath, givenSource } from '../../services/shared/given-path.ts';
import { itemsText } from '../items-text.ts';
import { allComparisons } from '../list-all.ts';
import { pick } from '../pick.ts';
import { comparisonDiagnosisText } from '../comparison-diagnosis-text.ts';
import { diagnoseComparison } from '../diagnose-comparison.ts';
import { runComparison } from '../run-comparison.ts';
import { formatTable } from '../table.ts';

export const addComparisonCommands = (program: Command): void => {
  const comparison = program
    .command('comparison')
    .description('arms trained from several seeds, scored on tasks, and held against each other');

  addCommand<AcceptOption>(comparison, {
    usage: 'create <file-or-template>',
    description: 'add the comparison that a YAML file describes, or a ready-made one',
    options: definitionOptions,
    run: async (context, options, wanted = '') => {
      const created = await createFrom(context, wanted, options);
      return {
        document: created,
        text: `Created ${created.name}. Run it with: nora comparison run ${created.id}\n\n${comparisonStateText(created)}`,
      };
    },
  });

  addCommand<AcceptOption>(comparison, {
    usage: 'design <file-or-template>',
    description: 'show what a comparison would come to: ranks that match, what stays unequal, its confounds',
    options: definitionOptions,
    run: async (context, options, wanted = '') => {
      const definition = await definitionOf(context, wanted, options);
      const design: ComparisonDesign = await context.call('comparisons.design', { definition });
      return { document: design, text: designText(design) };
    },
  });

  addCommand<AcceptOption>(comparison, {
    usage: 'run <comparison-or-file>',
    description:
      'tune, train and score what is not done yet of a comparison, or of a new one by a file; Ctrl-C pauses, and with its id it goes on',
    options: definitionOptions,
    run: async (context, options, wanted = '') => {
      const accept = namesIn(options.accept);
      return isFile(wanted)
        ? runNew(context, await createFrom(context, wanted, options), accept)
        : runComparison(context, await find(context, wanted), accept);
    },
  });

  addCommand(comparison, {
    usage: 'show <comparison>',
    description: 'show how far a comparison is, and what its arms are',
    run: async (context, _, wanted = '') => {
      const shown = await find(context, wanted);
      const diagnosis = await context.call('comparisons.diagnosis', { id: shown.id });
      const found = diagnosis === null ? [] : [comparisonDiagnosisText(diagnosis)];
      return {
        document: { ...shown, diagnosis },
        text: [comparisonStateText(shown), ...found].join('\n\n'),
      };
    },
  });

  addCommand(comparison, {
    usage: 'diagnose <comparison>',
    description: 'look into the adapters of a completed comparison, and keep what is found with it',
    run: async (context, _, wanted = '') => diagnoseComparison(context, await find(context, wanted)),
  });

  addCommand(comparison, {
    usage: 'list',
    description: 'show all comparisons',
    run: async ({ call }) => {
      const comparisons = await allComparisons(call);
      return {
        document: comparisons,
        text: comparisons.length === 0 ? noComparisons : comparisonTable(comparisons),
      };
    },
  });

  addCommand(comparison, {
    usage: 'templates',
    description: 'show the ready-made comparisons',
    run: async ({ call }) => {
      const templates = await call('comparisons.templates', {});
      const text = formatTable(templates, [
        { title: 'template', text: ({ name }) => name },
        { title: 'question', text: ({ description }) => description },
        { title: 'files', text: ({ tasks }) => tasks.map(({ name }) => name).join(', ') },
      ]);
      return { document: templates, text };
    },
  });

  addCommand<ItemsOptions>(comparison, {
    usage: 'items <comparison>',
    description: 'show what the base and every arm made of each item of a task',
    options: {
      '--task <name>': 'the task; the first with answers unless told otherwise',
      '--differing': 'only items on which arms from the same seed differ',
      '--cell <right=said>':
        'of pictures and classes: only items of the one class that --arm took for the other',
      '--arm <arm>': 'of --cell; the base model unless told otherwise',
      '--shots <count>': 'of --cell: the number of shots of the arm',
      '--offset <count>': 'items to pass over',
      '--limit <count>': 'items to show, 20 unless told otherwise',
    },
    run: async (context, { task, differing, offset, limit, ...cell }, wanted = '') => {
      const shown = await find(context, wanted);
      const page = await context.call('comparisons.items', {
        id: shown.id,
        task: task ?? taskWithAnswers(shown),
        onlyDiffering: differing === true,
        cell: cellOf(cell),
        offset: countIn('--offset', offset, 0),
        limit: countIn('--limit', limit, 20),
      });
      return { document: page, text: itemsText(page) };
    },
  });

  addCommand(comparison, {
    usage: 'remove <comparison>',
    description: 'delete a comparison with its runs, adapters and results',
    run: async (context, _, wanted = '') => {
      const { id, name } = await find(context, wanted);
      await context.call('comparisons.remove', { id });
      return { document: { id }, text: `Removed ${name}` };
    },
  });
};

/** What is refused before it starts leaves nothing behind: the mended file is run again, and is the only one of its name. */
const runNew = async (
  context: CommandContext,
  created: Comparison,
  accept: readonly string[],
): Promise<Outcome> => {
  try {
    return await runComparison(context, created, accept);
  } catch (error) {
    const { status } = await context.call('comparisons.show', { id: created.id });
    if (status === 'created') await context.call('comparisons.remove', { id: created.id });
    throw error;
  }
};

interface AcceptOption {
  readonly accept?: string;
  readonly model?: string;
  readonly dataset?: string;
  readonly files?: string;
}

interface ItemsOptions {
  readonly task?: string;
  readonly differing?: true;
  readonly cell?: string;
  readonly arm?: string;
  readonly shots?: string;
  readonly offset?: string;
  readonly limit?: string;
}

const definitionOptions = {
  '--accept <names>': 'confounds to accept, by their names, with commas between',
  '--model <model>': 'of a template: the model',
  '--dataset <dataset>': 'of a template: the dataset',
  '--files <task=file,...>': 'of a template: files of its tasks, by their names',
};

const noComparisons =
  'No comparisons yet. Create one with: nora comparison create FILE.yaml, or see: nora comparison templates';

const find = async ({ call }: CommandContext, wanted: string): Promise<Comparison> =>
  call('comparisons.show', { id: pick(await allComparisons(call), wanted, 'comparison').id });

const namesIn = (text: string | undefined): string[] =>
  (text ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');

const createFrom = async (
  context: CommandContext,
  wanted: string,
  options: AcceptOption,
): Promise<Comparison> => {
  const definition = await definitionOf(context, wanted, options);
  return context.call('comparisons.create', { definition });
};

/** Of a file, or of a template with a model and data. */
const definitionOf = async (
  { call }: CommandContext,
  wanted: string,
  { accept, model, dataset, files }: AcceptOption,
): Promise<ComparisonDefinition> => {
  const definition = isFile(wanted)
    ? readComparisonFile(givenPath(wanted, '<file>'))
    : await call('comparisons.fromTemplate', {
        template: wanted,
        model: required('--model', model),
        dataset: required('--dataset', dataset),
        files: filesIn(files),
      });
  return { ...definition, accepted: [...new Set([...definition.accepted, ...namesIn(accept)])] };
};

const required = (option: string, value: string | undefined): string => {
  if (value !== undefined) return value;
  throw invalidInput(`${option}: a template needs it; nora ${option.slice(2)} list shows what there is`);
};

const filesIn = (text: string | undefined): Record<string, string> =>
  Object.fromEntries(
    namesIn(text).map((entry) => {
      const at = entry.indexOf('=');
      if (at < 1) throw invalidInput(`--files: expected task=file, not "${entry}"`);
      return [entry.slice(0, at), givenSource(entry.slice(at + 1), '--files')];
    }),
  );

/** @throws WorkbenchError where it names no two classes */
const cellOf = ({ cell, arm, shots }: Pick<ItemsOptions, 'cell' | 'arm' | 'shots'>) => {
  if (cell === undefined) {
    if (arm === undefined && shots === undefined) return null;
    throw invalidInput('--arm, --shots: say of which cell, as --cell right=said');
  }
  const at = cell.indexOf('=');
  if (at < 1) throw invalidInput(`--cell: expected right=said, not "${cell}"`);
  const [expected, answer] = [cell.slice(0, at), cell.slice(at + 1)];
  return {
    expected,
    answer,
    arm: arm ?? null,
    shots: shots === undefined ? null : countIn('--shots', shots, 0),
  };
};

const countIn = (option: string, text: string | undefined, otherwise: number): number => {
  if (text === undefined) return otherwise;
  const count = Number(text);
  if (!Number.isSafeInteger(count) || count < 0)
    throw invalidInput(`${option}: expected a whole number, not "${text}"`);
  return count;
};

const taskWithAnswers = ({ definition }: Comparison): string =>
  (definition.tasks.find(({ kind }) => kind !== 'held-out' && kind !== 'text') ?? definition.tasks[0]!).name;

/** A name that ends like a file is meant as one, so that a typing error is reported as such. */
const isFile = (wanted: string): boolean => /\.ya?ml$/i.test(wanted) || existsSync(wanted);

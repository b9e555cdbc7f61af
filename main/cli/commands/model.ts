import type { Command } from 'commander';
import type { Model, ModelCheck } from '../../api/contract.ts';
import { someOf } from '../../engine/data/examples/class-labels.ts';
import { WorkbenchError } from '../../engine/errors.ts';
import { addCommand, type CommandContext } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import { followReading } from '../follow-reading.ts';
import { givenSource } from '../../services/shared/given-path.ts';
import { partsTable } from '../model-parts-table.ts';
import { pick } from '../pick.ts';
import { bytesText, countText, timeText } from '../quantities.ts';
import { formatFields, formatTable } from '../table.ts';

export const addModelCommands = (program: Command): void => {
  const model = program.command('model').description('the models in the library');

  addCommand<{ name?: string }>(model, {
    usage: 'import <folder>',
    description:
      'add a Hugging Face model folder, a pipeline of diffusers, or a .safetensors with a whole diffusion model; it stays where it is',
    options: { '--name <name>': 'what to call it; the name of the folder otherwise' },
    run: async (context, { name }, folder = '') => {
      const directory = givenSource(folder, '<folder>');
      const imported = await followReading(context, (job) =>
        context.call('models.import', { directory, name, job }),
      );
      return { document: imported, text: `Imported.\n\n${await modelText(context, imported)}` };
    },
  });

  addCommand(model, {
    usage: 'list',
    description: 'show what is in the library',
    run: async ({ call }) => {
      const models = await call('models.list', {});
      return { document: models, text: models.length === 0 ? noModels : modelTable(models) };
    },
  });

  addCommand(model, {
    usage: 'show <model>',
    description: 'show one model and the layers that adapters can target',
    run: async (context, _, wanted = '') => {
      const shown = pick(await context.call('models.list', {}), wanted, 'model');
      return { document: shown, text: await modelText(context, shown) };
    },
  });

  addCommand(model, {
    usage: 'verify <model>',
    description: 'read every file of a model anew and say which hold what they held at import',
    run: async (context, _, wanted = '') => {
      const { id } = pick(await context.call('models.list', {}), wanted, 'model');
      const check = await followReading(context, (job) => context.call('models.verify', { id, job }));
      const exitCode = check.unchanged ? exitCodes.done : exitCodes.badInput;
      return { document: check, text: checkText(check), exitCode };
    },
  });

  addCommand(model, {
    usage: 'remove <model>',
    description: 'take a model out of the library; its files stay',
    run: async ({ call }, _, wanted = '') => {
      const { id, name, directory } = pick(await call('models.list', {}), wanted, 'model');
      await call('models.remove', { id });
      return { document: { id }, text: `Removed ${name}. Its files are still in ${directory}` };
    },
  });
};

const shortHash = (hash: string | null): string => hash?.slice(0, 12) ?? '–';

const checkText = ({ name, files, problem, recordedNow }: ModelCheck): string => {
  const table = formatTable(files, [
    { title: 'file', text: (file) => file.name },
    { title: 'what', text: ({ kind }) => kind },
    { title: 'state', text: ({ state }) => state },
    { title: 'was', text: ({ was }) => shortHash(was) },
    { title: 'is', text: ({ is }) => shortHash(is) },
  ]);
  if (problem !== null) return `${table}\n\n${problem}`;
  return recordedNow
    ? `${table}\n\n${name} came into the library before the contents of its files were kept: they count from now on as they are.`
    : `${table}\n\n${name} is as it was imported.`;
};

/** What is said of a target beside its name: all-linear takes the hidden ones. */
const roles = {
  hidden: '',
  embedding: 'embedding, by name',
  head: 'head, by name',
  convolution: 'convolution, by name',
} as const;

const classesText = ({ classNames, newModules }: NonNullable<Model['classifier']>): string => {
  if (classNames !== null) return someOf(classNames);
  return newModules.length === 0
    ? 'without names'
    : `as the data has them: ${newModules.join(' and ')} made new, to be trained whole (modulesToSave)`;
};

const noModels = 'No models yet. Add one with: nora model import FOLDER';

const modelTable = (models: readonly Model[]): string =>
  formatTable(models, [
    { title: 'id', text: ({ id }) => id },
    { title: 'name', text: ({ name }) => name },
    { title: 'architecture', text: ({ architecture }) => architecture },
    { title: 'parameters', text: ({ parameters }) => countText(parameters), isNumber: true },
    { title: 'dtype', text: ({ dtype }) => dtype },
    { title: 'size', text: ({ bytes }) => bytesText(bytes), isNumber: true },
  ]);

/** Of a model that draws its layers are told by its parts, as far as its folder can be read now. */
const layersText = async (
  { call }: Pick<CommandContext, 'call'>,
  { id, objective, targetModules }: Model,
): Promise<string> => {
  if (objective !== 'noise') return targetsTable(targetModules);
  try {
    return partsTable(await call('models.parts', { id }));
  } catch (error) {
    if (!(error instanceof WorkbenchError)) throw error;
    return `${error.message}\n\n${targetsTable(targetModules)}`;
  }
};

const targetsTable = (targetModules: Model['targetModules']): string =>
  formatTable(targetModules, [
    { title: 'target module', text: ({ name }) => name },
    { title: 'what', text: ({ role = 'hidden' }) => roles[role] },
    { title: 'times', text: ({ count }) => countText(count), isNumber: true },
    {
      title: 'out x in',
      text: ({ outFeatures, inFeatures }) => `${outFeatures} x ${inFeatures}`,
      isNumber: true,
    },
  ]);

const modelText = async (context: Pick<CommandContext, 'call'>, model: Model): Promise<string> => {
  const fields = formatFields({
    id: model.id,
    name: model.name,
    folder: model.directory,
    architecture: model.architecture,
    parameters: countText(model.parameters),
    dtype: model.dtype,
    size: bytesText(model.bytes),
    layers: countText(model.layers),
    'hidden size': countText(model.hiddenSize),
    vocabulary: countText(model.vocabularySize),
    'longest input': `${countText(model.maximumPositions)} tokens`,
    'chat template': model.hasChatTemplate ? 'yes' : 'no',
    classes: model.classifier && classesText(model.classifier),
    content: model.contentHash && `sha256 ${shortHash(model.contentHash)}`,
    added: timeText(model.createdAt),
  });
  const layers = await layersText(context, model);
  const notices = model.notices.map((notice) => `${notice}\n`).join('');
  return `${fields}\n\n${notices === '' ? '' : `${notices}\n`}${layers}`;
};

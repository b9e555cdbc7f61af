import type { Command } from 'commander';
import type { Adapter } from '../../api/contract.ts';
import { invalidInput } from '../../engine/errors.ts';
import { addCommand } from '../command.ts';
import { followReading } from '../follow-reading.ts';
import { givenSource } from '../../services/shared/given-path.ts';
import { allAdapters } from '../list-all.ts';
import { pick } from '../pick.ts';
import { countText, timeText } from '../quantities.ts';
import { formatFields, formatTable } from '../table.ts';

interface ImportOptions {
  readonly model?: string;
  readonly name?: string;
  readonly residualBase?: true;
}

export const addAdapterCommands = (program: Command): void => {
  const adapter = program.command('adapter').description('adapters that runs trained, and imported ones');

  addCommand<ImportOptions>(adapter, {
    usage: 'import <folder>',
    description:
      'take in an adapter that PEFT saved, or a file of LoRA in the form of kohya or diffusers, checked on its model',
    options: {
      '--model <model>': 'the model that it was trained on',
      '--name <name>': 'what to call it; the name of the folder otherwise',
      '--residual-base':
        'the model has given up already what the adapter starts from (the base that PEFT saved beside PiSSA, OLoRA or CorDA)',
    },
    run: async (context, { model, name, residualBase = false }, folder = '') => {
      if (model === undefined) throw invalidInput('--model: name the model that the adapter was trained on');
      const { id: modelId } = pick(await context.call('models.list', {}), model, 'model');
      const directory = givenSource(folder, '<folder>');
      const imported = await followReading(context, (job) =>
        context.call('adapters.import', { directory, modelId, name, onResidualBase: residualBase, job }),
      );
      return { document: imported, text: `Imported.\n\n${adapterText(imported)}` };
    },
  });

  addCommand(adapter, {
    usage: 'list',
    description: 'show what there is',
    run: async ({ call }) => {
      const adapters = await allAdapters(call);
      return { document: adapters, text: adapters.length === 0 ? noAdapters : adapterTable(adapters) };
    },
  });

  addCommand(adapter, {
    usage: 'show <adapter>',
    description: 'show one adapter and its settings',
    run: async ({ call }, _, wanted = '') => {
      const shown = pick(await allAdapters(call), wanted, 'adapter');
      return { document: shown, text: adapterText(shown) };
    },
  });

  addCommand(adapter, {
    usage: 'remove <adapter>',
    description: 'take an imported adapter out of the library; the folder it came from stays',
    run: async ({ call }, _, wanted = '') => {
      const { id, name } = pick(await allAdapters(call), wanted, 'adapter');
      await call('adapters.remove', { id });
      return { document: { id }, text: `Removed ${name}.` };
    },
  });
};

const noAdapters =
  'No adapters yet. Runs leave theirs here; take in one of PEFT with: nora adapter import FOLDER --model MODEL';

const adapterTable = (adapters: readonly Adapter[]): string =>
  formatTable(adapters, [
    { title: 'id', text: ({ id }) => id },
    { title: 'name', text: ({ name }) => name },
    { title: 'method', text: ({ method }) => method },
    { title: 'model', text: ({ modelName }) => modelName },
    { title: 'from', text: originText },
    { title: 'trained', text: ({ trainedParameters }) => countText(trainedParameters), isNumber: true },
  ]);

const originText = ({ runId, parts }: Adapter): string => {
  if (parts !== null) return 'a sum';
  return runId === null ? 'imported' : 'a run';
};

const sumText = (parts: NonNullable<Adapter['parts']>): string =>
  parts.map(({ name, weight }) => `${weight} x ${name}`).join(' + ');

const adapterText = (adapter: Adapter): string =>
  formatFields({
    id: adapter.id,
    name: adapter.name,
    model: adapter.modelName,
    from: adapter.parts === null ? (adapter.source ?? `the run ${adapter.runId}`) : sumText(adapter.parts),
    folder: adapter.directory,
    trained: countText(adapter.trainedParameters),
    added: timeText(adapter.createdAt),
    ...Object.fromEntries(
      Object.entries(adapter.settings).map(([field, value]) => [
        field,
        typeof value === 'string' ? value : JSON.stringify(value),
      ]),
    ),
  });

import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { AdapterDescription } from '../../main/engine/adapters/description/adapter-description.ts';
import { outerRank } from '../../main/engine/adapters/layer/layer-adapter.ts';
import { selectTargets } from '../../main/engine/adapters/layer/target-modules.ts';
import { methods } from '../../main/engine/adapters/methods/index.ts';
import {
  adapterSettingsSchema,
  describeAdapter,
  type AdapterMethod,
  type AdapterSettings,
} from '../../main/engine/adapters/settings/adapter-settings.ts';
import { foldResidual } from '../../main/engine/adapters/layer/fold.ts';
import { mergedFolder } from '../../main/engine/adapters/folder/merged-folder.ts';
import type { ResidualForm } from '../../main/engine/peft/form.ts';
import { peftContents } from '../../main/engine/peft/index.ts';
import { writeModelFolder } from '../../main/engine/formats/model-folder-writer.ts';
import { initialiseAdapter } from '../../main/engine/init/initialise-adapter.ts';
import { kaimingUniform } from '../../main/engine/init/kaiming.ts';
import type { OuterParts } from '../../main/engine/init/outer-input.ts';
import { calibrationOf } from '../../main/engine/init/outer-parts.ts';
import { createRandom } from '../../main/engine/random.ts';
import type { PeftContents } from '../../main/engine/peft/folder.ts';
import type { LinearLayer } from '../../main/engine/models/architecture.ts';
import { openModel, type Model } from '../../main/engine/models/model.ts';
import { readBatches } from '../numeric/golden/golden-folder.ts';
import { movedAdapter } from '../support/moved-adapter.ts';
import { logitsOf } from './logits.ts';

/** Adapters of every method on tiny models, the same on every machine. */
export const modelFixtures = join(import.meta.dirname, '../numeric/fixtures');
export const architectures = ['llama', 'gpt2', 'gemma2', 'phi3', 'bert_cls', 'roberta_cls'] as const;

const small = { rank: 4, alpha: 8, targetRank: 3, outerRank: 16, innerRank: 4, rho: 1 };
const settingsOf = (method: AdapterMethod): object => {
  const { shape } = methods[method].schema;
  return { method, ...Object.fromEntries(Object.entries(small).filter(([name]) => name in shape)) };
};
const adapterMethods = (Object.keys(methods) as AdapterMethod[]).filter((method) => method !== 'full');
const nora = settingsOf('nora');

/** Settings by a name of their own: every method, and shapes that are written in another way. */
const tries: Readonly<Record<string, object>> = {
  ...Object.fromEntries(adapterMethods.map((method) => [method, settingsOf(method)])),
  'lora-patterns': {
    method: 'lora',
    rank: 4,
    alpha: 8,
    dropout: 0.1,
    rankPattern: { 'layers.0.mlp.up_proj': 6, c_fc: 3 },
    alphaPattern: { 'layers.1.mlp.*': 5, c_fc: 9 },
  },
  'nora-official': { ...nora, preset: 'official-code', residualBase: true },
  'nora-dora': { ...nora, magnitude: true },
};

/** Of an embedding's inputs nobody holds all products. */
const canBeOnTables = (settings: object): boolean => {
  const { statistics } = calibrationOf(describeAdapter(adapterSettingsSchema.parse(settings)));
  return !statistics.includes('second-moment');
};
/** The same on embeddings and the head of a language model. */
const onTables = new Map(
  Object.entries(tries).flatMap(([name, settings]) =>
    canBeOnTables(settings) && name !== 'lora-patterns' ? [[`${name}-tables`, settings]] : [],
  ),
);

export const tried: readonly string[] = [...Object.keys(tries), ...onTables.keys()];

const settingsFor = (name: string, { targetLayers, architecture }: Model): AdapterSettings => {
  const settings = onTables.get(name);
  if (settings === undefined) return adapterSettingsSchema.parse(tries[name]);
  const isTable = ({ role }: LinearLayer): boolean =>
    role === 'embedding' || (role === 'head' && architecture.objective === 'next-token');
  const targetModules = targetLayers.filter(isTable).map(({ module }) => module);
  return adapterSettingsSchema.parse({ ...settings, targetModules });
};

/**
 * Factors in the place of what a decomposition gives, whose signs are its own and whose rounding is the machine's: what is exported
 * does not ask where they are from.
 */
const drawnParts = (
  description: AdapterDescription,
  layers: readonly LinearLayer[],
): ReadonlyMap<LinearLayer, OuterParts> =>
  new Map(
    layers.map((layer, at) => {
      const rank = outerRank(description.outer, layer);
      const [a, b] = [
        kaimingUniform(rank, layer.inFeatures, createRandom(5, at)),
        kaimingUniform(layer.outFeatures, rank, createRandom(6, at)),
      ];
      return [layer, { a, b }];
    }),
  );

/** A folder that PEFT is given, by its name beside the logits. */
export type FormName = 'adapter' | 'adapter-on-base';

export interface ExportedAdapter {
  readonly forms: ReadonlyMap<FormName, PeftContents>;
  /** Of the first batch. */
  readonly logits: Float32Array;
  /** Writes what is left of the model for the form on a residual base. */
  readonly writeBase: (directory: string) => Promise<void>;
}

const residualOf: Readonly<Record<FormName, ResidualForm>> = {
  adapter: 'in-adapter',
  'adapter-on-base': 'in-base',
};

/** An adapter after a change to every trained number. */
export const exportedAdapter = async (architecture: string, method: string): Promise<ExportedAdapter> => {
  const model = openModel(join(modelFixtures, architecture, 'model'));
  const batches = readBatches(join(modelFixtures, architecture));
  const settings = settingsFor(method, model);
  const description = describeAdapter(settings);
  const layers = selectTargets(model.targetLayers, settings);
  const parts = drawnParts(description, layers);
  const start = await initialiseAdapter({ model, description, layers, seed: 3, parts });
  const { moved } = movedAdapter({
    model,
    adapter: { description, layers, values: start },
    trainedWeights: [],
  });
  const { values } = moved.adapter;
  const names: FormName[] = description.residual ? ['adapter', 'adapter-on-base'] : ['adapter'];
  return {
    forms: new Map(
      names.map((name) => [
        name,
        peftContents({
          adapter: { settings, layers, weights: [], values },
          model,
          baseModel: null,
          residual: residualOf[name],
        }),
      ]),
    ),
    logits: await logitsOf(moved, batches[0]!),
    writeBase: async (destination) => {
      const given = layers.flatMap((layer) => foldResidual(description, layer, values) ?? []);
      const { changes } = mergedFolder(model, given, { whole: [], values });
      await writeModelFolder({ source: model.folder, destination, ...changes });
    },
  };
};

/** Everything of a written folder but its numbers: settings, names, shapes. */
export const formOf = ({ config, tensors }: PeftContents): string => {
  const shapes = tensors.map(({ name, dtype, shape }) => [name, dtype, shape]).sort();
  const settings = Object.entries(config).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([settings, shapes]))
    .digest('hex');
};

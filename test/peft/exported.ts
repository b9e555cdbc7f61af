import { createHash } from 'node:crypto';
import { join } from 'node:path';
import {
  adapterSettingsSchema,
  describeAdapter,
  type AdapterSettings,
} from '../../main/engine/adapters/settings/adapter-settings.ts';
import { foldResidual } from '../../main/engine/adapters/layer/fold.ts';
import { mergedFolder } from '../../main/engine/adapters/folder/merged-folder.ts';
import type { ResidualForm } from '../../main/engine/peft/form.ts';
import { peftContents } from '../../main/engine/peft/index.ts';
import { writeModelFolder } from '../../main/engine/formats/model-folder-writer.ts';
import type { PeftContents } from '../../main/engine/peft/folder.ts';
import type { LinearLayer } from '../../main/engine/models/architecture.ts';
import { openModel, type Model } from '../../main/engine/models/model.ts';
import { readBatches } from '../numeric/golden/golden-folder.ts';
import { movedAdapter, startedAdapter } from '../support/moved-adapter.ts';
import { logitsOf } from './logits.ts';

/** Adapters of every method on tiny models, the same on every machine but for the signs of singular vectors. */
export const modelFixtures = join(import.meta.dirname, '../numeric/fixtures');
export const architectures = ['llama', 'gpt2', 'gemma2', 'phi3', 'bert_cls', 'roberta_cls'] as const;

const nora = { method: 'nora', outerRank: 16, innerRank: 4, alpha: 8 };
/** Settings by a name of their own. */
const methods: Readonly<Record<string, object>> = {
  lora: { method: 'lora', rank: 4, alpha: 8, dropout: 0.1 },
  'lora-patterns': {
    method: 'lora',
    rank: 4,
    alpha: 8,
    rankPattern: { 'layers.0.mlp.up_proj': 6, c_fc: 3 },
    alphaPattern: { 'layers.1.mlp.*': 5, c_fc: 9 },
  },
  loraplus: { method: 'loraplus', rank: 4, alpha: 8 },
  lorafa: { method: 'lorafa', rank: 4, alpha: 8 },
  rslora: { method: 'rslora', rank: 4, alpha: 8 },
  dora: { method: 'dora', rank: 4, alpha: 8 },
  pissa: { method: 'pissa', rank: 4, alpha: 8 },
  olora: { method: 'olora', rank: 4, alpha: 8 },
  milora: { method: 'milora', rank: 4, alpha: 8 },
  eva: { method: 'eva', rank: 4, alpha: 8, rho: 1 },
  corda: { method: 'corda', rank: 4, alpha: 8 },
  loraxs: { method: 'loraxs', rank: 8, alpha: 8 },
  vera: { method: 'vera', rank: 16 },
  adalora: { method: 'adalora', rank: 6, targetRank: 3, alpha: 8 },
  nora,
  'nora-official': { ...nora, preset: 'official-code', residualBase: true },
  'nora-dora': { ...nora, magnitude: true },
};
/** Those that are tried on embeddings and the head of a language model too. */
const ofTables = ['lora', 'rslora', 'dora', 'pissa', 'loraxs', 'vera', 'adalora', 'nora', 'nora-dora'];

const onTables = new Map(ofTables.map((method) => [`${method}-tables`, method]));

export const tried: readonly string[] = [...Object.keys(methods), ...onTables.keys()];

const settingsOf = (name: string, { targetLayers, architecture }: Model): AdapterSettings => {
  const method = onTables.get(name);
  if (method === undefined) return adapterSettingsSchema.parse(methods[name]);
  const isTable = ({ role }: LinearLayer): boolean =>
    role === 'embedding' || (role === 'head' && architecture.task === 'causal-lm');
  const targetModules = targetLayers.filter(isTable).map(({ module }) => module);
  return adapterSettingsSchema.parse({ ...methods[method], targetModules });
};

/** A folder that PEFT is given, by its name beside the logits. */
export type FormName = 'adapter' | 'adapter-on-base';

export interface ExportedAdapter {
  readonly forms: ReadonlyMap<FormName, PeftContents>;
  /** Of the first batch. */
  readonly logits: Float32Array;
  /** Whether its start decomposes weights: then its numbers depend on signs that are arbitrary. */
  readonly decomposes: boolean;
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
  const settings = settingsOf(method, model);
  const description = describeAdapter(settings);
  const start = await startedAdapter(model, batches, settings);
  const { moved } = movedAdapter(start);
  const { layers, values } = moved.adapter;
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
    decomposes: description.outer.initialisation.source !== null,
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

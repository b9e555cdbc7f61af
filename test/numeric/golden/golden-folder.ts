import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import {
  adapterSettingsSchema,
  describeAdapter,
  type AdapterSettings,
} from '../../../main/engine/adapters/settings/adapter-settings.ts';
import type { ImportedAdapter } from '../../../main/engine/peft/form.ts';
import { readPeft } from '../../../main/engine/peft/index.ts';
import type { FactorValues } from '../../../main/engine/adapters/layer/layer-adapter.ts';
import { selectTargets } from '../../../main/engine/adapters/layer/target-modules.ts';
import { invalidInput } from '../../../main/engine/errors.ts';
import { readSafetensorsHeader, readTensorFloat32 } from '../../../main/engine/formats/safetensors.ts';
import { completeAdapter } from '../../../main/engine/init/complete-adapter.ts';
import type { Model } from '../../../main/engine/models/model.ts';
import type { AdapterState } from '../../../main/engine/train/model/trained-model.ts';
import { tokenBatch, type TokenBatch } from '../../../main/engine/data/batches/token-batch.ts';

/** One architecture's folder of reference numbers; the form is that of transformers, PEFT and PyTorch runs, see README.md here. */
const expectedSchema = z.object({
  loss: z.number(),
  optimizer: z.object({
    lr: z.number(),
    betas: z.tuple([z.number(), z.number()]),
    eps: z.number(),
    weight_decay: z.number(),
  }),
  clip_grad_norm: z.number().nullable(),
  methods: z.record(
    z.string(),
    z.object({ losses: z.array(z.number()), grad_norms: z.array(z.number()), trainable: z.int() }),
  ),
});
export type Expected = z.output<typeof expectedSchema>;

const batchesSchema = z.array(
  z.object({
    input_ids: z.array(z.array(z.int())),
    attention_mask: z.array(z.array(z.int())),
    /** One for each token, or a class for each row. */
    labels: z.union([z.array(z.array(z.int())), z.array(z.int())]),
  }),
);

const noraConfigSchema = z.object({
  awsvd_statistic: z.literal('mean_abs'),
  awsvd_exponent: z.number(),
  scale_floor: z.number(),
  outer_rank: z.int(),
  inner_rank: z.int(),
  alpha: z.number(),
  scaling: z.literal('alpha/inner_rank'),
  targets: z.array(z.string()),
});

const readJson = <T>(file: string, schema: z.ZodType<T>): T => {
  if (!existsSync(file)) throw invalidInput(`${file}: no such file`);
  const parsed = schema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  if (parsed.success) return parsed.data;
  throw invalidInput(
    `${file}: ${parsed.error.issues[0]?.path.join('.') ?? ''}: ${parsed.error.issues[0]?.message ?? 'not valid'}`,
  );
};

export const readExpected = (folder: string): Expected =>
  readJson(join(folder, 'expected.json'), expectedSchema);

/** Labels in these files stand at their own token, as transformers takes them; -100 is no loss. */
const noLabel = -100;

export const readBatches = (folder: string): TokenBatch[] =>
  readJson(join(folder, 'batches.json'), batchesSchema).map(
    ({ input_ids: ids, attention_mask: mask, labels }) => {
      const sequence = ids[0]?.length ?? 0;
      const flat = (rows: number[][]): BigInt64Array => BigInt64Array.from(rows.flat(), BigInt);
      const labelled = labels.flatMap((row, b) =>
        typeof row === 'number'
          ? [{ row: b * sequence, label: row }]
          : row.flatMap((label, t) =>
              t > 0 && label !== noLabel ? [{ row: b * sequence + t - 1, label }] : [],
            ),
      );
      return tokenBatch({
        inputIds: flat(ids),
        attentionMask: flat(mask),
        positionIds: BigInt64Array.from({ length: ids.length * sequence }, (_, at) => BigInt(at % sequence)),
        segmentIds: new BigInt64Array(ids.length * sequence),
        tokenTypes: new BigInt64Array(ids.length * sequence),
        labelRows: BigInt64Array.from(labelled, ({ row }) => BigInt(row)),
        labelTargets: BigInt64Array.from(labelled, ({ label }) => BigInt(label)),
        batch: ids.length,
        sequence,
        tokens: mask.flat().reduce((sum, one) => sum + one, 0),
      });
    },
  );

/** The only tensor of a file. */
export const readSingleTensor = (file: string): Float32Array => {
  const header = readSafetensorsHeader(file);
  const [name] = header.tensors.keys();
  if (name === undefined) throw invalidInput(`${file}: no tensor`);
  return readTensorFloat32(header, name);
};

/** An adapter before its first step, as the reference saved it. */
export interface GoldenAdapter {
  readonly settings: AdapterSettings;
  readonly start: AdapterState;
  /** The floor under the activation scale, for methods that have one. */
  readonly scaleFloor: number;
}

type ReadAdapter = (folder: string, model: Model) => Promise<GoldenAdapter>;

const started = async (model: Model, imported: ImportedAdapter): Promise<GoldenAdapter> => {
  const { settings, layers } = imported;
  const description = describeAdapter(settings);
  const values = await completeAdapter(model, imported);
  return { settings, start: { description, layers, values }, scaleFloor: 0 };
};

/** The layers are those the adapter has tensors for, however its configuration named them. */
const readPlain: ReadAdapter = (folder, model) =>
  started(model, readPeft(join(folder, 'init'), model.targetLayers));

/** The base gave up the very product that the file starts from. */
const readResidual: ReadAdapter = async (folder, model) => {
  const lora = readPeft(join(folder, 'init'), model.targetLayers);
  const values: FactorValues = {
    get: (key) => lora.values.get(key.replace(/\.residual_([AB])$/, '.lora_$1')),
  };
  return started(model, { ...lora, values });
};

/** The same file as LoRA's: the ratio of the learning rates is not in it. */
const readLoraPlus: ReadAdapter = (folder, model) => {
  const lora = readPeft(join(folder, 'init'), model.targetLayers);
  const settings = adapterSettingsSchema.parse({
    ...lora.settings,
    method: 'loraplus',
    learningRateRatio: 4,
  });
  return started(model, { ...lora, settings });
};

/** The same file again, A frozen. */
const readLoraFa: ReadAdapter = (folder, model) => {
  const lora = readPeft(join(folder, 'init'), model.targetLayers);
  return started(model, {
    ...lora,
    settings: adapterSettingsSchema.parse({ ...lora.settings, method: 'lorafa' }),
  });
};

/** A and B in these files are the outer factors. */
const noraValues = (file: string): FactorValues => {
  const header = readSafetensorsHeader(file);
  return new Map(
    [...header.tensors.keys()].map((name) => [
      name.replace(/\.([AB])$/, '.lora_$1'),
      readTensorFloat32(header, name),
    ]),
  );
};

const readNora: ReadAdapter = async (folder, model) => {
  const config = readJson(join(folder, 'nora_config.json'), noraConfigSchema);
  const settings = adapterSettingsSchema.parse({
    method: 'nora',
    outerRank: config.outer_rank,
    innerRank: config.inner_rank,
    alpha: config.alpha,
    exponent: config.awsvd_exponent,
    targetModules: config.targets,
  });
  return {
    settings,
    start: {
      description: describeAdapter(settings),
      layers: selectTargets(model.targetLayers, settings),
      values: noraValues(join(folder, 'init.safetensors')),
    },
    scaleFloor: config.scale_floor,
  };
};

/** The methods the engine can be held to, each with how its folder is read. */
export const goldenMethods: Readonly<Record<string, ReadAdapter>> = {
  lora: readPlain,
  lora_embeddings: readPlain,
  dora_embeddings: readPlain,
  rslora: readPlain,
  dora: readPlain,
  pissa: readResidual,
  olora: readResidual,
  loraplus: readLoraPlus,
  lorafa: readLoraFa,
  mica: readPlain,
  adalora: readPlain,
  vera: readPlain,
  nora: readNora,
  lora_convolutions: readPlain,
  dora_convolutions: readPlain,
  nora_convolutions: readNora,
  lora_texts: readPlain,
  nora_texts: readNora,
};

/** Architecture folders below `directory`, or the directory itself where it is one. */
export const architectureFolders = (directory: string): { name: string; folder: string }[] => {
  if (existsSync(join(directory, 'expected.json')))
    return [{ name: directory.split(/[\\/]/).filter(Boolean).at(-1) ?? directory, folder: directory }];
  if (!existsSync(directory)) throw invalidInput(`${directory}: no such folder`);
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(join(directory, entry.name, 'expected.json')))
    .map(({ name }) => ({ name, folder: join(directory, name) }))
    .sort((a, b) => a.name.localeCompare(b.name));
};

import { existsSync } from 'node:fs';
import { z } from 'zod';
import { invalidInput } from '../../errors.ts';
import { readText } from '../../formats/json-text.ts';
import { pathIn } from '../../formats/path-in.ts';
import { readSafetensorsHeader, readTensorFloat32 } from '../../formats/safetensors.ts';
import type { TensorLocation } from '../../formats/safetensors-reader.ts';
import {
  checkSealed,
  checkSealedInTurns,
  refuseWithoutSums,
  writeSealedFolder,
} from '../../formats/sealed-folder.ts';
import { readVersionedJson } from '../../formats/versioned-json.ts';
import { layerRoles, type LinearLayer } from '../../models/architecture.ts';
import {
  adapterSettingsSchema,
  describeAdapter,
  type AdapterSettings,
} from '../settings/adapter-settings.ts';
import {
  allFactors,
  factorKey,
  factorShape,
  layerAdapter,
  type FactorValues,
} from '../layer/layer-adapter.ts';

const formatVersion = 2;
/** Of the last version that wrote no sums. */
const unsealedVersion = 1;
const descriptionFile = 'adapter.json';
const weightsFile = 'adapter.safetensors';
const templateFile = 'chat_template.jinja';

const side = z.int().min(0);
const kernelSchema = z.strictObject({
  size: z.int().positive(),
  stride: z.int().positive(),
  padding: z.union([side, z.tuple([side, side, side, side]).readonly()]),
});

/** A layer as the file has it, where `kind` says how its weight is stored: 'conv1d' is transformers' name of GPT-2's layers. */
const layerSchema = z.strictObject({
  module: z.string(),
  outFeatures: z.int().positive(),
  inFeatures: z.int().positive(),
  bias: z.boolean(),
  kind: z.exactOptional(z.enum(['linear', 'conv1d'])),
  role: z.exactOptional(z.enum(layerRoles)),
  weight: z.exactOptional(z.string()),
  kernel: z.exactOptional(kernelSchema),
});

const layerOfFile = ({ kind, ...layer }: z.output<typeof layerSchema>): LinearLayer =>
  kind === 'conv1d' ? { ...layer, stored: 'in-out' } : layer;

const layerForFile = ({ stored, ...layer }: LinearLayer): z.output<typeof layerSchema> =>
  stored === 'in-out' ? { ...layer, kind: 'conv1d' } : layer;

const descriptionSchema = z.strictObject({
  formatVersion: z.literal([unsealedVersion, formatVersion]),
  adapter: adapterSettingsSchema,
  layers: z.array(layerSchema.transform(layerOfFile)),
  weights: z.array(z.strictObject({ name: z.string(), shape: z.array(z.int().positive()) })).default([]),
  classes: z.array(z.string()).nullable().default(null),
});

/** A base weight that is trained whole. */
export interface TrainedWeight {
  readonly name: string;
  readonly shape: readonly number[];
}

/** An adapter as it is kept: the settings it was made by, the layers it sits on, and all its numbers (frozen ones too). */
export interface SavedAdapter {
  readonly settings: AdapterSettings;
  readonly layers: readonly LinearLayer[];
  readonly weights: readonly TrainedWeight[];
  /** Names of a classifier's classes, in the order of its logits; null for other models. */
  readonly classes?: readonly string[] | null;
  /** The chat template that the adapter was trained with, where it is not the model's: the data's, or the workbench's own. */
  readonly chatTemplate?: string | undefined;
  /** Factors by `factorKey`, weights by name. */
  readonly values: FactorValues;
}

type Contents = Omit<SavedAdapter, 'values' | 'classes' | 'chatTemplate'>;

/** Names and shapes of all tensors of an adapter, each once. */
const tensorsOf = ({ settings, layers, weights }: Contents): TrainedWeight[] => {
  const description = describeAdapter(settings);
  const tensors = new Map(weights.map((weight) => [weight.name, weight]));
  for (const layer of layers)
    for (const factor of allFactors(layerAdapter(description, layer))) {
      const name = factorKey(layer.module, factor);
      tensors.set(name, { name, shape: factorShape(factor) });
    }
  return [...tensors.values()];
};

/**
 * Writes adapter.json and adapter.safetensors (float32) into a new folder, with their sums, whole or not at all.
 * @throws WorkbenchError 'conflict' where the folder exists
 */
export const writeAdapter = async (directory: string, adapter: SavedAdapter): Promise<void> => {
  const { settings, layers, weights, classes = null, chatTemplate, values } = adapter;
  await writeSealedFolder(directory, (writer) => {
    const tensors = tensorsOf(adapter).map(({ name, shape }) => ({
      name,
      dtype: 'F32' as const,
      shape: [...shape],
      data: () => values.get(name) as Float32Array,
    }));
    writer.tensors(weightsFile, tensors);
    const description = {
      formatVersion,
      adapter: settings,
      layers: layers.map(layerForFile),
      weights,
      classes,
    };
    writer.text(descriptionFile, `${JSON.stringify(description, null, 2)}\n`);
    if (chatTemplate !== undefined) writer.text(templateFile, chatTemplate);
  });
};

/** The chat template that an adapter was trained with, where it was not the model's. */
export const readAdapterTemplate = (directory: string): string | undefined => {
  const template = pathIn(directory, templateFile);
  return existsSync(template) ? readText(template) : undefined;
};

export interface OpenedAdapter extends SavedAdapter {
  readonly files: ReadonlyMap<string, TensorLocation>;
}

/**
 * Opens what `writeAdapter` wrote, and checks that it is what was written, with every tensor in its shape. Numbers are read when they are asked
 * for.
 * @throws WorkbenchError naming the file and what is wrong with it
 */
export const readAdapter = (directory: string): OpenedAdapter =>
  openAdapter(directory, checkSealed(directory));

/** The same, letting the event loop turn. */
export const readAdapterInTurns = async (directory: string): Promise<OpenedAdapter> =>
  openAdapter(directory, await checkSealedInTurns(directory));

const openAdapter = (directory: string, isSealed: boolean): OpenedAdapter => {
  const {
    formatVersion: version,
    adapter: settings,
    layers,
    weights,
    classes,
  } = readVersionedJson(pathIn(directory, descriptionFile), descriptionSchema);
  if (!isSealed && version !== unsealedVersion) refuseWithoutSums(directory);
  const header = readSafetensorsHeader(pathIn(directory, weightsFile));
  const files = new Map<string, TensorLocation>();
  for (const { name, shape } of tensorsOf({ settings, layers, weights })) {
    const entry = header.tensors.get(name);
    if (entry?.shape.join() !== shape.join())
      throw invalidInput(
        `${header.path}: ${name} is ${entry ? `(${entry.shape.join(' x ')})` : 'missing'}, it should be (${shape.join(' x ')})`,
      );
    files.set(name, { ...entry, file: header.path });
  }
  const values: FactorValues = {
    get: (key) => (files.has(key) ? readTensorFloat32(header, key) : undefined),
  };
  const chatTemplate = readAdapterTemplate(directory);
  return { settings, layers, weights, classes, chatTemplate, values, files };
};

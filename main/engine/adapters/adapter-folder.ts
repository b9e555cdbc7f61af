import { join } from 'node:path';
import { z } from 'zod';
import { invalidInput } from '../errors.ts';
import { writeDirectoryWhole, writeFileWhole } from '../formats/atomic-file.ts';
import { readSafetensorsHeader, readTensorFloat32, writeSafetensors } from '../formats/safetensors.ts';
import type { TensorLocation } from '../formats/safetensors-reader.ts';
import { readVersionedJson } from '../formats/versioned-json.ts';
import type { LinearLayer } from '../models/architecture.ts';
import { describeAdapter } from './adapter-description.ts';
import { adapterSettingsSchema, type AdapterSettings } from './adapter-settings.ts';
import { allFactors, factorChain, factorKey, type FactorValues } from './factors.ts';

const formatVersion = 1;
const descriptionFile = 'adapter.json';
const weightsFile = 'adapter.safetensors';

const descriptionSchema = z.strictObject({
  formatVersion: z.literal(formatVersion),
  adapter: adapterSettingsSchema,
  layers: z.array(
    z.strictObject({
      module: z.string(),
      outFeatures: z.int().positive(),
      inFeatures: z.int().positive(),
      bias: z.boolean(),
    }),
  ),
});

/** An adapter as it is kept: the settings it was made by, the layers it sits on, and all its matrices (frozen ones too). */
export interface SavedAdapter {
  readonly settings: AdapterSettings;
  readonly layers: readonly LinearLayer[];
  readonly values: FactorValues;
}

/** Writes adapter.json and adapter.safetensors (float32) into a new folder, whole or not at all. */
export const writeAdapter = async (
  directory: string,
  { settings, layers, values }: SavedAdapter,
): Promise<void> => {
  const description = describeAdapter(settings);
  await writeDirectoryWhole(
    directory,
    (temporary) => {
      const tensors = layers.flatMap((layer) =>
        allFactors(factorChain(description, layer)).map((factor) => ({
          name: factorKey(layer.module, factor),
          dtype: 'F32' as const,
          shape: [factor.rows, factor.columns],
          data: () => values.get(factorKey(layer.module, factor)) as Float32Array,
        })),
      );
      writeSafetensors(join(temporary, weightsFile), tensors, {});
      writeFileWhole(
        join(temporary, descriptionFile),
        JSON.stringify({ formatVersion, adapter: settings, layers }, null, 2) + '\n',
      );
    },
    { replaceExisting: true },
  );
};

export interface OpenedAdapter extends SavedAdapter {
  readonly files: ReadonlyMap<string, TensorLocation>;
}

/** Opens what `writeAdapter` wrote, and checks that every matrix is there in its shape. Numbers are read when they are asked for. */
export const readAdapter = (directory: string): OpenedAdapter => {
  const { adapter: settings, layers } = readVersionedJson(
    join(directory, descriptionFile),
    descriptionSchema,
  );
  const header = readSafetensorsHeader(join(directory, weightsFile));
  const description = describeAdapter(settings);
  const files = new Map<string, TensorLocation>();
  for (const layer of layers)
    for (const factor of allFactors(factorChain(description, layer))) {
      const key = factorKey(layer.module, factor);
      const entry = header.tensors.get(key);
      if (entry?.shape.join() !== [factor.rows, factor.columns].join())
        throw invalidInput(
          `${header.path}: ${key} is ${entry ? `(${entry.shape.join(' x ')})` : 'missing'}, it should be (${factor.rows} x ${factor.columns})`,
        );
      files.set(key, { ...entry, file: header.path });
    }
  const values: FactorValues = {
    get: (key) => (files.has(key) ? readTensorFloat32(header, key) : undefined),
  };
  return { settings, layers, values, files };
};

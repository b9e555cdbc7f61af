import { z } from 'zod';
import { allFactors, factorKey, layerAdapter, type Factor } from '../../adapters/layer/layer-adapter.ts';
import { describeAdapter } from '../../adapters/settings/adapter-settings.ts';
import { invalidInput, WorkbenchError } from '../../errors.ts';
import { readTensorFloat32 } from '../../formats/safetensors-reader.ts';
import type { TensorToWrite } from '../../formats/safetensors-writer.ts';
import { leadingPart, type Matrix } from '../../linear-algebra/matrix.ts';
import { checked } from '../../problems.ts';
import { modulesWith, peftPrefix } from '../folder.ts';
import type { PeftForm } from '../form.ts';
import { importedAdapter } from '../imported-adapter.ts';
import { readSavedWeights, savedWeightTensors } from '../saved-weights.ts';
import { peftDropout, peftRank, placementConfig, readTargeting, targetingSchema } from '../targeting.ts';

/**
 * VeRA as PEFT saves it: delta W = diag(b) B[:out] diag(d) A[:, :in], the pair being one for all layers, of the largest layers' sizes:
 * A (rank x most in), B (most out x rank), row-major.
 */
const shared = { a: 'base_model.vera_A', b: 'base_model.vera_B' } as const;
/** Of a module: b (out) and d (rank). */
const endings = { b: '.vera_lambda_b', d: '.vera_lambda_d' } as const;
const isPart = (key: string): boolean => /\.(vera_[AB]|vera_lambda_[bd])$/.test(key);

const configSchema = z.object({
  r: peftRank,
  vera_dropout: peftDropout,
  /** What lambda_d started at. */
  d_initial: z.number().default(0.1),
  ...targetingSchema.shape,
});

const read: PeftForm['read'] = ({ configPath, config: raw, header }, layers) => {
  const config = checked(configSchema, raw, configPath);
  const rank = config.r;
  const targeting = readTargeting(config);
  const shapeOf = (name: string): readonly number[] => {
    const shape = header.tensors.get(name)?.shape;
    if (!shape)
      throw new WorkbenchError(
        'unsupported',
        `${header.path}: ${name} is missing: the adapter was saved without its shared pair (save_projection), which only PyTorch's random numbers make again`,
      );
    return shape;
  };
  const [rows, mostIn] = shapeOf(shared.a);
  const [mostOut, columns] = shapeOf(shared.b);
  if (rows !== rank || columns !== rank || mostIn === undefined || mostOut === undefined)
    throw invalidInput(`${header.path}: vera_A and vera_B don't have the rank ${rank} of ${configPath}`);
  const modules = modulesWith(header, endings.b);
  if (modules.length === 0) throw invalidInput(`${header.path}: holds no VeRA vectors`);
  const numbersOf = (name: string): Float32Array => readTensorFloat32(header, name);
  const byModule = new Map(layers.map((layer) => [layer.module, layer]));
  for (const module of modules) {
    const layer = byModule.get(module);
    const outFeatures = numbersOf(`${peftPrefix}${module}${endings.b}`).length;
    if (layer?.outFeatures !== outFeatures || layer.inFeatures > mostIn)
      throw invalidInput(`the adapter sits on ${module}, which the model does not have in that size`);
  }
  const held = new Set(modules);
  const a = { rows: rank, columns: mostIn, data: numbersOf(shared.a) };
  const b = { rows: mostOut, columns: rank, data: numbersOf(shared.b) };
  return importedAdapter(
    {
      settings: { method: 'vera', rank, initial: config.d_initial, dropout: config.vera_dropout },
      targeting,
      adapted: layers.filter(({ module }) => held.has(module)),
      savedWeights: readSavedWeights(header, targeting.modulesToSave, isPart),
      numbers: ({ module, outFeatures, inFeatures }) => ({
        lambda_b: () => numbersOf(`${peftPrefix}${module}${endings.b}`),
        lambda_d: () => numbersOf(`${peftPrefix}${module}${endings.d}`),
        lora_A: () => leadingPart(a, rank, inFeatures).data,
        lora_B: () => leadingPart(b, outFeatures, rank).data,
      }),
    },
    layers,
  );
};

/** Null where the layers' pairs are not parts of one, which adapters of early releases are not. */
const write: PeftForm['write'] = ({ settings, layers, values }, placement) => {
  if (settings.method !== 'vera') return null;
  const description = describeAdapter(settings);
  const parts = { lora_A: new Map<string, Matrix>(), lora_B: new Map<string, Matrix>() };
  const tensor = (name: string, shape: number[], data: Float32Array): TensorToWrite => {
    return { name, dtype: 'F32', shape, data };
  };
  const vectors = layers.flatMap((layer) => {
    const { module, outFeatures } = layer;
    const own: Record<string, Float32Array> = {};
    for (const factor of allFactors(layerAdapter(description, layer))) {
      const data = values.get(factorKey(module, factor)) as Float32Array;
      if (isShared(factor)) parts[factor.name].set(`${factor.rows} ${factor.columns}`, { ...factor, data });
      else own[factor.name] = data;
    }
    return [
      tensor(`${peftPrefix}${module}${endings.b}`, [outFeatures], own['lambda_b']!),
      tensor(`${peftPrefix}${module}${endings.d}`, [settings.rank], own['lambda_d']!),
    ];
  });
  const [a, b] = [wholeOf(parts.lora_A), wholeOf(parts.lora_B)];
  if (!a || !b) return null;
  return {
    config: {
      ...placementConfig(placement),
      d_initial: settings.initial,
      init_weights: true,
      peft_type: 'VERA',
      projection_prng_key: 0,
      r: settings.rank,
      save_projection: true,
      vera_dropout: settings.dropout,
    },
    tensors: [
      tensor(shared.a, [a.rows, a.columns], a.data),
      tensor(shared.b, [b.rows, b.columns], b.data),
      ...vectors,
      ...savedWeightTensors(placement.savedWeights),
    ],
  };
};

const isShared = (factor: Factor): factor is Factor & { name: 'lora_A' | 'lora_B' } => factor.shared;

/** The largest matrix, where all others are its first rows and columns. */
const wholeOf = (parts: ReadonlyMap<string, Matrix>): Matrix | null => {
  const [largest, ...others] = [...parts.values()].sort((x, y) => y.data.length - x.data.length);
  const isPart = ({ rows, columns, data }: Matrix): boolean =>
    leadingPart(largest!, rows, columns).data.every((value, at) => value === data[at]);
  return largest && others.every(isPart) ? largest : null;
};

export const vera: PeftForm = { onAnyLayer: false, read, write };

import { z } from 'zod';
import { WorkbenchError } from '../../errors.ts';
import type { GraphBuilder } from '../../graph/builder.ts';
import type { Value } from '../../graph/graph.ts';

const llama3Scaling = z.object({
  rope_type: z.literal('llama3'),
  factor: z.number().positive(),
  low_freq_factor: z.number().positive(),
  high_freq_factor: z.number().positive(),
  original_max_position_embeddings: z.int().positive(),
});
const linearScaling = z.object({ rope_type: z.literal('linear'), factor: z.number().positive() });
const noScaling = z.object({ rope_type: z.literal('default') });
const scalingSchema = z.discriminatedUnion('rope_type', [noScaling, linearScaling, llama3Scaling]);

export interface RotaryConfiguration {
  readonly theta: number;
  readonly scaling: z.output<typeof scalingSchema>;
  /** Of a head's width, from its start, that is turned. */
  readonly share: number;
}

type Json = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null;

/**
 * Rotary settings of a config.json in either form: `rope_parameters` (transformers 5), there for each type of layer where they differ,
 * or `rope_theta` with `rope_scaling` (before; `type` was an older name of `rope_type`).
 *
 * @param layerType whose parameters are read where there are several
 */
export const readRotary = (config: Json, place: string, layerType?: string): RotaryConfiguration => {
  const key = isObject(config['rope_parameters']) ? 'rope_parameters' : 'rope_scaling';
  const all = isObject(config[key]) ? config[key] : {};
  const own = layerType === undefined ? undefined : all[layerType];
  const parameters = isObject(own) ? own : all;
  const theta = Number(parameters['rope_theta'] ?? config['rope_theta'] ?? 10000);
  const share = Number(parameters['partial_rotary_factor'] ?? config['partial_rotary_factor'] ?? 1);
  const type = parameters['rope_type'] ?? parameters['type'] ?? 'default';
  const parsed = scalingSchema.safeParse({ ...parameters, rope_type: type });
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const known = scalingSchema.options.map(({ shape }) => shape.rope_type.value).join(', ');
    throw new WorkbenchError(
      issue?.path[0] === 'rope_type' ? 'unsupported' : 'invalid-input',
      issue?.path[0] === 'rope_type'
        ? `${place}: ${key}.rope_type ${JSON.stringify(type)} is not supported (known: ${known})`
        : `${place}: ${key}.${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not valid'}`,
    );
  }
  return { theta, scaling: parsed.data, share };
};

const { fround, PI, cos, sin } = Math;

/**
 * Inverse frequencies theta^(-2i/d), rounded to float32 where PyTorch rounds them.
 * Llama 3's scaling: wavelengths longer than original / low_freq_factor are divided by `factor`, shorter than
 * original / high_freq_factor stay, and between the two it is interpolated linearly in the frequency.
 */
/** @param width how many of a head's numbers are turned */
export const inverseFrequencies = (
  { theta, scaling }: Pick<RotaryConfiguration, 'theta' | 'scaling'>,
  width: number,
): Float32Array =>
  Float32Array.from({ length: width / 2 }, (_, index) => {
    const plain = fround(1 / fround(theta ** fround((2 * index) / width)));
    if (scaling.rope_type === 'default') return plain;
    if (scaling.rope_type === 'linear') return plain / scaling.factor;
    const {
      factor,
      low_freq_factor: low,
      high_freq_factor: high,
      original_max_position_embeddings: original,
    } = scaling;
    const wavelength = (2 * PI) / plain;
    if (wavelength > original / low) return plain / factor;
    if (wavelength < original / high) return plain;
    const smooth = (original / wavelength - low) / (high - low);
    return (1 - smooth) * (plain / factor) + smooth * plain;
  });

/** Cosines and sines by position and frequency, each (positions x turned / 2). */
export interface RotaryTables {
  readonly cosines: Value;
  readonly sines: Value;
}

export interface RotaryTableOptions {
  readonly positions: number;
  /** Of a head. */
  readonly width: number;
  /** Tells the tables of one graph apart. */
  readonly number: number;
}

export const rotaryTables = (
  g: GraphBuilder,
  configuration: RotaryConfiguration,
  { positions, width, number }: RotaryTableOptions,
): RotaryTables => {
  const turned = Math.trunc(width * configuration.share);
  const frequencies = inverseFrequencies(configuration, turned);
  const half = turned / 2;
  const table = (name: string, of: (angle: number) => number): Value =>
    g.constant(
      number === 0 ? name : `${name}:${number}`,
      [positions, half],
      Float32Array.from({ length: positions * half }, (_, at) =>
        of(fround(Math.floor(at / half) * (frequencies[at % half] as number))),
      ),
    );
  return { cosines: table('rotary.cosines', cos), sines: table('rotary.sines', sin) };
};

/** Turns heads (batch x heads x sequence x width) by their positions; where the tables are for a part of the width, that part. */
export const applyRotary = (
  g: GraphBuilder,
  heads: Value,
  positionIds: Value,
  { cosines, sines }: RotaryTables,
): Value => {
  const width = heads.shape[3] as number;
  const turned = 2 * (cosines.shape[1] as number);
  if (turned === width) return g.rotary(heads, positionIds, cosines, sines);
  const part = g.rotary(g.slice(heads, 3, 0, turned), positionIds, cosines, sines);
  return g.concatenate([part, g.slice(heads, 3, turned, width)], 3);
};

import { z } from 'zod';
import { invalidInput, WorkbenchError } from '../../errors.ts';
import type { GraphBuilder } from '../../graph/builder.ts';
import type { Value } from '../../graph/graph.ts';
import { isObject, isOff, valueText } from '../../json-value.ts';
import { check, checked, inOneLine, problemText } from '../../problems.ts';
import { refuseUnknown } from '../../formats/unknown-keys.ts';

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

/** What a model of its kind makes of rotary settings. */
export interface RotaryOptions {
  /** Whose parameters are read where `rope_parameters` has some for each type of layer. */
  readonly layerType?: string;
  /** Where no theta is given. */
  readonly theta?: number;
  /** Whether a part of each head may be turned (`partial_rotary_factor`); other models turn all of it. */
  readonly turnsPart?: boolean;
}

/** The keys that have a meaning beside those of each kind of scaling. */
const ownKeys = z.object({
  rope_theta: z.number().positive(),
  partial_rotary_factor: z.number().positive().max(1).default(1),
});

/**
 * Rotary settings of a config.json in either form: `rope_parameters` (transformers 5), there for each type of layer where they differ,
 * or `rope_theta` with `rope_scaling` (before; `type` was an older name of `rope_type`).
 * A key that the kind of scaling does not have is refused by its name.
 */
export const readRotary = (
  config: Json,
  place: string,
  { layerType, theta: usualTheta = 10000, turnsPart = false }: RotaryOptions = {},
): RotaryConfiguration => {
  const { path, parameters } = rotaryParameters(config, place, layerType);
  const type = parameters['rope_type'] ?? parameters['type'] ?? 'default';
  const { value: scaling, problems } = check(scalingSchema, {
    ...parameters,
    // Phi-3 has this one beside the others, and there it counts.
    ...(config['original_max_position_embeddings'] === undefined
      ? {}
      : { original_max_position_embeddings: config['original_max_position_embeddings'] }),
    rope_type: type,
  });
  if (scaling === null) {
    const known = scalingSchema.options.map(({ shape }) => shape.rope_type.value).join(', ');
    throw problems[0]?.path[0] === 'rope_type'
      ? new WorkbenchError(
          'unsupported',
          `${place}: ${path}.rope_type ${JSON.stringify(type)} is not supported (known: ${known})`,
        )
      : invalidInput(`${place}: ${inOneLine(problems.map((problem) => `${path}.${problemText(problem)}`))}`);
  }
  refuseUnknown(
    parameters,
    new Set([...Object.keys(scaling), ...Object.keys(ownKeys.shape), 'type']),
    `${place}: ${path}.`,
    `${scaling.rope_type} rotary positions`,
  );
  const asked = {
    rope_theta: parameters['rope_theta'] ?? config['rope_theta'] ?? usualTheta,
    partial_rotary_factor:
      parameters['partial_rotary_factor'] ?? config['partial_rotary_factor'] ?? undefined,
  };
  const { rope_theta: theta, partial_rotary_factor: share } = checked(ownKeys, asked, place);
  if (share !== 1 && !turnsPart)
    throw new WorkbenchError(
      'unsupported',
      `${place}: partial_rotary_factor is ${share}, which ${valueText(config['model_type'])} models do not have`,
    );
  return { theta, scaling, share };
};

/** The object that settings are read from, and where in the file it is. */
const rotaryParameters = (
  config: Json,
  place: string,
  layerType: string | undefined,
): { readonly path: string; readonly parameters: Json } => {
  const { rope_parameters: now, rope_scaling: before } = config;
  for (const [key, value] of Object.entries({ rope_parameters: now, rope_scaling: before }))
    if (!isObject(value) && !isOff(value)) throw invalidInput(`${place}: ${key}: expected fields`);
  if (isObject(now) && isObject(before) && Object.keys(before).length > 0)
    throw invalidInput(`${place}: rope_parameters and rope_scaling are both set, and only one can be meant`);
  if (!isObject(now)) return { path: 'rope_scaling', parameters: isObject(before) ? before : {} };
  const key = 'rope_parameters';
  if (layerType === undefined) return { path: key, parameters: now };
  const path = `${key}.${layerType}`;
  const parameters = now[layerType];
  if (!isObject(parameters)) throw invalidInput(`${place}: ${path} is missing`);
  return { path, parameters };
};

const { fround, PI, cos, sin } = Math;

/**
 * Inverse frequencies theta^(-2i/d), rounded to float32 where PyTorch rounds them.
 * Llama 3's scaling: wavelengths longer than original / low_freq_factor are divided by `factor`, shorter than
 * original / high_freq_factor stay, and between the two it is interpolated linearly in the frequency.
 *
 * @param width how many of a head's numbers are turned
 */
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

/** How many of a head's numbers are turned. */
export const turnedWidth = ({ share }: RotaryConfiguration, width: number): number =>
  Math.trunc(width * share);

/** Cosines and sines by position and frequency, each (positions x turned / 2). */
export interface RotaryTables {
  readonly cosines: Value;
  readonly sines: Value;
}

export interface RotaryTableOptions {
  readonly positions: number;
  /** Numbers of one attention head. */
  readonly width: number;
  /** Tells the tables of one graph apart. */
  readonly number: number;
}

export const rotaryTables = (
  g: GraphBuilder,
  configuration: RotaryConfiguration,
  { positions, width, number }: RotaryTableOptions,
): RotaryTables => {
  const turned = turnedWidth(configuration, width);
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
  return g.within('rotary', () => {
    if (turned === width) return g.rotary(heads, positionIds, cosines, sines);
    const part = g.rotary(g.slice(heads, 3, 0, turned), positionIds, cosines, sines);
    return g.concatenate([part, g.slice(heads, 3, turned, width)], 3);
  });
};

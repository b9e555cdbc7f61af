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
}

/**
 * Rotary settings of a config.json in either form: `rope_parameters` (transformers 5) or `rope_theta` with `rope_scaling`
 * (before; `type` was an older name of `rope_type`).
 */
export const readRotary = (config: Readonly<Record<string, unknown>>, place: string): RotaryConfiguration => {
  const parameters = (config['rope_parameters'] ?? config['rope_scaling'] ?? {}) as Record<string, unknown>;
  const key = config['rope_parameters'] ? 'rope_parameters' : 'rope_scaling';
  const theta = Number(parameters['rope_theta'] ?? config['rope_theta'] ?? 10000);
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
  return { theta, scaling: parsed.data };
};

const { fround, PI, cos, sin } = Math;

/**
 * Inverse frequencies theta^(-2i/d), rounded to float32 where PyTorch rounds them.
 * Llama 3's scaling: wavelengths longer than original / low_freq_factor are divided by `factor`, shorter than
 * original / high_freq_factor stay, and between the two it is interpolated linearly in the frequency.
 */
export const inverseFrequencies = ({ theta, scaling }: RotaryConfiguration, width: number): Float32Array =>
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

/** Tables of cosines and sines, each (positions x width / 2). */
export const rotaryTables = (
  g: GraphBuilder,
  configuration: RotaryConfiguration,
  positions: number,
  width: number,
): { cosines: Value; sines: Value } => {
  const frequencies = inverseFrequencies(configuration, width);
  const half = width / 2;
  const table = (name: string, of: (angle: number) => number): Value =>
    g.constant(
      name,
      [positions, half],
      Float32Array.from({ length: positions * half }, (_, at) =>
        of(fround(Math.floor(at / half) * (frequencies[at % half] as number))),
      ),
    );
  return { cosines: table('rotary.cosines', cos), sines: table('rotary.sines', sin) };
};

import type { GraphBuilder } from '../graph/builder.ts';
import { product, type Dimension } from '../graph/dimension.ts';
import type { NamedValue, Value } from '../graph/graph.ts';
import { extentsOf, resolveShape } from '../lower/extents.ts';
import { createRandom, type Random } from '../random.ts';
import type { Feed, Tensor } from '../runtime/session.ts';

/** Random numbers that a training graph draws as it runs, from numbers for each row that every step gives it anew. */
export interface Noise {
  /** x (n x m) with a share `rate` of its numbers set to zero and the others divided by 1 - rate. `name` is the place's: each has numbers of its own. */
  readonly dropOut: (x: Value, rate: number, name: string) => Value;
  /** NEFTune (arXiv 2310.05914): embeddings (batch x sequence x width) plus what is uniform in [-m, m], m = alpha / sqrt(sequence * width). */
  readonly disturb: (embeddings: Value) => Value;
}

const rowsPrefix = 'noise_rows:';
const magnitudeInput = 'neftune_magnitude';

/** Any seed will do: what steps differ in is the rows. */
const columnSeed = 0x4e6f_6973;

/** Numbers of 32 bits, signed as a device takes them. */
const words = (random: Random, count: number): BigInt64Array =>
  BigInt64Array.from({ length: count }, () => BigInt(random.integer(2 ** 32) - 2 ** 31));

export const createNoise = (g: GraphBuilder): Noise => {
  const rows = new Map<Dimension, Value>();
  const rowsOf = (extent: Dimension): Value => {
    const known = rows.get(extent) ?? g.input(`${rowsPrefix}${extent}`, 'int64', [extent, 2]);
    rows.set(extent, known);
    return known;
  };
  const columns = new Map<string, Value>();
  const columnsOf = (name: string, width: number): Value => {
    const random = createRandom(columnSeed, columns.size);
    const known = columns.get(name) ?? g.constant(`noise_columns:${name}`, [width], words(random, width));
    columns.set(name, known);
    return known;
  };
  const widthOf = ({ shape }: Value): number => Number(shape.at(-1));
  return {
    dropOut: (x, rate, name) => {
      const kept = g.bernoulli(rowsOf(x.shape[0] as Dimension), columnsOf(name, widthOf(x)), 1 - rate);
      return g.multiply(g.multiply(x, kept), 1 / (1 - rate));
    },
    disturb: (embeddings) => {
      const tokens = product(embeddings.shape.slice(0, -1));
      const drawn = g.uniform(rowsOf(tokens), columnsOf('embeddings', widthOf(embeddings)));
      const noise = g.multiply(drawn, g.input(magnitudeInput, 'float32', []));
      return g.add(embeddings, g.reshape(noise, embeddings.shape));
    },
  };
};

/** Which of the numbers that a seed gives: no two micro-batches of a run have the same. */
export interface NoiseDraw {
  readonly seed: number;
  readonly stream: number;
}

export interface NoiseOptions extends NoiseDraw {
  readonly neftuneAlpha: number;
  /** Of the embeddings. */
  readonly width: number;
}

/** What a graph takes for its noise beside its other inputs, which are in `feeds`. */
export const noiseTensors = (
  inputs: readonly NamedValue[],
  feeds: Readonly<Record<string, Feed>>,
  { seed, stream, neftuneAlpha, width }: NoiseOptions,
): Record<string, Tensor> => {
  const drawn = inputs.filter(({ name }) => name.startsWith(rowsPrefix));
  if (drawn.length === 0) return {};
  const extents = extentsOf(inputs, (name) => feeds[name]?.shape);
  const random = createRandom(seed, stream);
  const tensors = drawn.map(({ name, value }): [string, Tensor] => {
    const shape = resolveShape(value.shape, extents);
    return [name, { shape, data: words(random, 2 * (shape[0] as number)) }];
  });
  if (inputs.some(({ name }) => name === magnitudeInput)) {
    const magnitude = neftuneAlpha / Math.sqrt((extents.get('sequence') as number) * width);
    tensors.push([magnitudeInput, { shape: [], data: Float32Array.of(magnitude) }]);
  }
  return Object.fromEntries(tensors);
};

import type { GraphBuilder, RandomRows } from '../../graph/builder.ts';
import { product, resolveShape, type Dimension } from '../../graph/dimension.ts';
import type { NamedValue, Value } from '../../graph/graph.ts';
import { extentsOf } from '../../graph/input-extents.ts';
import { createRandom, type Random } from '../../random.ts';
import type { Feed } from '../../runtime/session.ts';
import type { Tensor } from '../../tensor.ts';

/** Random numbers that a training graph draws as it runs, from numbers for each row that every step gives it anew. */
export interface Noise {
  /**
   * x (n x m), or (images x channels x height x width), with a share `rate` of its numbers set to zero and the others as they are. `name` is
   * the place's: each has numbers of its own.
   */
  readonly dropOut: (x: Value, rate: number, name: string) => Value;
  /** NEFTune (arXiv 2310.05914): embeddings (batch * sequence x width) plus what is uniform in [-m, m], m = alpha / sqrt(sequence * width). */
  readonly disturb: (embeddings: Value) => Value;
}

/** What only training does to a model's forward pass; dropout's share is the adapter's. */
export interface TrainingNoise {
  readonly noise: Noise;
  /** NEFTune's; 0 for none. */
  readonly neftuneAlpha: number;
}

const prefixes = { factors: 'noise_factors:', shifts: 'noise_shifts:' } as const;
const magnitudeInput = 'neftune_magnitude';

/** What the columns' words are drawn from. It may be fixed: the rows' words are drawn anew at each step. */
const columnSeed = 0x4e6f_6973;

/** Numbers of 32 bits, signed as a device takes them. */
const words = (random: Random, count: number): BigInt64Array =>
  BigInt64Array.from({ length: count }, () => BigInt(random.integer(2 ** 32) - 2 ** 31));

export const createNoise = (g: GraphBuilder): Noise => {
  const rows = new Map<Dimension, RandomRows>();
  const rowsOf = (extent: Dimension): RandomRows => {
    const input = (prefix: string): Value => g.input(prefix + extent, 'int64', [extent, 1]);
    const known = rows.get(extent) ?? { factors: input(prefixes.factors), shifts: input(prefixes.shifts) };
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
  const keptOf = (extent: Dimension, width: number, rate: number, name: string): Value =>
    g.bernoulli(rowsOf(extent), columnsOf(name, width), 1 - rate);
  /** A row for each pixel: their number is known only when the graph runs, that of the channels before. */
  const keptOfPixels = ({ shape }: Value, rate: number, name: string): Value => {
    const [images, channels, height, width] = shape as [Dimension, number, Dimension, Dimension];
    const kept = keptOf(product([images, height, width]), channels, rate, name);
    return g.transpose(g.reshape(kept, [images, height, width, channels]), [0, 3, 1, 2]);
  };
  return {
    dropOut: (x, rate, name) =>
      g.within('dropout', () => {
        const ofPixels = x.shape.length === 4;
        const kept = ofPixels
          ? keptOfPixels(x, rate, name)
          : keptOf(x.shape[0] as Dimension, widthOf(x), rate, name);
        return g.multiply(x, kept);
      }),
    disturb: (embeddings) => {
      const rows = rowsOf(embeddings.shape[0] as Dimension);
      const drawn = g.uniform(rows, columnsOf('embeddings', widthOf(embeddings)));
      return g.add(embeddings, g.multiply(drawn, g.input(magnitudeInput, 'float32', [])));
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
  const drawn = inputs.filter(({ name }) => name.startsWith(prefixes.factors));
  if (drawn.length === 0) return {};
  const extents = extentsOf(inputs, (name) => feeds[name]?.shape);
  const random = createRandom(seed, stream);
  const tensors = drawn.flatMap(({ name, value }): [string, Tensor][] => {
    const shape = resolveShape(value.shape, extents);
    const numbers = words(random, 2 * (shape[0] as number));
    const every = (offset: number): Tensor => ({ shape, data: numbers.filter((_, at) => at % 2 === offset) });
    const extent = name.slice(prefixes.factors.length);
    return [
      [name, every(0)],
      [prefixes.shifts + extent, every(1)],
    ];
  });
  if (inputs.some(({ name }) => name === magnitudeInput)) {
    const magnitude = neftuneAlpha / Math.sqrt((extents['sequence'] as number) * width);
    tensors.push([magnitudeInput, { shape: [], data: Float32Array.of(magnitude) }]);
  }
  return Object.fromEntries(tensors);
};

/**
 * `node test/bench/output-errors.ts --model DIR --data FILE [--batches 8] [--batch 4] [--seq 256] [--ranks 16,128] [--layers N]
 * [--csv FILE]`: how much of each layer's output the frozen pair of NoRA leaves out, ||(W - B A) X|| / ||W X||, for every activation
 * matrix: on the batches that it was calibrated on, and on as many that it has not seen. Prints a table; every layer goes to the CSV.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { ActivationMatrix } from '../../main/engine/adapters/description/activation-matrix.ts';
import {
  adapterSettingsSchema,
  describeAdapter,
} from '../../main/engine/adapters/settings/adapter-settings.ts';
import { readDatasetFile } from '../../main/engine/data/files/dataset-file.ts';
import { recogniseForm } from '../../main/engine/data/files/recognise-form.ts';
import { buildExamples } from '../../main/engine/data/examples/examples.ts';
import { splitExamples } from '../../main/engine/data/files/split.ts';
import { loadTokenizer } from '../../main/engine/data/tokens/tokenizer.ts';
import { calibrate } from '../../main/engine/init/calibration.ts';
import { outerParts } from '../../main/engine/init/outer-parts.ts';
import type { LayerStatistics, StatisticName } from '../../main/engine/init/statistics.ts';
import { doubleProduct } from '../../main/engine/linear-algebra/blocked-products.ts';
import { transpose, type Matrix } from '../../main/engine/linear-algebra/matrix.ts';
import { readLayerWeight } from '../../main/engine/models/weights/model-weights.ts';
import { targetName } from '../../main/engine/models/architecture.ts';
import { openModel } from '../../main/engine/models/model.ts';
import { tokenStream } from '../support/token-batches.ts';

type Doubles = Matrix<Float64Array>;

const { values: flags } = parseArgs({
  options: {
    model: { type: 'string' },
    data: { type: 'string' },
    batches: { type: 'string', default: '8' },
    batch: { type: 'string', default: '4' },
    seq: { type: 'string', default: '256' },
    ranks: { type: 'string', default: '16,128' },
    layers: { type: 'string', default: '1000' },
    csv: { type: 'string' },
  },
});
if (flags.model === undefined || flags.data === undefined) throw new Error('--model and --data are needed');
const [batches, batchSize, sequenceLength] = [Number(flags.batches), Number(flags.batch), Number(flags.seq)];
const ranks = flags.ranks.split(',').map(Number);

const contestants: readonly (readonly [string, ActivationMatrix])[] = [
  ['none', { kind: 'none' }],
  ['mean abs x^0.5', { kind: 'mean-absolute', exponent: 0.5 }],
  ['mean abs x', { kind: 'mean-absolute', exponent: 1 }],
  ['RMS^0.5', { kind: 'rms', exponent: 0.5 }],
  ['RMS', { kind: 'rms', exponent: 1 }],
  ['max abs x^0.5', { kind: 'maximum', exponent: 0.5 }],
  ['gradient-weighted, 0.5', { kind: 'gradient-weighted', exponent: 0.5 }],
  ['gradient-weighted, 1', { kind: 'gradient-weighted', exponent: 1 }],
  ['Cholesky', { kind: 'cholesky' }],
  ['eigenvectors', { kind: 'eigen' }],
  ['covariance (CorDA)', { kind: 'covariance' }],
  ['COALA, mu 0', { kind: 'coala', regularisation: 0 }],
  ['COALA, adaptive', { kind: 'coala', regularisation: 1 }],
  ['random (control)', { kind: 'random' }],
  ['shuffled mean abs x^0.5 (control)', { kind: 'shuffled', exponent: 0.5 }],
];

const model = openModel(flags.model);
const tokenizer = loadTokenizer(flags.model);
const dataset = readDatasetFile(flags.data);
const format = recogniseForm([dataset.rows.at(0)], dataset.name)?.format;
if (!format || format.kind === 'classification') throw new Error('the format of the data is not clear');
const { examples } = buildExamples({
  dataset,
  format,
  tokenizer,
  lossOn: 'all',
  date: new Date(0),
  maxLength: sequenceLength,
});
const split = splitExamples(examples.length, 0.5, 1);
const batchesOf = (indices: readonly number[]) => {
  const stream = tokenStream({
    examples: indices.map((index) => examples[index]!),
    batchSize,
    sequenceLength,
    packing: true,
    padId: tokenizer.padId ?? 0,
    seed: 1,
  });
  return Array.from({ length: batches }, () => stream.next());
};
const [calibration, heldOut] = [batchesOf(split.train), batchesOf(split.validation)];
console.error(
  `${calibration.reduce((sum, { tokens }) => sum + tokens, 0)} tokens to calibrate on, ${heldOut.reduce((sum, { tokens }) => sum + tokens, 0)} held out`,
);

const statistics: StatisticName[] = [
  'mean-absolute',
  'mean-square',
  'maximum',
  'second-moment',
  'triangle',
  'gradient-mean-square',
];

const trace = (a: Doubles, b: Doubles): number =>
  a.data.reduce((sum, value, at) => sum + value * b.data[at]!, 0);
const leading = ({ rows, columns, data }: Doubles, count: number): Doubles => ({
  rows,
  columns: count,
  data: Float64Array.from(
    { length: rows * count },
    (_, at) => data[Math.floor(at / count) * columns + (at % count)]!,
  ),
});
const top = ({ columns, data }: Doubles, count: number): Doubles => ({
  rows: count,
  columns,
  data: data.slice(0, count * columns),
});

/** ||(W - B A) X|| / ||W X|| from G = X X^T: with D = W - B A, tr(D G D^T) = tr(W G W^T) - 2 tr(B A G W^T) + tr(B (A G A^T) B^T). */
const measure = (weight: Doubles, gram: Doubles) => {
  const gw = doubleProduct(gram, transpose(weight));
  const whole = trace(transpose(weight), gw);
  return (b: Doubles, a: Doubles): number => {
    const cross = trace(transpose(b), doubleProduct(a, gw));
    const square = doubleProduct(doubleProduct(a, gram), transpose(a));
    const own = trace(doubleProduct(b, square), b);
    return Math.sqrt(Math.max(0, whole - 2 * cross + own) / whole);
  };
};

interface Line {
  readonly module: string;
  readonly matrix: string;
  readonly rank: number;
  readonly calibration: number;
  readonly heldOut: number;
}

const lines: Line[] = [];
/** All layers so far, each a row. */
const writeLines = (path: string): void => {
  const columns = contestants.flatMap(([matrix]) =>
    ranks.flatMap((rank) => [`${matrix} r${rank} calibration`, `${matrix} r${rank} held out`]),
  );
  const rows = [...new Set(lines.map((line) => line.module))].map((module) => [
    module,
    ...contestants.flatMap(([matrix]) =>
      ranks.flatMap((rank) => {
        const line = lines.find(
          (one) => one.module === module && one.matrix === matrix && one.rank === rank,
        )!;
        return [line.calibration.toFixed(4), line.heldOut.toFixed(4)];
      }),
    ),
  ]);
  const quoted = ['layer', ...columns].map((name) => `"${name}"`).join(',');
  writeFileSync(path, [quoted, ...rows.map((row) => row.join(','))].join('\n') + '\n');
};

const layers = model.linearLayers.slice(0, Number(flags.layers));
/** Fifteen blocks of SmolLM2: about 1.2 GB of statistics. */
const atATime = 105;
for (let from = 0; from < layers.length; from += atATime) {
  const group = layers.slice(from, from + atATime);
  const shared = { model, layers: group, positions: sequenceLength, threads: 2 };
  const seen = await calibrate({ ...shared, batches: calibration, statistics });
  const unseen = await calibrate({ ...shared, batches: heldOut, statistics: ['second-moment'] });
  for (const layer of group) {
    const { module, outFeatures, inFeatures } = layer;
    const weight = readLayerWeight(model, layer);
    const doubles = { rows: outFeatures, columns: inFeatures, data: Float64Array.from(weight) };
    const gramOf = (of: LayerStatistics): Doubles => ({
      rows: inFeatures,
      columns: inFeatures,
      data: of['second-moment']!,
    });
    const errors = [
      measure(doubles, gramOf(seen.get(module)!)),
      measure(doubles, gramOf(unseen.get(module)!)),
    ] as const;
    for (const [matrix, activationMatrix] of contestants) {
      const pairAt = async (rank: number): Promise<{ b: Doubles; a: Doubles }> => {
        const settings = { method: 'nora', outerRank: rank, innerRank: 1, activationMatrix };
        const pair = await outerParts(describeAdapter(adapterSettingsSchema.parse(settings)), {
          weight,
          outFeatures,
          inFeatures,
          rank,
          scaling: 1,
          statistics: seen.get(module)!,
          cache: undefined,
          seed: 1,
          name: module,
        });
        return {
          b: { rows: outFeatures, columns: rank, data: Float64Array.from(pair.b!) },
          a: { rows: rank, columns: inFeatures, data: Float64Array.from(pair.a!) },
        };
      };
      // A smaller rank is the first part of a larger one, but where regularisation depends on it.
      const most = Math.max(...ranks);
      const largest = await pairAt(most);
      for (const rank of ranks) {
        const isOwn = matrix === 'COALA, adaptive' && rank !== most;
        const { b, a } = isOwn ? await pairAt(rank) : largest;
        const [calibrated, unseenError] = errors.map((error) => error(leading(b, rank), top(a, rank)));
        lines.push({ module, matrix, rank, calibration: calibrated!, heldOut: unseenError! });
      }
    }
    if (flags.csv !== undefined) writeLines(flags.csv);
    console.error(`${new Date().toISOString()} ${module}`);
  }
}

const kinds = [...new Set(layers.map(targetName))];
const mean = (values: readonly number[]): string =>
  (values.reduce((a, b) => a + b, 0) / values.length).toFixed(3);
for (const rank of ranks) {
  console.log(`\nRank ${rank}: mean over the layers, calibration / held out\n`);
  console.log(`| activation matrix | all | ${kinds.join(' | ')} |`);
  console.log(`| --- | ${['all', ...kinds].map(() => '---:').join(' | ')} |`);
  for (const [matrix] of contestants) {
    const cell = (kind: string | undefined): string => {
      const chosen = lines.filter(
        (line) =>
          line.matrix === matrix &&
          line.rank === rank &&
          (kind === undefined || line.module.endsWith(`.${kind}`)),
      );
      return `${mean(chosen.map((line) => line.calibration))} / ${mean(chosen.map((line) => line.heldOut))}`;
    };
    console.log(`| ${matrix} | ${[undefined, ...kinds].map(cell).join(' | ')} |`);
  }
}

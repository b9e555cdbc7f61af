import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { activationMatrixSchema } from '../../../main/engine/adapters/description/activation-matrix.ts';
import {
  adapterSettingsSchema,
  describeAdapter,
} from '../../../main/engine/adapters/settings/adapter-settings.ts';
import type { OuterPair } from '../../../main/engine/init/awsvd-cache.ts';
import { outerParts } from '../../../main/engine/init/outer-parts.ts';
import { statistics as known, type StatisticName } from '../../../main/engine/init/statistics.ts';
import { frobeniusNorm, multiply, transpose } from '../../../main/engine/linear-algebra/matrix.ts';
import { describeWith } from '../../support/requirements.ts';
import { distance, matrixOf } from '../linear-algebra/svd-support.ts';

/** Made by make-deficient-reference.py, whose formulas these are. */
const reference = JSON.parse(
  readFileSync(new URL('fixtures/deficient.json', import.meta.url), 'utf8'),
) as Record<string, { least: number; errors: Record<string, [outputs: number, weight: number]> }>;

const [outFeatures, inFeatures, rank, tokens] = [24, 32, 8, 60];

const formula = (rows: number, columns: number, salt: number): Float32Array =>
  Float32Array.from({ length: rows * columns }, (_, at) => {
    const [i, j] = [Math.floor(at / columns), at % columns];
    return ((i * 7919 + j * 104729 + i * i * j * 31 + salt * 613 * (i + 3)) % 1009) / 1009 - 0.5;
  });

const weight = formula(outFeatures, inFeatures, 1);
const x = formula(tokens, inFeatures, 2);
const from = (rows: number, value: (row: number, column: number) => number): Float32Array =>
  Float32Array.from({ length: rows * inFeatures }, (_, at) =>
    value(Math.floor(at / inFeatures), at % inFeatures),
  );
const at = (row: number, column: number): number => x[row * inFeatures + column]!;

const inputs: Readonly<Record<string, Float32Array>> = {
  full: x,
  'one token': from(1, at),
  'five tokens': from(5, at),
  'as many tokens as the rank': from(rank, at),
  'more tokens than the rank': from(12, at),
  'zero columns': from(tokens, (row, column) => (column % 5 === 0 ? 0 : at(row, column))),
  'four live columns': from(tokens, (row, column) => (column < 4 ? at(row, column) : 0)),
  'repeated columns': from(tokens, (row, column) => at(row, column % 6)),
  'columns in equal pairs': from(tokens, (row, column) => at(row, column >> 1)),
  'repeated tokens': from(tokens, (row, column) => at(row % 4, column)),
  'zero tokens': from(tokens, (row, column) => (row % 3 === 0 ? at(row, column) : 0)),
  zeros: from(tokens, () => 0),
  'columns of falling size': from(tokens, (row, column) => at(row, column) * 2 ** -column),
};

/** As a calibration takes them, three rows at a time. */
const statisticsOf = async (rows: Float32Array): Promise<Record<StatisticName, Float64Array>> => {
  const count = rows.length / inFeatures;
  const wide = matrixOf(count, inFeatures, rows);
  const over = (start: number, combine: (total: number, value: number) => number): Float64Array =>
    Float64Array.from({ length: inFeatures }, (_, column) => {
      let total = start;
      for (let row = 0; row < count; row++) total = combine(total, wide.data[row * inFeatures + column]!);
      return total;
    });
  const mean = (value: (entry: number) => number): Float64Array =>
    over(0, (total, entry) => total + value(entry)).map((total) => total / count);
  let triangle: Float64Array | undefined;
  for (let row = 0; row < count; row += 3)
    triangle = await known.triangle.add(
      triangle,
      rows.subarray(row * inFeatures, (row + 3) * inFeatures),
      inFeatures,
    );
  return {
    'mean-absolute': mean(Math.abs),
    'mean-square': mean((value) => value * value),
    maximum: over(0, (most, value) => Math.max(most, Math.abs(value))),
    mean: mean((value) => value),
    'second-moment': multiply(transpose(wide), wide).data.map((value) => value / count),
    triangle: known.triangle.finish(triangle!, count),
    'gradient-mean-square': Float64Array.from({ length: outFeatures }, (_, row) =>
      row % 5 === 0 ? 0 : 0.1 + row,
    ),
  };
};

const settingsOf = (kind: string): object =>
  kind === 'coala without regularisation' ? { kind: 'coala', regularisation: 0 } : { kind };

const pairOf = async (kind: string, rows: Float32Array) => {
  const settings = { method: 'nora', outerRank: rank, innerRank: 2, activationMatrix: settingsOf(kind) };
  const { a, b } = (await outerParts(describeAdapter(adapterSettingsSchema.parse(settings)), {
    ...{ weight, outFeatures, inFeatures, rank, scaling: 1, seed: 1, name: 'w', cache: undefined },
    statistics: await statisticsOf(rows),
  })) as OuterPair;
  const product = multiply(matrixOf(outFeatures, rank, b), matrixOf(rank, inFeatures, a));
  return { a, b, product };
};

/** ||(W - B A) X|| / ||W X|| and ||W - B A|| / ||W|| */
const errorsOf = (product: { readonly data: Float64Array }, rows: Float32Array): [number, number] => {
  const plain = matrixOf(outFeatures, inFeatures, weight);
  const lost = { ...plain, data: plain.data.map((value, index) => value - product.data[index]!) };
  const turned = transpose(matrixOf(rows.length / inFeatures, inFeatures, rows));
  const share = (part: typeof plain, whole: typeof plain): number =>
    frobeniusNorm(part) / (frobeniusNorm(whole) || 1);
  return [share(multiply(lost, turned), multiply(plain, turned)), share(lost, plain)];
};

const largest = (values: Float32Array): number =>
  values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

afterEach(() => vi.unstubAllEnvs());

/** B and A are rounded to fp32, and what few inputs had of a direction counts for little. */
const close = 2e-6;

const kinds = activationMatrixSchema.options.map(({ shape }) => shape.kind.value);

/** A diagonal's least entry, or what a covariance is damped by, is part of its method: where nothing was, A is large by that. */
const most: Partial<Record<string, number>> = {
  'mean-absolute': 1000,
  rms: 1000,
  maximum: 1000,
  'gradient-weighted': 1000,
  shuffled: 1000,
  covariance: 10_000,
};

const suite = (native: '0' | '1'): void => {
  describe.each(Object.keys(inputs))('%s', (name) => {
    const { least, errors } = reference[name]!;
    it.each(Object.keys(errors))('%s loses what it does in LAPACK', async (kind) => {
      vi.stubEnv('NORA_NATIVE', native);
      const { product } = await pairOf(kind, inputs[name]!);
      const [outputs, whole] = errorsOf(product, inputs[name]!);
      expect(Math.abs(outputs - errors[kind]![0])).toBeLessThan(close);
      expect(Math.abs(whole - errors[kind]![1])).toBeLessThan(close);
    });

    it.each(['cholesky', 'eigen'])('%s reaches the least error of the outputs', async (kind) => {
      vi.stubEnv('NORA_NATIVE', native);
      const { product } = await pairOf(kind, inputs[name]!);
      expect(Math.abs(errorsOf(product, inputs[name]!)[0] - least)).toBeLessThan(close);
    });
  });

  it.each(kinds)('%s keeps both factors in proportion', async (kind) => {
    vi.stubEnv('NORA_NATIVE', native);
    for (const [name, rows] of Object.entries(inputs)) {
      const { a, b } = await pairOf(kind, rows);
      expect(Math.max(largest(a), largest(b)), name).toBeLessThan(
        name === 'columns of falling size' ? Infinity : (most[kind] ?? 20),
      );
    }
  });
};

describe('the start from inputs that do not fill the space, by the twin', () => suite('0'));

describeWith('native', 'the start from inputs that do not fill the space, by the addon', () => {
  suite('1');

  it.each(kinds)('%s is what the twin makes of it', async (kind) => {
    for (const [name, rows] of Object.entries(inputs)) {
      vi.stubEnv('NORA_NATIVE', '1');
      const { product } = await pairOf(kind, rows);
      vi.stubEnv('NORA_NATIVE', '0');
      const twin = await pairOf(kind, rows);
      expect(distance(product, twin.product), name).toBeLessThan(1e-5 * frobeniusNorm(twin.product));
    }
  });
});

it('refuses factors that fp32 cannot hold, naming the weight', async () => {
  const subnormal = x.map((value) => value * 1e-42);
  await expect(pairOf('coala', subnormal)).rejects.toThrow(/^w: its factors do not fit fp32/);
  await expect(pairOf('covariance', subnormal)).rejects.toThrow(/^w: its factors do not fit fp32/);
});

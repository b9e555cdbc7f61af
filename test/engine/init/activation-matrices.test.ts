import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  activationMatrixSchema,
  type ActivationMatrix,
} from '../../../main/engine/adapters/description/activation-matrix.ts';
import {
  adapterSettingsSchema,
  describeAdapter,
} from '../../../main/engine/adapters/settings/adapter-settings.ts';
import { readSafetensorsHeader, writeSafetensors } from '../../../main/engine/formats/safetensors.ts';
import { readTensorFloat32 } from '../../../main/engine/formats/safetensors-reader.ts';
import { calibrate } from '../../../main/engine/init/calibration.ts';
import { calibrationOf, outerParts } from '../../../main/engine/init/outer-parts.ts';
import { deadChannels, type LayerStatistics } from '../../../main/engine/init/statistics.ts';
import { multiply } from '../../../main/engine/linear-algebra/matrix.ts';
import { openModel } from '../../../main/engine/models/model.ts';
import { readLayerWeight } from '../../../main/engine/models/weights/model-weights.ts';
import { writeTinyModel } from '../../support/tiny-model.ts';
import { readBatches } from '../../numeric/golden/golden-folder.ts';
import { tokenBatch, tokenFields, type TokenBatch } from '../../../main/engine/data/batches/token-batch.ts';

const folder = join(import.meta.dirname, '../../numeric/fixtures/llama');
const model = openModel(join(folder, 'model'));
const batches = readBatches(folder);
const layer = model.linearLayers.find(({ module }) => module.endsWith('layers.1.mlp.up_proj'))!;
const { outFeatures, inFeatures, module } = layer;
const rank = 8;
const every = [
  'mean-absolute',
  'mean-square',
  'maximum',
  'mean',
  'second-moment',
  'triangle',
  'gradient-mean-square',
] as const;
const take = async (from: readonly TokenBatch[], options: { firstTokenCounts?: boolean } = {}) =>
  (
    await calibrate({
      model,
      layers: [layer],
      batches: from,
      positions: 12,
      statistics: every,
      threads: 1,
      ...options,
    })
  ).get(module)!;

const weight = readLayerWeight(model, layer);

/** ||(W - B A) X||_F / ||W X||_F from the second moment of X, by trace(D G D^T). */
const outputError = async (matrix: ActivationMatrix, statistics: LayerStatistics): Promise<number> => {
  const description = describeAdapter(
    adapterSettingsSchema.parse({ method: 'nora', outerRank: rank, innerRank: 2, activationMatrix: matrix }),
  );
  const { a, b } = await outerParts(description, {
    weight,
    outFeatures,
    inFeatures,
    rank,
    scaling: 1,
    statistics,
    cache: undefined,
    seed: 1,
    name: module,
  });
  const product = multiply(
    { rows: outFeatures, columns: rank, data: b! },
    { rows: rank, columns: inFeatures, data: a! },
  ).data;
  const gram = { rows: inFeatures, columns: inFeatures, data: statistics['second-moment']! };
  const size = (data: Float64Array): number => {
    const left = multiply({ rows: outFeatures, columns: inFeatures, data }, gram).data;
    return left.reduce((sum, value, at) => sum + value * data[at]!, 0);
  };
  const off = Float64Array.from(weight, (value, at) => value - product[at]!);
  return Math.sqrt(size(off) / size(Float64Array.from(weight)));
};

describe('statistics of activations', () => {
  it('are the same however the batches are cut, and do not see padding', async () => {
    const whole = await take(batches);
    const rows = batches.map(tokenFields).flatMap((batch) =>
      Array.from({ length: batch.batch }, (_, row): TokenBatch => {
        const cut = (of: BigInt64Array) => of.slice(row * batch.sequence, (row + 1) * batch.sequence);
        const attentionMask = cut(batch.attentionMask);
        const first = BigInt(row * batch.sequence);
        const inRow = (label: bigint): boolean => label >= first && label < first + BigInt(batch.sequence);
        return tokenBatch({
          ...batch,
          inputIds: cut(batch.inputIds),
          attentionMask,
          positionIds: cut(batch.positionIds),
          segmentIds: cut(batch.segmentIds),
          labelRows: batch.labelRows.filter(inRow).map((label) => label - first),
          labelTargets: batch.labelTargets.filter((_, at) => inRow(batch.labelRows[at]!)),
          tokenTypes: cut(batch.tokenTypes),
          batch: 1,
          tokens: Number(attentionMask.reduce((sum, one) => sum + one, 0n)),
        });
      }),
    );
    const cut = await take(rows);
    for (const name of every)
      whole[name]!.forEach((value, at) => expect(cut[name]![at]).toBeCloseTo(value, 5));
  });

  it("leave each row's first token out where asked", async () => {
    const [all, without] = [await take(batches), await take(batches, { firstTokenCounts: false })];
    const first = batches.map(tokenFields).map((batch) =>
      tokenBatch({
        ...batch,
        attentionMask: batch.attentionMask.map((mask, at) => (batch.positionIds[at] === 0n ? mask : 0n)),
      }),
    );
    const [tokens, rows] = [
      batches.reduce((sum, batch) => sum + batch.tokens, 0),
      batches.reduce((sum, batch) => sum + batch.batch, 0),
    ];
    // At the first position a token sees only itself, so a mask over the rest changes nothing.
    const alone = await take(first);
    all['mean-square']!.forEach((value, at) =>
      expect((value * tokens - alone['mean-square']![at]! * rows) / (tokens - rows)).toBeCloseTo(
        without['mean-square']![at]!,
        5,
      ),
    );
  });

  it('agree with each other', async () => {
    const {
      'mean-square': square,
      'second-moment': gram,
      'mean-absolute': mean,
      maximum,
    } = await take(batches);
    square!.forEach((value, at) => {
      expect(gram![at * inFeatures + at]).toBeCloseTo(value, 6);
      expect(mean![at]! ** 2).toBeLessThanOrEqual(value * (1 + 1e-9));
      expect(maximum![at]! ** 2).toBeGreaterThanOrEqual(value);
    });
  });
});

it('refuses activations that are no numbers, naming the module', async () => {
  const directory = writeTinyModel(mkdtempSync(join(tmpdir(), 'nora-overflow-')), { rms_norm_eps: 1e-5 });
  const file = join(directory, 'model.safetensors');
  const header = readSafetensorsHeader(file);
  const tensors = [...header.tensors].map(([name, { shape }]) => ({
    name,
    dtype: 'F32' as const,
    shape,
    // Norms of the second layer that overflow when they are squared.
    data: name.includes('layers.1.input_layernorm')
      ? new Float32Array(shape[0]!).fill(3e38)
      : readTensorFloat32(header, name),
  }));
  writeSafetensors(file, tensors, {});
  const overflowing = openModel(directory);
  const [own] = overflowing.linearLayers.filter(({ module: name }) =>
    name.endsWith('layers.1.self_attn.q_proj'),
  );
  const [batch] = batches;
  const fields = tokenFields(batch!);
  const small = tokenBatch({ ...fields, inputIds: fields.inputIds.map((id) => id % 16n) });
  const taking = (statistic: 'second-moment' | 'mean-square' | 'triangle') =>
    calibrate({
      model: overflowing,
      layers: [own!],
      batches: [small],
      positions: 12,
      statistics: [statistic],
      threads: 1,
    });
  await expect(taking('mean-square')).rejects.toThrow(
    'model.layers.1.self_attn.q_proj: the inputs hold NaN or infinity on the calibration data',
  );
  await expect(taking('triangle')).rejects.toThrow('model.layers.1.self_attn.q_proj: the inputs hold NaN');
  rmSync(directory, { recursive: true });
});

describe('what a weight is decomposed with', () => {
  const errors = new Map<string, number>();
  let dropped: number;

  beforeAll(async () => {
    const statistics = await take(batches);
    for (const kind of activationMatrixSchema.options.map(({ shape }) => shape.kind.value))
      errors.set(kind, await outputError(activationMatrixSchema.parse({ kind }), statistics));
    // The least error that any rank allows: the singular values of W X that are left out, X X^T = L L^T.
    const { cholesky } = await import('../../../main/engine/linear-algebra/cholesky.ts');
    const { singularValueDecomposition } = await import('../../../main/engine/linear-algebra/svd.ts');
    const gram = { rows: inFeatures, columns: inFeatures, data: statistics['second-moment']! };
    const product = multiply({ rows: outFeatures, columns: inFeatures, data: weight }, cholesky(gram)!);
    const { singularValues } = singularValueDecomposition(product, inFeatures);
    const squares = (values: Float64Array): number => values.reduce((sum, value) => sum + value * value, 0);
    dropped = Math.sqrt(squares(singularValues.slice(rank)) / squares(singularValues));
  });

  it('reaches the least output error by whitening, either way', () => {
    expect(errors.get('cholesky')).toBeCloseTo(dropped, 6);
    expect(errors.get('eigen')).toBeCloseTo(dropped, 6);
  });

  it('reaches it by COALA without regularisation, and pays little for it', async () => {
    const own = await outputError({ kind: 'coala', regularisation: 0 }, await take(batches));
    expect(own).toBeCloseTo(dropped, 6);
    expect(errors.get('coala')).toBeLessThan(1.2 * dropped);
  });

  it('is never below it', () => {
    for (const [kind, error] of errors) expect(error, kind).toBeGreaterThan(dropped - 1e-6);
  });

  it('is worst on a random subspace', () => expect(errors.get('random')).toBe(Math.max(...errors.values())));

  it('asks for what it needs only', () => {
    const needed = (kind: string) =>
      calibrationOf(
        describeAdapter(adapterSettingsSchema.parse({ method: 'nora', activationMatrix: { kind } })),
      );
    expect(needed('none')).toEqual({
      statistics: [],
      batches: 0,
      firstTokenCounts: true,
      tokens: 'all',
    });
    expect(needed('rms')).toEqual({
      statistics: ['mean-square'],
      batches: 8,
      firstTokenCounts: true,
      tokens: 'all',
    });
    expect(needed('gradient-weighted').statistics).toEqual(['mean-square', 'gradient-mean-square']);
  });
});

it('counts inputs that were never active', () => {
  expect(deadChannels({ maximum: Float64Array.of(0, 2, 0) }, 3)).toBe(2);
  expect(deadChannels({ 'second-moment': Float64Array.of(1, 0, 0, 0) }, 2)).toBe(1);
  expect(deadChannels({}, 4)).toBe(0);
});

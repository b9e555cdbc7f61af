import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  adapterSettingsSchema,
  describeAdapter,
} from '../../../main/engine/adapters/settings/adapter-settings.ts';
import { factorKey, layerAdapter } from '../../../main/engine/adapters/layer/layer-adapter.ts';
import { selectTargets } from '../../../main/engine/adapters/layer/target-modules.ts';
import { calibrate } from '../../../main/engine/init/calibration.ts';
import { coala } from '../../../main/engine/init/coala.ts';
import { initialiseAdapter } from '../../../main/engine/init/initialise-adapter.ts';
import { calibrationOf } from '../../../main/engine/init/outer-parts.ts';
import { shareRanks } from '../../../main/engine/init/share-ranks.ts';
import { multiply } from '../../../main/engine/linear-algebra/matrix.ts';
import { takeIn } from '../../../main/engine/linear-algebra/triangle.ts';
import type { LinearLayer } from '../../../main/engine/models/architecture.ts';
import { openModel } from '../../../main/engine/models/model.ts';
import { readBatches } from '../../numeric/golden/golden-folder.ts';

/** PyTorch's, in fp64: make-calibration-reference.py. */
const reference = JSON.parse(
  readFileSync(join(import.meta.dirname, 'fixtures/calibration.json'), 'utf8'),
) as {
  readonly gradientRms: Readonly<Record<string, readonly number[]>>;
  readonly eva: {
    readonly ranks: Readonly<Record<string, number>>;
    readonly explained: Readonly<Record<string, readonly number[]>>;
    readonly projected: Readonly<Record<string, readonly number[]>>;
  };
  readonly coala: {
    readonly rank: number;
    readonly regularisation: number;
    readonly plain: readonly number[];
    readonly regular: readonly number[];
  };
};

const folder = join(import.meta.dirname, '../../numeric/fixtures/llama');
const model = openModel(join(folder, 'model'));
const batches = readBatches(folder);
const shared = { model, batches, positions: 12, threads: 1 };
const ramp = (size: number): Float64Array =>
  Float64Array.from({ length: size }, (_, at) => -1 + (2 * at) / (size - 1));

it('finds the gradients of the loss by the outputs of layers', async () => {
  const found = await calibrate({
    ...shared,
    layers: model.targetLayers,
    statistics: ['mean-square', 'gradient-mean-square'],
  });
  for (const [module, values] of Object.entries(reference.gradientRms)) {
    const own = found.get(module)!['gradient-mean-square']!.map(Math.sqrt);
    expect(own).toHaveLength(values.length);
    const most = Math.max(...values);
    own.forEach((value, at) => expect(Math.abs(value - values[at]!) / most).toBeLessThan(1e-5));
  }
  // The head's own outputs too, chunk by chunk.
  for (const { module, outFeatures } of model.targetLayers)
    expect(found.get(module)!['gradient-mean-square']).toHaveLength(outFeatures);
});

describe('EVA', () => {
  const settings = adapterSettingsSchema.parse({ method: 'eva', rank: 4, alpha: 8 });
  const layers = selectTargets(model.targetLayers, settings);
  const description = describeAdapter(settings);
  const { statistics, tokens, firstTokenCounts } = calibrationOf(description);
  const statisticsOf = (group: readonly LinearLayer[]) =>
    calibrate({ ...shared, layers: group, statistics, tokens, firstTokenCounts });

  it('shares the ranks out as PEFT does', async () => {
    const ranked = await shareRanks({ settings, layers, calibrate: statisticsOf });
    const { outer } = describeAdapter(ranked.settings);
    expect(outer.rank.sharedUpTo).toBeNull();
    expect(Object.fromEntries(layers.map(({ module }) => [module, outer.rank.pattern[module] ?? 0]))).toEqual(
      reference.eva.ranks,
    );
    const again = describeAdapter(adapterSettingsSchema.parse(ranked.settings));
    for (const layer of ranked.layers) {
      expect(layerAdapter(again, layer).scaling).toBeCloseTo(2, 12);
      expect(ranked.parts!.get(layer)!.a).toHaveLength(outer.rank.pattern[layer.module]! * layer.inFeatures);
    }
  });

  it('starts A as the main directions of the inputs, and B at zero', async () => {
    const values = await initialiseAdapter({ model, description, layers, seed: 1, calibrate: statisticsOf });
    for (const [module, expected] of Object.entries(reference.eva.projected)) {
      const layer = layers.find((one) => one.module === module)!;
      const { left, right } = layerAdapter(description, layer);
      const a = values.get(factorKey(module, right[0]![0]!))!;
      expect(values.get(factorKey(module, left[0]![0]!))!.every((value) => value === 0)).toBe(true);
      // Signs are free: A^T A on a vector is compared.
      const matrix = { rows: 4, columns: layer.inFeatures, data: a };
      const along = multiply(matrix, {
        rows: layer.inFeatures,
        columns: 1,
        data: ramp(layer.inFeatures),
      }).data;
      const back = multiply({ rows: 1, columns: 4, data: along }, matrix).data;
      back.forEach((value, at) => expect(Math.abs(value - expected[at]!)).toBeLessThan(2e-5));
    }
  });
});

it("counts all of a classifier's tokens where it is asked for those to be predicted: there are none", async () => {
  const directory = join(folder, '../bert_cls');
  const classifier = openModel(join(directory, 'model'));
  const [layer] = classifier.linearLayers;
  const found = (tokens: 'all' | 'labelled') =>
    calibrate({
      model: classifier,
      batches: readBatches(directory),
      positions: 12,
      threads: 1,
      layers: [layer!],
      tokens,
    });
  expect(await found('labelled')).toEqual(await found('all'));
});

describe('COALA', () => {
  const [outFeatures, inFeatures, tokens] = [24, 30, 20];
  const weight = Float32Array.from({ length: outFeatures * inFeatures }, (_, at) => {
    const [i, j] = [Math.floor(at / inFeatures), at % inFeatures];
    return Math.sin(0.7 * i + 1.3 * j + 0.11 * i * j);
  });
  const rows = Float64Array.from({ length: tokens * inFeatures }, (_, at) => {
    const [t, j] = [Math.floor(at / inFeatures), at % inFeatures];
    return Math.cos(0.31 * j * t + 0.17 * j) * (1 + (j % 5));
  });
  const triangle = {
    rows: inFeatures,
    columns: inFeatures,
    data: takeIn(new Float64Array(inFeatures ** 2), rows, inFeatures),
  };
  const { rank, regularisation, plain, regular } = reference.coala;

  it.each([
    ['without regularisation', 0, plain],
    ['with it', regularisation, regular],
  ])("gives the authors' W' %s, whatever the split", async (_, strength, expected) => {
    for (const split of ['b', 'a', 'square-root'] as const) {
      const { a, b } = await coala({
        weight,
        outFeatures,
        inFeatures,
        rank,
        triangle,
        regularisation: strength,
        split,
        name: 'w',
      });
      const product = multiply(
        { rows: outFeatures, columns: rank, data: b },
        { rows: rank, columns: inFeatures, data: a },
      );
      const own = multiply(product, { rows: inFeatures, columns: 1, data: ramp(inFeatures) }).data;
      own.forEach((value, at) => expect(Math.abs(value - expected[at]!)).toBeLessThan(5e-6));
    }
  });
});

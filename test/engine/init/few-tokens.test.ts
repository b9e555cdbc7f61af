import { join } from 'node:path';
import { expect, it } from 'vitest';
import { adapterSettingsSchema } from '../../../main/engine/adapters/settings/adapter-settings.ts';
import { coala } from '../../../main/engine/init/coala.ts';
import { updateTriangle } from '../../../main/engine/linear-algebra/triangle.ts';
import { multiply } from '../../../main/engine/linear-algebra/matrix.ts';
import { openModel } from '../../../main/engine/models/model.ts';
import { createRandom } from '../../../main/engine/random.ts';
import { readBatches } from '../../numeric/golden/golden-folder.ts';
import { startedAdapter } from '../../support/moved-adapter.ts';

/** A classifier's pooler sees one token of each row: fewer than a rank, as often as not. */
const [outFeatures, inFeatures, tokens, rank] = [12, 16, 5, 8];

it('COALA of fewer tokens than its rank keeps both factors in proportion', async () => {
  const random = createRandom(5);
  const normal = (size: number): Float64Array => Float64Array.from({ length: size }, () => random.normal());
  const weight = Float32Array.from(normal(outFeatures * inFeatures));
  const data = await updateTriangle(
    new Float64Array(inFeatures * inFeatures),
    normal(tokens * inFeatures),
    inFeatures,
  );
  const triangle = { rows: inFeatures, columns: inFeatures, data };
  const { a, b } = await coala({
    weight,
    outFeatures,
    inFeatures,
    rank,
    triangle,
    regularisation: 1,
    split: 'b',
    name: 'pooler',
  });
  const largest = (values: Float32Array): number => Math.max(...values.map(Math.abs));
  expect(largest(a)).toBeLessThan(10);
  expect(largest(b)).toBeLessThan(100);
  // Nothing is lost of the outputs: (W - B A) R^T = 0.
  const product = multiply(
    { rows: outFeatures, columns: rank, data: b },
    { rows: rank, columns: inFeatures, data: a },
  ).data;
  for (let row = 0; row < outFeatures; row++)
    for (let token = 0; token < tokens; token++) {
      let lost = 0;
      for (let at = 0; at < inFeatures; at++)
        lost +=
          (weight[row * inFeatures + at]! - product[row * inFeatures + at]!) * data[token * inFeatures + at]!;
      expect(Math.abs(lost)).toBeLessThan(1e-4);
    }
});

const folder = join(import.meta.dirname, '../../numeric/fixtures/bert_cls');

/** Four batches of three rows: the pooler has twelve inputs for a rank of sixteen. */
it.each(['coala', 'cholesky', 'eigen', 'covariance', 'mean-absolute', 'gradient-weighted'] as const)(
  'a pooler under %s has factors that a step of training does not blow up',
  async (kind) => {
    const model = openModel(join(folder, 'model'));
    const batches = readBatches(folder);
    const settings = adapterSettingsSchema.parse({
      method: 'nora',
      outerRank: 16,
      innerRank: 4,
      activationMatrix: { kind },
      targetModules: ['pooler.dense'],
    });
    const { values } = (await startedAdapter(model, batches, settings)).adapter;
    const largest = (name: string): number =>
      Math.max(...values.get(`bert.pooler.dense.${name}`)!.map(Math.abs));
    expect(largest('lora_A')).toBeLessThan(100);
    expect(largest('lora_B')).toBeLessThan(100);
  },
);

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { weightsInPlace, type BaseWeights } from '../../../main/engine/base/base-weights.ts';
import { withBaseFormat } from '../../../main/engine/models/weights/quantized-base.ts';
import { quantizedWeights } from '../../../main/engine/base/quantized-weights.ts';
import type { GraphBuilder } from '../../../main/engine/graph/builder.ts';
import { createGraphBuilder } from '../../../main/engine/graph/create-graph-builder.ts';
import { multiply } from '../../../main/engine/linear-algebra/matrix.ts';
import { openModel } from '../../../main/engine/models/model.ts';
import { createRandom } from '../../../main/engine/random.ts';
import { createSession } from '../../../main/engine/runtime/session.ts';

const model = openModel(join(import.meta.dirname, '../../numeric/fixtures/llama/model'));
const cacheFolder = mkdtempSync(join(tmpdir(), 'nora-tables-'));
const { base } = withBaseFormat(model, 'int4', { cacheFolder });
const [vocabulary, width, rows] = [128, 64, 3];

it.each<readonly [string, (g: GraphBuilder) => BaseWeights]>([
  ['in place', (g) => weightsInPlace(g, model.tensors)],
  ['in blocks of 8 bits', (g) => quantizedWeights(g, base!)],
])('a table %s multiplies by the very rows that are picked from it', async (_, weights) => {
  const g = createGraphBuilder();
  const table = weights(g).table('model.embed_tokens.weight', [vocabulary, width]);
  const graph = g.build({
    picked: table.rows(g.input('indices', 'int64', ['n'])),
    product: table.product(g.input('x', 'float32', [rows, vocabulary])),
  });
  const random = createRandom(2);
  const x = Float32Array.from({ length: rows * vocabulary }, () => random.normal());
  const session = await createSession(graph, { threads: 1 });
  const { picked, product } = await session.run({
    indices: { shape: [vocabulary], data: BigInt64Array.from({ length: vocabulary }, (_, at) => BigInt(at)) },
    x: { shape: [rows, vocabulary], data: x },
  });
  await session.release();
  const expected = multiply(
    { rows, columns: vocabulary, data: x },
    { rows: vocabulary, columns: width, data: picked!.data as Float32Array },
  ).data;
  const worst = (product!.data as Float32Array).reduce(
    (most, value, at) => Math.max(most, Math.abs(value - expected[at]!)),
    0,
  );
  expect(worst).toBeLessThan(1e-4);
  expect(Math.max(...expected)).toBeGreaterThan(1);
});

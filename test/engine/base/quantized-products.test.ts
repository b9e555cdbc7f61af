import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, it } from 'vitest';
import { differentiate } from '../../../main/engine/autodiff/differentiate.ts';
import { quantizeTwoWay, type ScaledRows } from '../../../main/engine/base/quantize.ts';
import type { GraphBuilder } from '../../../main/engine/graph/builder.ts';
import { createGraphBuilder } from '../../../main/engine/graph/create-graph-builder.ts';
import type { Value } from '../../../main/engine/graph/graph.ts';
import { withExactBytes } from '../../../main/engine/lower/cpu/exact-bytes.ts';
import { lowerFor, nativeTarget } from '../../../main/engine/lower/lower.ts';
import { createRandom } from '../../../main/engine/random.ts';
import { createSession } from '../../../main/engine/runtime/session.ts';

const [tokens, inner, outer] = [5, 48, 33];
const random = createRandom(11);
const draw = (length: number): Float32Array => Float32Array.from({ length }, () => random.normal());

/** Each row rounded to 127 levels of its largest magnitude; a row of zeros stays zero. */
const roundRows = (x: Float32Array, width: number): Float64Array =>
  Float64Array.from(x, (value, at) => {
    const row = x.subarray(at - (at % width), at - (at % width) + width);
    const scale = Math.max(...row.map(Math.abs)) / 127;
    return scale === 0 ? 0 : Math.round(value / scale) * scale;
  });

/** x times the matrix (width x columns) that `values` holds with a scale per column. */
const times = (x: Float64Array, width: number, { values, scales }: ScaledRows): number[] => {
  const columns = scales.length;
  return Array.from({ length: (x.length / width) * columns }, (_, at) => {
    const [row, column] = [Math.floor(at / columns), at % columns];
    let sum = 0;
    for (let k = 0; k < width; k++) sum += x[row * width + k]! * values[k * columns + column]!;
    return sum * scales[column]!;
  });
};

const pair = (g: GraphBuilder, name: string, { values, scales }: ScaledRows): [Value, Value] => [
  g.initializer(name, 'int8', [values.length / scales.length, scales.length], {
    kind: 'inline',
    data: values,
  }),
  g.constant(`${name}_scales`, [scales.length], scales),
];

const largestDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Math.max(...Array.from(a, (value, at) => Math.abs(value - b[at]!)));

it('the 8-bit product and its gradient are those of rounded rows and the rounded weights', async () => {
  const { forward, backward } = quantizeTwoWay(draw(outer * inner), outer, inner);
  const x = draw(tokens * inner);
  x.fill(0, inner, 2 * inner);
  const weights = draw(tokens * outer);

  const g = createGraphBuilder();
  const input = g.input('x', 'float32', ['tokens', inner]);
  const product = g.quantizedMatmul(
    input,
    ...g.quantizeRows(input),
    ...pair(g, 'w', forward),
    ...pair(g, 'twin', backward),
  );
  const loss = g.sum(g.multiply(product, g.input('weights', 'float32', ['tokens', outer])), [0, 1]);
  const [gradient] = differentiate(g, loss, [input]);
  const session = await createSession(g.build({ product, gradient: gradient as Value }), { threads: 1 });
  const result = await session.run({
    x: { shape: [tokens, inner], data: x },
    weights: { shape: [tokens, outer], data: weights },
  });
  await session.release();

  const expected = times(roundRows(x, inner), inner, forward);
  expect(largestDifference(result['product']!.data as Float32Array, expected)).toBeLessThan(2e-4);
  // d loss / d product is `weights`; its product with W comes from the copy that is scaled along the other axis.
  const expectedGradient = times(roundRows(weights, outer), outer, backward);
  expect(largestDifference(result['gradient']!.data as Float32Array, expectedGradient)).toBeLessThan(2e-4);
});

it('the 8-bit product is right where products of bytes saturate: at the largest values there are, too', async () => {
  const ends = Float32Array.from({ length: outer * inner }, (_, at) => (at % 3 === 0 ? -1 : 1));
  for (const weight of [draw(outer * inner), ends, ends.map((value) => -value)]) {
    const { forward, backward } = quantizeTwoWay(weight, outer, inner);
    const x = draw(tokens * inner);
    x.fill(1, 0, inner).fill(-1, inner, 2 * inner);
    const g = createGraphBuilder();
    const input = g.input('x', 'float32', ['tokens', inner]);
    const product = g.quantizedMatmul(
      input,
      ...g.quantizeRows(input),
      ...pair(g, 'w', forward),
      ...pair(g, 'twin', backward),
    );
    const { bytes } = lowerFor(g.build({ product }), withExactBytes(nativeTarget));
    const session = await InferenceSession.create(bytes, {
      graphOptimizationLevel: 'disabled',
      logSeverityLevel: 3,
    });
    const result = await session.run({ x: new Tensor('float32', x, [tokens, inner]) });
    await session.release();
    const expected = times(roundRows(x, inner), inner, forward);
    expect(largestDifference(result['product']!.data as Float32Array, expected)).toBeLessThan(2e-4);
  }
});

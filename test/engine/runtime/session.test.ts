import { expect, it } from 'vitest';
import { createGraphBuilder } from '../../../main/engine/graph/create-graph-builder.ts';
import { createSession } from '../../../main/engine/runtime/session.ts';

it('writes outputs where it is told to, into parts of a larger array too', async () => {
  const g = createGraphBuilder();
  const x = g.input('x', 'float32', [3]);
  const session = await createSession(g.build({ sum: g.add(x, 1), product: g.multiply(x, 2) }), {
    threads: 1,
  });
  const whole = new Float32Array(9);
  const place = { shape: [3], data: whole.subarray(3, 6) };
  const inputs = { x: { shape: [3], data: Float32Array.of(1, 2, 3) } };
  for (let run = 0; run < 3; run++) {
    const { sum, product } = await session.run(inputs, { sum: place });
    expect(sum).toBe(place);
    expect([...whole]).toEqual([0, 0, 0, 2, 3, 4, 0, 0, 0]);
    expect([...product!.data]).toEqual([2, 4, 6]);
  }
  await session.release();
});

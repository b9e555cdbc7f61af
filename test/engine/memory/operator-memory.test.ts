import { afterEach, expect, it, vi } from 'vitest';
import { createGraphBuilder } from '../../../main/engine/graph/create-graph-builder.ts';
import { peakOf } from '../../../main/engine/memory/peak.ts';
import { planRun } from '../../../main/engine/memory/plan-run.ts';
import { itWith } from '../../support/requirements.ts';

const library = vi.hoisted(() => ({ opens: true }));
vi.mock(import('../../../main/engine/runtime/native-runtime.ts'), async (original) => {
  const module = await original();
  return { ...module, nativeRuntime: () => (library.opens ? module.nativeRuntime() : undefined) };
});
afterEach(() => {
  library.opens = true;
});

/** A sum of two products of 100 x 200 with 200 x 300: the result's bytes, and what is taken beside it. */
const taken = (): { result: number; peak: number } => {
  const g = createGraphBuilder();
  const left = g.input('left', 'float32', ['rows', 200]);
  const right = g.input('right', 'float32', [200, 300]);
  const transposed = [false, false] as const;
  const y = g.apply(
    'sumOfProducts',
    { factors: [left, right, left, right] },
    { transposed: [transposed, transposed] },
  );
  return { result: 4 * 100 * 300, peak: peakOf(planRun(g.build({ y: y.y }), { rows: 100 })) };
};

itWith(
  'native',
  "a sum of products takes a copy of its left factor where the addon's kernel computes it",
  () => {
    const { result, peak } = taken();
    expect(peak - result).toBe(4 * 100 * 800);
  },
);

itWith('native', 'and a product to be added where the addon is there, but opens no session', () => {
  library.opens = false;
  const { result, peak } = taken();
  expect(peak).toBe(2 * result);
});

it.each([
  ['float32', null, 0, 2],
  ['float32', 30, 0, 3],
  ['bfloat16', null, 0.1, 3],
] as const)(
  'without the addon a head of %s, its cap %s and smoothing %d, holds %d logits a row, and what is wide of its table',
  (dataType, softcap, smoothing, logits) => {
    library.opens = false;
    const [rows, width, outputs] = [10, 8, 100];
    const g = createGraphBuilder();
    const { losses, slope } = g.apply(
      'linearCrossEntropy',
      {
        rows: g.input('rows', 'float32', ['rows', width]),
        weight: g.input('weight', dataType, [outputs, width]),
        targets: g.input('targets', 'int64', ['rows']),
      },
      { softcap, smoothing, rounded: false },
    );
    const peak = peakOf(planRun(g.build({ losses, slope }), { rows }));
    const table = dataType === 'float32' ? 0 : outputs * width;
    expect(peak).toBe(4 * (rows + rows * width + logits * rows * outputs + table));
  },
);

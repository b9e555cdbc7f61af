import { describe, expect, it } from 'vitest';
import { createGraphBuilder } from '../../../main/engine/graph/create-graph-builder.ts';
import { largestError, type Case } from './finite-differences.ts';
import { cases, withoutCase } from './gradient-cases.ts';

/** Operators that a case is made of. */
const operatorsOf = ({ shapes, named = shapes, build }: Case): Set<string> => {
  const g = createGraphBuilder();
  build(
    g,
    named.map((shape, index) => g.input(`x${index}`, 'float32', shape)),
  );
  return new Set(g.nodes.map(({ operator }) => operator));
};

const isBroadcast = ({ shapes: [a, b] }: Case): boolean =>
  a !== undefined && b !== undefined && a.join() !== b.join();

describe('the cases', () => {
  it.each(Object.entries(cases))('of %s are of that operator, and not none', (operator, list) => {
    expect(list.length === 0).toBe(operator in withoutCase);
    for (const one of list) expect([...operatorsOf(one)]).toContain(operator);
  });

  it.each(['add', 'subtract', 'multiply', 'divide', 'minimum', 'select', 'matmul'] as const)(
    'of %s have inputs that are repeated to meet each other',
    (operator) => expect(cases[operator].some(isBroadcast)).toBe(true),
  );
});

describe('gradient rules against central differences', () => {
  for (const [operator, list] of Object.entries(cases))
    it.each(
      list.map((one, index) => ({
        one,
        title: `${operator} ${index + 1}: ${one.shapes.map((shape) => `[${shape.join(', ')}]`).join(' ')}`,
      })),
    )('$title', async ({ one }) => {
      expect(await largestError(one, () => true)).toBeLessThan(2e-3);
      expect(await largestError(one, () => false)).toBeLessThan(2e-3);
    });
});

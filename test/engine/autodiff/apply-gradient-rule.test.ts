import { describe, expect, it } from 'vitest';
import { gradientsInOrder } from '../../../main/engine/autodiff/apply-gradient-rule.ts';
import type { Value } from '../../../main/engine/graph/graph.ts';
import type { GradientRule } from '../../../main/engine/graph/operators/entry.ts';

const value = (id: number): Value => ({ id, dataType: 'float32', shape: [] });
const [a, b, c] = [value(0), value(1), value(2)];

describe('the gradients that a rule gives', () => {
  it('come in the order of the inputs, whatever order the rule has', () => {
    expect(gradientsInOrder({ operator: 'multiply', inputs: [a, b] }, { b: c, a })).toEqual([a, c]);
    const after = { operator: 'after', inputs: [a, b, c] } as const;
    expect(gradientsInOrder(after, { awaited: [undefined, b], x: c })).toEqual([c, undefined, b]);
  });

  it('are one for each input, or the rule is at fault', () => {
    const tooFew = { a } as unknown as { a: Value; b: Value };
    expect(() => gradientsInOrder({ operator: 'multiply', inputs: [a, b] }, tooFew)).toThrow(
      'the gradient rule of multiply: nothing is given for b',
    );
    const after = { operator: 'after', inputs: [a, b, c] } as const;
    expect(() => gradientsInOrder(after, { x: a, awaited: [b] })).toThrow(
      'the gradient rule of after: 2 gradients for 3 inputs',
    );
    const noList = { x: a } as unknown as { x: Value; awaited: Value[] };
    expect(() => gradientsInOrder(after, noList)).toThrow(
      'the gradient rule of after: nothing is given for awaited',
    );
  });

  it('are asked for by the types too', () => {
    // @ts-expect-error the gradient by b is missing
    const tooFew: GradientRule<'multiply'> = ({ g, inputs, gradient }) => ({
      a: g.multiply(gradient, inputs.b),
    });
    // @ts-expect-error one for each of the awaited
    const noList: GradientRule<'after'> = ({ gradient }) => ({ x: gradient });
    expect([tooFew, noList]).toHaveLength(2);
  });
});

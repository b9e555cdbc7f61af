import { describe, expect, it } from 'vitest';
import { createGraphBuilder } from '../../../main/engine/graph/create-graph-builder.ts';
import { operators } from '../../../main/engine/graph/operators/index.ts';
import type { OperatorName } from '../../../main/engine/graph/signatures.ts';
import { cases } from '../autodiff/gradient-cases.ts';

const names = Object.keys(operators) as OperatorName[];

describe('the entries of operators', () => {
  it.each(names)('%s has a method of the builder', (name) => {
    expect(createGraphBuilder()).toHaveProperty(name, expect.any(Function));
  });

  it.each(names)('%s names its attributes, all and no others', (name) => {
    for (const { shapes, named = shapes, build } of cases[name]) {
      const g = createGraphBuilder();
      build(
        g,
        named.map((shape, index) => g.input(`x${index}`, 'float32', shape)),
      );
      for (const { operator, attributes } of g.nodes)
        expect(Object.keys(attributes).sort()).toEqual([...operators[operator].attributes].sort());
    }
  });
});

describe('the methods of the builder', () => {
  const g = createGraphBuilder();
  const [x, y] = [g.input('x', 'float32', [2, 3]), g.input('y', 'float32', [2, 3])];
  const weight = g.input('weight', 'float32', [3]);

  it('take one attribute by itself, several as a record, any number of inputs as a list', () => {
    g.sum(x, [1]);
    g.blockMatmul(
      x,
      g.initializer('w', 'int8', [4, 3], { kind: 'inline', data: new Int8Array(12) }),
      g.input('scales', 'float32', [4, 1]),
      { transposed: false, blockSize: 32 },
    );
    g.concatenate([x, y], 1);
    expect(g.nodes.map(({ operator, attributes }) => [operator, attributes])).toEqual([
      ['sum', { axes: [1] }],
      ['blockMatmul', { transposed: false, blockSize: 32 }],
      ['concatenate', { axis: 1 }],
    ]);
    expect(g.nodes[2]?.inputs).toEqual([x, y]);
  });

  it('give the first output, and `apply` all of them by name', () => {
    const first = g.rmsNorm(x, weight, 1e-5);
    const { y: all, inverse } = g.apply('rmsNorm', { x, weight }, { epsilon: 1e-5 });
    expect([first.shape, all.shape, inverse.shape]).toEqual([
      [2, 3],
      [2, 3],
      [2, 1],
    ]);
  });
});

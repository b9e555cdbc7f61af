import { describe, expect, it } from 'vitest';
import { differentiate } from '../../../main/engine/autodiff/differentiate.ts';
import { createGraphBuilder } from '../../../main/engine/graph/create-graph-builder.ts';
import type { Value } from '../../../main/engine/graph/graph.ts';
import { cpuRules } from '../../../main/engine/lower/cpu/index.ts';
import { nativeTarget, portableTarget } from '../../../main/engine/lower/lower.ts';
import { portableRules } from '../../../main/engine/lower/portable/index.ts';
import { tileBounds } from '../../../main/engine/lower/portable/tile-bounds.ts';
import { createRandom } from '../../../main/engine/random.ts';
import { cases } from '../autodiff/gradient-cases.ts';
import { runLowered, type FloatTensor } from './run-lowered.ts';

describe('the tables of lowerings', () => {
  it('name the same operators, which are all of them', () => {
    expect(Object.keys(portableRules).sort()).toEqual(Object.keys(cases).sort());
    expect(Object.keys(cpuRules).sort()).toEqual(Object.keys(cases).sort());
  });
});

describe('tiles of queries on a device', () => {
  it('are as long as asked, with a rest, of a number', () => {
    expect(tileBounds(10, { tile: 4, positions: 16 })).toEqual([0, 4, 8, 10]);
    expect(tileBounds(3, { tile: 4, positions: 16 })).toEqual([0, 3]);
  });

  it('are equal parts, none of them longer, of a name that comes often', () => {
    expect(tileBounds('8*rows', { tile: 16, positions: 64 })).toEqual([
      0,
      '2*rows',
      '4*rows',
      '6*rows',
      '8*rows',
    ]);
    expect(tileBounds('8*rows', { tile: 20, positions: 64 })).toHaveLength(5);
    expect(tileBounds('8*rows', { tile: 25, positions: 64 })).toHaveLength(5);
  });

  it('are longer where the name does not come so often, and one where it comes once', () => {
    expect(tileBounds('4*rows', { tile: 1, positions: 64 })).toEqual([
      0,
      'rows',
      '2*rows',
      '3*rows',
      '4*rows',
    ]);
    expect(tileBounds('sequence', { tile: 16, positions: 64 })).toEqual([0, 'sequence']);
  });
});

describe('what is lowered for devices, run on the CPU, gives the numbers and gradients of the CPU’s lowering', () => {
  for (const [operator, list] of Object.entries(cases))
    it.each(list.map((one, index) => ({ one, title: `${operator} ${index + 1}` })))(
      '$title',
      async ({ one: { shapes, named = shapes, build, range = [-1, 1] } }) => {
        const g = createGraphBuilder();
        const inputs = named.map((shape, index) => g.input(`x${index}`, 'float32', shape));
        const y = build(g, inputs);
        const loss = g.sum(
          g.multiply(y, y),
          y.shape.map((_, axis) => axis),
        );
        const gradients = differentiate(g, loss, inputs).map((gradient, at) => [`d${at}`, gradient as Value]);
        const graph = g.build({ y, ...(Object.fromEntries(gradients) as Record<string, Value>) });

        const random = createRandom(5);
        const drawn = shapes.map((shape, index): [string, FloatTensor] => [
          `x${index}`,
          {
            shape,
            data: Float32Array.from(
              { length: shape.reduce((a, b) => a * b, 1) },
              () => range[0] + (range[1] - range[0]) * random.uniform(),
            ),
          },
        ]);
        const feeds = Object.fromEntries(drawn);
        const native = await runLowered(graph, nativeTarget, feeds);
        const portable = await runLowered(graph, portableTarget, feeds);
        for (const [name, { shape, data }] of Object.entries(native)) {
          expect(portable[name]?.shape).toEqual(shape);
          const largest = Math.max(1, ...data.map(Math.abs));
          const error = Math.max(...data.map((value, at) => Math.abs(value - portable[name]!.data[at]!)));
          expect(error / largest).toBeLessThan(2e-6);
        }
      },
    );
});

import { addAsProducts } from '../../../main/engine/graph/add-as-products.ts';
import { blockSize } from '../../../main/engine/base/base-format.ts';
import {
  blocksPerRow,
  quantizeBlocks,
  quantizeTwoWay,
  type ScaledRows,
} from '../../../main/engine/base/quantize.ts';
import type { GraphBuilder } from '../../../main/engine/graph/builder.ts';
import type { Value } from '../../../main/engine/graph/graph.ts';
import type { OperatorName } from '../../../main/engine/graph/signatures.ts';
import { createRandom } from '../../../main/engine/random.ts';
import type { Case } from '../autodiff/finite-differences.ts';

const parts = (g: GraphBuilder, name: string, { values, scales }: ScaledRows): [Value, Value] => [
  g.initializer(name, 'int8', [values.length / scales.length, scales.length], {
    kind: 'inline',
    data: values,
  }),
  g.constant(`${name}_scales`, [scales.length], scales),
];

/** A weight (outer x inner) in both of its 8-bit copies, drawn by its name. */
const weight = (g: GraphBuilder, name: string, [outer, inner]: readonly [number, number]) => {
  const random = createRandom(name.length);
  const drawn = Float32Array.from({ length: outer * inner }, () => random.normal());
  const { forward, backward } = quantizeTwoWay(drawn, outer, inner);
  return [...parts(g, name, forward), ...parts(g, `${name}_twin`, backward)] as const;
};

const product = (g: GraphBuilder, x: Value, name: string, shape: readonly [number, number]): Value =>
  g.quantizedMatmul(x, ...g.quantizeRows(x), ...weight(g, name, shape));

/** Operators whose weights are rounded. The gradients of some are not those of their numbers, so gradient-cases.ts has none of them. */
export const roundedCases: { readonly [O in OperatorName]?: readonly Case[] } = {
  quantizeRows: [
    [3, 5],
    [40, 70],
  ].map((shape) => ({
    shapes: [shape],
    build: (g, [x]) => {
      const [values, scales] = g.quantizeRows(x as Value);
      const rounded = g.multiply(g.subtract(g.cast(values, 'float32'), 128), g.detach(scales));
      return g.add(g.detach(rounded), x as Value);
    },
  })),
  quantizedMatmul: (
    [
      [3, 5, 7],
      [40, 36, 70],
    ] as const
  ).map(([rows, inner, outer]) => ({
    shapes: [[rows, inner]],
    build: (g, [x]) => product(g, x as Value, 'weight', [outer, inner]),
  })),
  // A layer with its adapter, and two layers on one input, whose gradients by it are a sum of both kinds.
  quantizedProducts: [
    {
      shapes: [
        [9, 20],
        [2, 20],
        [37, 2],
        [37, 20],
      ],
      build: (g, values) => {
        const [x, ...sides] = values as [Value, Value, Value, Value];
        const adapted = [1, 2].map((nth) => {
          const down = g.matmul(x, sides[0], { transposeB: true });
          const up = g.matmul(down, sides[1], { transposeB: true });
          const layer = product(g, x, `layer${'s'.repeat(nth)}`, [37, 20]);
          return addAsProducts(g, [layer, up], () => true);
        });
        return g.multiply(adapted[0]!, g.add(adapted[1]!, g.matmul(x, sides[2], { transposeB: true })));
      },
    },
  ],
  // Of widths that are no whole number of blocks.
  blockMatmul: (
    [
      ['int4', 40, 70, false],
      ['int4', 40, 70, true],
      ['int8', 9, 600, false],
      ['int8', 600, 66, true],
    ] as const
  ).map(([dataType, rows, width, transposed]) => ({
    shapes: [[11, transposed ? rows : width]],
    build: (g, [x]) => {
      const random = createRandom(rows);
      const drawn = Float32Array.from({ length: rows * width }, () => random.normal());
      const { values, scales } = quantizeBlocks(drawn, rows, width, dataType === 'int4' ? 4 : 8);
      return g.blockMatmul(
        x as Value,
        g.initializer('weight', dataType, [rows, width], { kind: 'inline', data: values }),
        g.constant('scales', [rows, blocksPerRow(width)], scales),
        { transposed, blockSize },
      );
    },
  })),
};

import type { TensorLocation } from '../formats/safetensors-reader.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import { product, type Dimension } from '../graph/dimension.ts';
import type { Value } from '../graph/graph.ts';
import { blockSize, type BaseFormat } from './base-format.ts';
import {
  oncePerName,
  weightsInPlace,
  type BaseWeights,
  type TensorLocations,
  type WeightMatrix,
  type WeightTable,
} from './base-weights.ts';
import { blocksPerRow } from './quantize.ts';

/** A base model's weights in a file of their own, in another form than the model's. */
export interface QuantizedBase {
  readonly format: BaseFormat;
  readonly tensors: TensorLocations;
  /** ||W - Q|| / ||W|| over all linear layers together, Q the copy that the forward pass uses. */
  readonly relativeError: number;
  /** Whether the file was there, but not as it had been written, so that it was made anew. */
  readonly wasDamaged: boolean;
}

/** What the parts of a weight are called in the file: values and scales. A weight has the first two pairs, the last one, or stays whole. */
export const partNames = (name: string) => ({
  forward: [`${name}.forward`, `${name}.forward_scales`] as const,
  backward: [`${name}.backward`, `${name}.backward_scales`] as const,
  blocks: [`${name}.blocks`, `${name}.block_scales`] as const,
  /** For generating: levels from 0 on, padded to whole blocks (rows x blocks x bytes of a block). */
  bits: [`${name}.bits`, `${name}.bit_scales`] as const,
});

/** Rows of W that one blockwise product takes at a time: what is widened to float32 at once stays small. */
const rowsAtOnce = 16_384;

const flatten = (g: GraphBuilder, x: Value): Value =>
  x.shape.length === 2 ? x : g.reshape(x, [product(x.shape.slice(0, -1)), x.shape.at(-1) as Dimension]);

/** (n x m) in the leading axes of x. */
const unflatten = (g: GraphBuilder, flat: Value, x: Value): Value =>
  x.shape.length === 2 ? flat : g.reshape(flat, [...x.shape.slice(0, -1), flat.shape[1] as Dimension]);

/** The weights of a quantised base in a graph. */
export const quantizedWeights = (g: GraphBuilder, { tensors, format }: QuantizedBase): BaseWeights => {
  const whole = weightsInPlace(g, tensors);
  const locate = (name: string): TensorLocation => tensors.get(name) as TensorLocation;
  const stored = oncePerName((name) => {
    const { dtype, shape, file, offset, length } = locate(name);
    return g.initializer(name, dtype === 'I8' ? 'int8' : 'float32', shape, {
      kind: 'file',
      file,
      offset,
      length,
    });
  });

  // Layers that share an input (q, k and v do) share its rounding.
  const rounded = new Map<Value, readonly [Value, Value, Value]>();
  const round = (x: Value): readonly [Value, Value, Value] => {
    const known = rounded.get(x);
    if (known) return known;
    const flat = flatten(g, x);
    const made = [flat, ...g.quantizeRows(flat)] as const;
    rounded.set(x, made);
    return made;
  };

  const twoWay = (name: string): WeightMatrix => {
    const { forward, backward } = partNames(name);
    return {
      frozen: true,
      product: (x) => {
        const [flat, ...values] = round(x);
        const pair = ([weight, scales]: readonly [string, string]) =>
          [stored(weight), stored(scales)] as const;
        return unflatten(g, g.quantizedMatmul(flat, ...values, ...pair(forward), ...pair(backward)), x);
      },
    };
  };

  /** A matrix in blocks as it lies, (rows x width), in parts of some rows. */
  const blocks = oncePerName((name) => {
    const [values, scales] = partNames(name).blocks.map(locate) as [TensorLocation, TensorLocation];
    const [rows, columns] = values.shape as [number, number];
    const bits = values.dtype === 'I8' ? 8 : 4;
    const width = bits === 4 ? columns * 2 : columns;
    const perRow = blocksPerRow(width);
    const part = (from: number, to: number) => {
      const bytes = columns;
      const slice = ({ file, offset }: TensorLocation, row: number) =>
        ({ kind: 'file', file, offset: offset + from * row, length: (to - from) * row }) as const;
      return {
        from,
        to,
        weight: g.initializer(
          `${name}.blocks:${from}`,
          bits === 4 ? 'int4' : 'int8',
          [to - from, width],
          slice(values, bytes),
        ),
        scale: g.initializer(
          `${name}.block_scales:${from}`,
          'float32',
          [to - from, perRow],
          slice(scales, perRow * 4),
        ),
      };
    };
    const parts = Array.from({ length: Math.ceil(rows / rowsAtOnce) }, (_, index) =>
      part(index * rowsAtOnce, Math.min((index + 1) * rowsAtOnce, rows)),
    );
    return { values, scales, rows, width, perRow, parts };
  });

  const blockwise = (name: string): WeightMatrix => {
    const { parts } = blocks(name);
    return {
      frozen: true,
      product: (x) => {
        const flat = flatten(g, x);
        const products = parts.map(({ weight, scale }) =>
          g.blockMatmul(flat, weight, scale, { transposed: false, blockSize }),
        );
        return unflatten(g, products.length === 1 ? (products[0] as Value) : g.concatenate(products, 1), x);
      },
    };
  };

  /** In 8 bits: rows cannot be picked from halves of bytes. */
  const blockwiseTable = (name: string): WeightTable => {
    const { values, scales, rows, width, perRow, parts } = blocks(name);
    return {
      frozen: true,
      product: (x) => {
        const flat = flatten(g, x);
        const products = parts.map(({ from, to, weight, scale }) =>
          g.blockMatmul(g.slice(flat, 1, from, to), weight, scale, { transposed: true, blockSize }),
        );
        return unflatten(
          g,
          products.reduce((a, b) => g.add(a, b)),
          x,
        );
      },
      rows: (indices) => {
        const [table, scale] = [
          g.initializer(`${name}.blocks`, 'int8', [rows, width], { kind: 'file', ...rangeOf(values) }),
          g.initializer(`${name}.block_scales`, 'float32', [rows, perRow], {
            kind: 'file',
            ...rangeOf(scales),
          }),
        ];
        const leading = indices.shape;
        const levels = g.reshape(g.cast(g.gatherRows(table, indices), 'float32'), [
          ...leading,
          perRow,
          blockSize,
        ]);
        const scaled = g.multiply(levels, g.reshape(g.gatherRows(scale, indices), [...leading, perRow, 1]));
        return g.reshape(scaled, [...leading, width]);
      },
    };
  };

  /** Levels and scales for `bitMatmul`. */
  const bitParts = oncePerName((name) => {
    const names = partNames(name).bits;
    const [values, scales] = names.map(locate) as [TensorLocation, TensorLocation];
    const initializer = (at: 0 | 1, dataType: 'uint8' | 'float32', part: TensorLocation): Value =>
      g.initializer(names[at], dataType, part.shape, { kind: 'file', ...rangeOf(part) });
    return {
      weight: initializer(0, 'uint8', values),
      scales: initializer(1, 'float32', scales),
      bits: values.shape[2] === blockSize ? (8 as const) : (4 as const),
    };
  });

  const bitMatrix = (name: string, columns: number): WeightMatrix => {
    const { weight, scales, bits } = bitParts(name);
    return {
      frozen: true,
      product: (x) =>
        unflatten(g, g.bitMatmul(flatten(g, x), weight, scales, { bits, columns, blockSize }), x),
    };
  };

  /** Of a head's 8-bit weight, which the embedding shares. */
  const bitTable = (name: string, width: number): WeightTable => ({
    frozen: true,
    product: () => {
      throw new Error(`${name}: no row of it is multiplied by a matrix while text is generated`);
    },
    rows: (indices) => {
      const { weight, scales } = bitParts(name);
      const leading = indices.shape;
      const levels = g.subtract(g.cast(g.gatherRows(weight, indices), 'float32'), 128);
      const perBlock = g.gatherRows(scales, indices);
      const scaled = g.multiply(levels, g.reshape(perBlock, [...perBlock.shape, 1]));
      return g.reshape(scaled, [...leading, width]);
    },
  });

  /** Beside weights in 8 bits, whose products round more, it may be rounded to bfloat16. */
  const wholeMatrix: BaseWeights['matrix'] = (name, shape, transposed) => {
    const { values, ...matrix } = whole.matrix(name, shape, transposed);
    return { ...matrix, ...(values && { values: () => ({ ...values(), rounded: format === 'int8' }) }) };
  };

  return {
    weight: whole.weight,
    // What is held in few bits was turned to (out x in) when it was made.
    matrix: (name, shape, transposed) => {
      const { forward, blocks: inBlocks, bits } = partNames(name);
      if (tensors.has(bits[0])) return bitMatrix(name, (transposed ? shape[0] : shape[1])!);
      if (tensors.has(forward[0])) return twoWay(name);
      return tensors.has(inBlocks[0]) ? blockwise(name) : wholeMatrix(name, shape, transposed);
    },
    table: (name, shape) => {
      const { blocks: inBlocks, bits } = partNames(name);
      if (tensors.has(bits[0])) return bitTable(name, shape[1]!);
      return tensors.has(inBlocks[0]) ? blockwiseTable(name) : whole.table(name, shape);
    },
  };
};

const rangeOf = ({ file, offset, length }: TensorLocation) => ({ file, offset, length });

import {
  below,
  beside,
  multiply,
  scaleColumns,
  scaleRows,
  type AnyMatrix,
  type Matrix,
} from '../../linear-algebra/matrix.ts';
import type { LayerPlace } from '../../models/architecture.ts';
import type { AdapterDescription } from '../description/adapter-description.ts';
import {
  factorKey,
  layerAdapter,
  type Factor,
  type FactorValues,
  type LayerAdapter,
  type Side,
} from './layer-adapter.ts';

/** An adapter at one layer as a plain LoRA with scaling 1, and DoRA's magnitude: delta W = loraB loraA. Row-major. */
export interface FoldedLayer<Layer extends LayerPlace = LayerPlace> {
  readonly layer: Layer;
  readonly rank: number;
  /** (rank x inFeatures) */
  readonly loraA: Float32Array;
  /** (outFeatures x rank) */
  readonly loraB: Float32Array;
  /** Lengths of the rows of W + delta (outFeatures). */
  readonly magnitude?: Float32Array;
}

const numbersOf = (values: FactorValues, module: string, factor: Factor): Float32Array => {
  const key = factorKey(module, factor);
  const data = values.get(key);
  if (!data) throw new Error(`the adapter has no ${key}`);
  return data;
};

const productOf = (factors: readonly Factor[], module: string, values: FactorValues): AnyMatrix => {
  const before: Float32Array[] = [];
  let product: AnyMatrix | undefined;
  for (const factor of factors) {
    const data = numbersOf(values, module, factor);
    if (factor.diagonal) {
      if (product) product = scaleColumns(product, data);
      else before.push(data);
      continue;
    }
    const matrix = { rows: factor.rows, columns: factor.columns, data };
    product = product ? multiply(product, matrix) : matrix;
  }
  return before.reduceRight((matrix, diagonal) => scaleRows(diagonal, matrix), product as AnyMatrix);
};

/** The numbers of a side, multiplied out in fp64. */
export const sideOf = (side: Side, module: string, values: FactorValues): AnyMatrix =>
  side
    .map((factors) => productOf(factors, module, values))
    .reduce((a, b) => ({
      ...a,
      data: Float64Array.from(a.data, (value, at) => value + (b.data[at] as number)),
    }));

/** A low-rank pair as an adapter has it: delta W = scaling loraB loraA. */
export interface Pair {
  readonly rank: number;
  /** (rank x inFeatures) */
  readonly loraA: AnyMatrix;
  /** (outFeatures x rank) */
  readonly loraB: AnyMatrix;
  readonly scaling: number;
}

/** The same before its scaling is taken in: of a LoRA the very factors that were trained. */
export const unscaledPair = (
  description: AdapterDescription,
  layer: LayerPlace,
  values: FactorValues,
): Pair => {
  const adapter = layerAdapter(description, layer);
  const { left, right } = withResidual(adapter, layer.module, values);
  return { rank: left.columns, loraA: right, loraB: left, scaling: adapter.scaling };
};

/** The lengths that DoRA brings the rows of W + delta to (outFeatures). */
export const lengthsOf = (
  description: AdapterDescription,
  layer: LayerPlace,
  values: FactorValues,
): Float32Array | undefined => {
  const { magnitude } = layerAdapter(description, layer);
  return magnitude ? numbersOf(values, layer.module, magnitude.lengths) : undefined;
};

/**
 * The whole delta as one low-rank pair: the sides multiplied out, and where the base gave up the start, that as more columns and rows
 * of the opposite sign (PEFT's portable form of such methods: twice the rank).
 */
export const foldLayer = <Layer extends LayerPlace>(
  description: AdapterDescription,
  layer: Layer,
  values: FactorValues,
): FoldedLayer<Layer> => {
  const magnitude = lengthsOf(description, layer, values);
  const { rank, loraA, loraB, scaling } = unscaledPair(description, layer, values);
  return {
    layer,
    rank,
    loraA: Float32Array.from(loraA.data),
    loraB: Float32Array.from(loraB.data, (value) => value * scaling),
    ...(magnitude ? { magnitude } : {}),
  };
};

/** What the base gives up at a layer, as the low-rank pair that takes it from W; null where it gives up nothing. */
export const foldResidual = <Layer extends LayerPlace>(
  description: AdapterDescription,
  layer: Layer,
  values: FactorValues,
): FoldedLayer<Layer> | null => {
  const { residual, scaling, rank } = layerAdapter(description, layer);
  if (!residual) return null;
  return {
    layer,
    rank,
    loraA: numbersOf(values, layer.module, residual.right),
    loraB: numbersOf(values, layer.module, residual.left).map((value) => -scaling * value),
  };
};

const withResidual = (
  { left, right, residual }: LayerAdapter,
  module: string,
  values: FactorValues,
): { left: AnyMatrix; right: AnyMatrix } => {
  const main = { left: sideOf(left, module, values), right: sideOf(right, module, values) };
  if (!residual) return main;
  const start = {
    left: sideOf([[residual.left]], module, values),
    right: sideOf([[residual.right]], module, values),
  };
  const negative = { ...start.left, data: Float64Array.from(start.left.data, (value) => -value) };
  return { left: beside(main.left, negative), right: below(main.right, start.right) };
};

/** W + loraB loraA with its rows at the lengths of `magnitude`, accumulated in float64 and rounded once. `weight` is (out x in), row-major. */
export const mergeLayer = (
  { layer: { outFeatures, inFeatures }, rank, loraA, loraB, magnitude }: FoldedLayer,
  weight: Float32Array,
): Float32Array => {
  const { data } = multiply(
    { rows: outFeatures, columns: rank, data: loraB },
    { rows: rank, columns: inFeatures, data: loraA },
  );
  for (let at = 0; at < data.length; at++) data[at]! += weight[at] as number;
  if (magnitude) bringRowsTo(magnitude, { rows: outFeatures, columns: inFeatures, data });
  return Float32Array.from(data);
};

const bringRowsTo = (lengths: Float32Array, { rows, columns, data }: Matrix<Float64Array>): void => {
  for (let row = 0; row < rows; row++) {
    const part = data.subarray(row * columns, (row + 1) * columns);
    const length = Math.sqrt(part.reduce((sum, value) => sum + value * value, 0));
    const factor = (lengths[row] as number) / length;
    for (let at = 0; at < columns; at++) part[at]! *= factor;
  }
};

import { multiply, type AnyMatrix } from '../linear-algebra/matrix.ts';
import type { LinearLayer } from '../models/architecture.ts';
import type { AdapterDescription } from './adapter-description.ts';
import { deltaRank, factorChain, factorKey, type Factor, type FactorValues } from './factors.ts';

/** An adapter at one layer as a plain LoRA with scaling 1: delta W = loraB loraA. Row-major. */
export interface FoldedLayer {
  readonly layer: LinearLayer;
  readonly rank: number;
  /** (rank x inFeatures) */
  readonly loraA: Float32Array;
  /** (outFeatures x rank) */
  readonly loraB: Float32Array;
}

/** The serial chain multiplied out at its narrowest point; the scaling goes into loraB. (reference: PEFT's form, r = r', alpha = r') */
export const foldLayer = (
  description: AdapterDescription,
  layer: LinearLayer,
  values: FactorValues,
): FoldedLayer => {
  const { left, right } = factorChain(description, layer);
  const matrix = (factor: Factor): AnyMatrix => {
    const data = values.get(factorKey(layer.module, factor));
    if (!data) throw new Error(`the adapter has no ${factorKey(layer.module, factor)}`);
    return { rows: factor.rows, columns: factor.columns, data };
  };
  const side = (factors: readonly Factor[]): AnyMatrix => factors.map(matrix).reduce(multiply);
  return {
    layer,
    rank: deltaRank(description),
    loraA: Float32Array.from(side(right).data),
    loraB: Float32Array.from(side(left).data, (value) => value * description.scaling),
  };
};

/** W + loraB loraA, accumulated in float64 and rounded once. `weight` is (out x in), row-major. */
export const mergeLayer = (
  { layer: { outFeatures, inFeatures }, rank, loraA, loraB }: FoldedLayer,
  weight: Float32Array,
): Float32Array => {
  const delta = multiply(
    { rows: outFeatures, columns: rank, data: loraB },
    { rows: rank, columns: inFeatures, data: loraA },
  );
  return weight.map((value, at) => value + (delta.data[at] as number));
};

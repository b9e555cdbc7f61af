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

interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

/** In float64, so that folding costs nothing of the float32 result. */
const multiply = (a: Matrix, b: Matrix): Matrix => {
  const data = new Float64Array(a.rows * b.columns);
  for (let row = 0; row < a.rows; row++)
    for (let inner = 0; inner < a.columns; inner++) {
      const factor = a.data[row * a.columns + inner] as number;
      if (factor === 0) continue;
      const [from, to] = [inner * b.columns, row * b.columns];
      for (let column = 0; column < b.columns; column++) data[to + column]! += factor * (b.data[from + column] as number);
    }
  return { rows: a.rows, columns: b.columns, data };
};

/** The serial chain multiplied out at its narrowest point; the scaling goes into loraB. (reference: PEFT's form, r = r', alpha = r') */
export const foldLayer = (description: AdapterDescription, layer: LinearLayer, values: FactorValues): FoldedLayer => {
  const { left, right } = factorChain(description, layer);
  const matrix = (factor: Factor): Matrix => {
    const data = values.get(factorKey(layer.module, factor));
    if (!data) throw new Error(`the adapter has no ${factorKey(layer.module, factor)}`);
    return { rows: factor.rows, columns: factor.columns, data: Float64Array.from(data) };
  };
  const side = (factors: readonly Factor[]): Matrix => factors.map(matrix).reduce(multiply);
  return {
    layer,
    rank: deltaRank(description),
    loraA: Float32Array.from(side(right).data),
    loraB: Float32Array.from(side(left).data, (value) => value * description.scaling),
  };
};

/** W + loraB loraA, accumulated in float64 and rounded once. `weight` is (out x in), row-major. */
export const mergeLayer = ({ layer: { outFeatures, inFeatures }, rank, loraA, loraB }: FoldedLayer, weight: Float32Array): Float32Array => {
  const delta = multiply({ rows: outFeatures, columns: rank, data: Float64Array.from(loraB) }, { rows: rank, columns: inFeatures, data: Float64Array.from(loraA) });
  return weight.map((value, at) => value + (delta.data[at] as number));
};

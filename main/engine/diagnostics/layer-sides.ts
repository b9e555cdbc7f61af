import { sideOf } from '../adapters/layer/fold.ts';
import { layerAdapter, type FactorValues, type Side } from '../adapters/layer/layer-adapter.ts';
import type { AdapterDescription } from '../adapters/description/adapter-description.ts';
import { below, beside, transpose, type AnyMatrix, type Matrix } from '../linear-algebra/matrix.ts';
import type { LinearLayer } from '../models/architecture.ts';
import { orthonormalBasis, productSvd, type ThinSvd } from './thin-svd.ts';

type Doubles = Matrix<Float64Array>;

const scaled = (matrix: AnyMatrix, factor: number): Doubles => ({
  ...matrix,
  data: Float64Array.from(matrix.data, (value) => factor * value),
});

/**
 * The delta of a layer, taken apart. Where the base gave up the start, that is in it with the opposite sign; all in fp64, as the two nearly
 * cancel.
 */
export const deltaSvd = (
  description: AdapterDescription,
  layer: LinearLayer,
  values: FactorValues,
): ThinSvd => {
  const { left, right, residual, scaling } = layerAdapter(description, layer);
  const name = `the delta of ${layer.module}`;
  const side = (factors: Side): AnyMatrix => sideOf(factors, layer.module, values);
  if (!residual) return productSvd(scaled(side(left), scaling), side(right), name);
  return productSvd(
    scaled(beside(side(left), scaled(side([[residual.left]]), -1)), scaling),
    below(side(right), side([[residual.right]])),
    name,
  );
};

/** The outer pair of a layer: the factors, the spans of B's columns and of A's rows, and B A as it stands for a part of the weight. */
export interface OuterSides {
  /** (out x r) and (r x in) */
  readonly b: AnyMatrix;
  readonly a: AnyMatrix;
  /** (out x i) and (in x j), orthonormal. */
  readonly outputs: Doubles;
  readonly inputs: Doubles;
  /** What B A is multiplied by to stand for a part of W. */
  readonly share: number;
}

/** Whether the outer pair is made of the weight; where it, or half of it, was drawn, its span says nothing of the weight. */
export const isMadeOfWeight = ({
  outer: {
    initialisation: { a, b, source },
  },
}: AdapterDescription): boolean => source !== null && a.kind === 'source' && b.kind === 'source';

/** Null where the pair is not made of the weight. */
export const outerSides = (
  description: AdapterDescription,
  layer: LinearLayer,
  values: FactorValues,
): OuterSides | null => {
  if (!isMadeOfWeight(description)) return null;
  const { source } = description.outer.initialisation;
  const { left, right, scaling } = layerAdapter(description, layer);
  const factors = [...left.flat(), ...right.flat()];
  const outerA = factors.find(({ name }) => name === 'lora_A');
  const outerB = factors.find(({ name }) => name === 'lora_B');
  if (!outerA || !outerB) return null;
  const ofA = sideOf([[outerA]], layer.module, values);
  const ofB = sideOf([[outerB]], layer.module, values);
  return {
    a: ofA,
    b: ofB,
    outputs: orthonormalBasis(ofB),
    inputs: orthonormalBasis(transpose(ofA)),
    share: source?.kind === 'decomposition' && source.descaled ? scaling : 1,
  };
};

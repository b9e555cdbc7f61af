import { singularValueDecomposition } from '../linear-algebra/svd.ts';
import type { LayerStatistics } from './statistics.ts';

/** The main directions of a layer's inputs around their mean. */
export interface PrincipalComponents {
  /** Orthonormal rows (count x in), the one of most variance first. */
  readonly components: Float32Array;
  /** Share of the variance that each explains, (count). */
  readonly explained: Float64Array;
}

/** Layers that share an input share its statistics: each is decomposed once. */
const known = new WeakMap<Float64Array, PrincipalComponents>();

/**
 * The eigenvectors of C = mean x x^T - mean x mean x^T with the largest eigenvalues (EVA, arXiv 2410.07170, which centres as PEFT does).
 * @param count at most the inputs
 */
export const principalComponents = (
  { mean, 'second-moment': moment }: LayerStatistics,
  inFeatures: number,
  count: number,
  name: string,
): PrincipalComponents => {
  if (!mean || !moment) throw new Error(`no statistics of the activations for ${name}`);
  const found = known.get(moment);
  const whole =
    found && found.explained.length >= count ? found : decompose(mean, moment, inFeatures, count, name);
  known.set(moment, whole);
  return {
    components: whole.components.slice(0, count * inFeatures),
    explained: whole.explained.slice(0, count),
  };
};

const decompose = (
  mean: Float64Array,
  moment: Float64Array,
  inFeatures: number,
  count: number,
  name: string,
): PrincipalComponents => {
  const data = moment.map((value, at) => value - mean[Math.floor(at / inFeatures)]! * mean[at % inFeatures]!);
  const covariance = { rows: inFeatures, columns: inFeatures, data };
  const { vt, singularValues } = singularValueDecomposition(covariance, count, `the inputs of ${name}`);
  let variance = 0;
  for (let at = 0; at < inFeatures; at++) variance += data[at * inFeatures + at]!;
  return {
    components: Float32Array.from(vt),
    explained: singularValues.map((value) => value / (variance || 1)),
  };
};

import type { ActivationMatrix } from '../adapters/description/activation-matrix.ts';
import { leadingQr } from '../linear-algebra/leading-qr.ts';
import type { Matrix } from '../linear-algebra/matrix.ts';
import { createRandom } from '../random.ts';
import { activationScale } from './awsvd.ts';
import type { OuterInput } from './outer-input.ts';
import type { StatisticName } from './statistics.ts';
import { matrixWeighting, type Weighting } from './weighting.ts';

type Doubles = Matrix<Float64Array>;

/** S as it is used. */
export type Prepared =
  /** Its diagonal. */
  | { readonly kind: 'diagonal'; readonly scale: Float64Array }
  /** Its diagonal, and that of T: T W S is decomposed. */
  | { readonly kind: 'two-sided'; readonly scale: Float64Array; readonly outputs: Float64Array }
  /** A full matrix with its way back. */
  | { readonly kind: 'matrix'; readonly weighting: Weighting }
  /** R with R^T R = mean x x^T: what is decomposed is W R^T, and only its left side is used. */
  | { readonly kind: 'projection'; readonly triangle: Doubles; readonly regularisation: number }
  /** A subspace that W is restricted to. */
  | { readonly kind: 'subspace'; readonly basis: Doubles };

interface MatrixRule<K extends ActivationMatrix['kind']> {
  readonly needs: readonly StatisticName[];
  /** @param statistics in the order of `needs` */
  readonly prepare: (
    matrix: Extract<ActivationMatrix, { kind: K }>,
    statistics: readonly Float64Array[],
    input: OuterInput,
  ) => Prepared;
}

const diagonal = (scale: Float64Array): Prepared => ({ kind: 'diagonal', scale });

/** Orthonormal columns (in x rank), drawn. */
const randomBasis = ({ inFeatures, rank, seed }: OuterInput): Doubles => {
  const random = createRandom(seed);
  const data = Float64Array.from({ length: inFeatures * rank }, () => random.normal());
  return leadingQr({ rows: inFeatures, columns: rank, data }, rank).q;
};

const fullMatrix = <K extends 'cholesky' | 'eigen' | 'covariance'>(kind: K): MatrixRule<K> => ({
  needs: ['second-moment'],
  prepare: (_, [gram], { inFeatures }) => ({
    kind: 'matrix',
    weighting: matrixWeighting(kind, gram as Float64Array, inFeatures),
  }),
});

/** S from one number for each input, to a power. */
const byInput = (needs: StatisticName, size: (value: number) => number = (value) => value) => ({
  needs: [needs],
  prepare: ({ exponent }: { readonly exponent: number }, [values]: readonly Float64Array[]): Prepared =>
    diagonal(activationScale((values as Float64Array).map(size), exponent)),
});

const rootMeanSquare = (square: Float64Array | undefined): Float64Array =>
  (square as Float64Array).map((value) => Math.sqrt(value));

/** In units of their mean: gradients have any size. */
const relative = (values: Float64Array): Float64Array => {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return mean > 0 ? values.map((value) => value / mean) : values.map(() => 1);
};

const matrices: { readonly [K in ActivationMatrix['kind']]: MatrixRule<K> } = {
  none: {
    needs: [],
    prepare: (_, __, { inFeatures }) => diagonal(new Float64Array(inFeatures).fill(1)),
  },
  'mean-absolute': byInput('mean-absolute'),
  rms: byInput('mean-square', Math.sqrt),
  maximum: byInput('maximum'),
  cholesky: fullMatrix('cholesky'),
  eigen: fullMatrix('eigen'),
  covariance: fullMatrix('covariance'),
  coala: {
    needs: ['triangle'],
    prepare: ({ regularisation }, [triangle], { inFeatures }) => ({
      kind: 'projection',
      triangle: { rows: inFeatures, columns: inFeatures, data: triangle as Float64Array },
      regularisation,
    }),
  },
  // To second order a change D of W costs E[(delta^T D x)^2]; with both taken as independent, that is ||T D S||^2 for p = 1.
  'gradient-weighted': {
    needs: ['mean-square', 'gradient-mean-square'],
    prepare: ({ exponent }, [inputs, gradients]) => ({
      kind: 'two-sided',
      scale: activationScale(rootMeanSquare(inputs), exponent),
      outputs: activationScale(relative(rootMeanSquare(gradients)), exponent),
    }),
  },
  random: { needs: [], prepare: (_, __, input) => ({ kind: 'subspace', basis: randomBasis(input) }) },
  shuffled: {
    needs: ['mean-absolute'],
    prepare: ({ exponent }, [mean], { seed }) =>
      diagonal(
        Float64Array.from(createRandom(seed).shuffle([...activationScale(mean as Float64Array, exponent)])),
      ),
  },
};

/** Statistics that S is made from. */
export const statisticsFor = ({ kind }: ActivationMatrix): readonly StatisticName[] => matrices[kind].needs;

export const prepare = (matrix: ActivationMatrix, input: OuterInput): Prepared => {
  const { needs, prepare: make } = matrices[matrix.kind] as MatrixRule<ActivationMatrix['kind']>;
  const statistics = needs.map((name) => {
    const values = input.statistics[name];
    if (!values) throw new Error(`no ${name} of the activations for ${input.name}`);
    return values;
  });
  return make(matrix, statistics, input);
};

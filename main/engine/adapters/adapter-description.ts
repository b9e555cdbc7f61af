import type { AdapterSettings, Decomposition } from './adapter-settings.ts';

/**
 * The design space of low-rank adapters: y = W x + scaling * left * right * x, where `left` and `right` are products of small
 * matrices. A method is one point in it, as data; delta, merge, parameter count and export follow from the description alone.
 */
export interface AdapterDescription {
  /** The outer pair: A (rank x in) and B (out x rank). */
  readonly outer: {
    readonly rank: number;
    /** Random A and zero B, or the activation-aware SVD of the weight (B = U Sigma, A = V^T S^-1). */
    readonly initialisation:
      | { readonly kind: 'kaiming-zero' }
      | {
          readonly kind: 'awsvd';
          readonly exponent: number;
          readonly calibrationBatches: number;
          readonly decomposition: Decomposition;
        };
    readonly trained: boolean;
  };
  /** The pair nested between B and A: A' (rank x outer rank) and B' (outer rank x rank), always trained; null where there is none. */
  readonly inner: { readonly rank: number } | null;
  readonly scaling: number;
}

type Describe<M extends AdapterSettings['method']> = (
  settings: Extract<AdapterSettings, { method: M }>,
) => AdapterDescription;

const methods: { readonly [M in AdapterSettings['method']]: Describe<M> } = {
  lora: ({ rank, alpha }) => ({
    outer: { rank, initialisation: { kind: 'kaiming-zero' }, trained: true },
    inner: null,
    scaling: alpha / rank,
  }),
  nora: ({ outerRank, innerRank, alpha, exponent, calibrationBatches, decomposition }) => ({
    outer: {
      rank: outerRank,
      initialisation: { kind: 'awsvd', exponent, calibrationBatches, decomposition },
      trained: false,
    },
    inner: { rank: innerRank },
    scaling: alpha / innerRank,
  }),
};

export const describeAdapter = (settings: AdapterSettings): AdapterDescription =>
  (methods[settings.method] as (settings: AdapterSettings) => AdapterDescription)(settings);

/** The settings field that holds the rank which must fit into a weight matrix. */
export const outerRankField: { readonly [M in AdapterSettings['method']]: string } = {
  lora: 'rank',
  nora: 'outerRank',
};

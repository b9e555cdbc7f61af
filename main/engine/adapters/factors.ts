import type { AdapterDescription } from './adapter-description.ts';

/** One matrix of an adapter at one linear layer. */
export interface Factor {
  /** Name in the saved adapter, after the module's path. */
  readonly name: 'lora_A' | 'lora_B' | 'inner_A' | 'inner_B';
  readonly rows: number;
  readonly columns: number;
  readonly trained: boolean;
}

/** An adapter's matrices at one layer, from the output to the input: delta W = scaling * product of left * product of right. */
export interface FactorChain {
  readonly left: readonly Factor[];
  readonly right: readonly Factor[];
}

export interface LayerSize {
  readonly outFeatures: number;
  readonly inFeatures: number;
}

/** The matrices that a description asks for at a layer of this size. They are cut where the chain is narrowest. */
export const factorChain = (
  { outer, inner }: AdapterDescription,
  { outFeatures, inFeatures }: LayerSize,
): FactorChain => {
  const outerB: Factor = { name: 'lora_B', rows: outFeatures, columns: outer.rank, trained: outer.trained };
  const outerA: Factor = { name: 'lora_A', rows: outer.rank, columns: inFeatures, trained: outer.trained };
  if (!inner) return { left: [outerB], right: [outerA] };
  const innerB: Factor = { name: 'inner_B', rows: outer.rank, columns: inner.rank, trained: true };
  const innerA: Factor = { name: 'inner_A', rows: inner.rank, columns: outer.rank, trained: true };
  return { left: [outerB, innerB], right: [innerA, outerA] };
};

export const allFactors = ({ left, right }: FactorChain): Factor[] => [...left, ...right];

/** Rank of the whole delta: the width at the cut. */
export const deltaRank = ({ outer, inner }: AdapterDescription): number => inner?.rank ?? outer.rank;

export const factorKey = (module: string, { name }: Factor): string => `${module}.${name}`;

/** Every factor's numbers, row-major, by `factorKey`: in memory, or read when asked for. */
export type FactorValues = Pick<ReadonlyMap<string, Float32Array>, 'get'>;

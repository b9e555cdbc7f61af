import { spectrumOf } from './spectrum.ts';

/** Ranks at which a weight's captured energy is told: those that people choose adapters of. */
export const energyRanks = [4, 8, 16, 32, 64] as const;

/** What singular values say of a weight, drawn and in numbers. */
export interface WeightSpectrum {
  readonly largest: number;
  /** ||W||_F */
  readonly frobenius: number;
  readonly effectiveRank: number;
  /** Share of ||W||_F^2 that the best approximation of each of `energyRanks` holds; 1 from the whole rank on, 0 for zeros. */
  readonly energy: readonly number[];
  /** sigma_i / sigma_1 at the `curvePlaces` of as many values. */
  readonly curve: readonly number[];
}

const mostPlaces = 64;

/** Of so many values counted from 1, those that a curve is drawn through: every one at its beginning, then as many to each doubling; the first and the last always. */
export const curvePlaces = (count: number): number[] => {
  if (count <= mostPlaces) return Array.from({ length: count }, (_, index) => index + 1);
  const places = Array.from({ length: mostPlaces }, (_, index) =>
    Math.round(count ** (index / (mostPlaces - 1))),
  );
  return [...new Set(places)];
};

/** @param singularValues largest first */
export const weightSpectrumOf = (singularValues: Float64Array): WeightSpectrum => {
  const { largest, frobenius, effectiveRank } = spectrumOf(singularValues);
  const total = frobenius ** 2;
  const heldBy = (rank: number): number =>
    singularValues.subarray(0, rank).reduce((sum, value) => sum + value * value, 0);
  return {
    largest,
    frobenius,
    effectiveRank,
    energy: energyRanks.map((rank) => (total === 0 ? 0 : Math.min(1, heldBy(rank) / total))),
    curve: curvePlaces(singularValues.length).map((place) =>
      largest === 0 ? 0 : singularValues[place - 1]! / largest,
    ),
  };
};

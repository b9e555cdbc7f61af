import type { LayerDiagnosis, PairDiagnosis, RunDiagnosis } from '../protocol/diagnosis-schema.ts';

/** The mean over what there is; null where there is nothing. */
const mean = (values: readonly (number | undefined | null)[]): number | null => {
  const known = values.filter((value) => value !== undefined && value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
};

/** Every layer counts alike. */
export const summaryOfRun = (layers: readonly LayerDiagnosis[]): RunDiagnosis['summary'] => ({
  relativeNorm: mean(layers.map(({ delta }) => delta?.relativeNorm)),
  stableRank: mean(layers.map(({ delta }) => delta?.spectrum.stableRank)),
  effectiveRank: mean(layers.map(({ delta }) => delta?.spectrum.effectiveRank)),
  weightEnergy: mean(layers.map(({ outer }) => outer?.weightEnergy)),
  outputEnergy: mean(layers.map(({ outer }) => outer?.outputEnergy)),
  outputError: mean(layers.map(({ outer }) => outer?.outputError)),
});

export const summaryOfPair = (layers: PairDiagnosis['layers']): PairDiagnosis['summary'] => ({
  deltaOutputs: mean(layers.map(({ delta }) => delta.outputs?.similarity)),
  deltaInputs: mean(layers.map(({ delta }) => delta.inputs?.similarity)),
  deltaChance: mean(layers.flatMap(({ delta }) => [delta.outputs?.chance, delta.inputs?.chance])),
  outerOutputs: mean(layers.map(({ outer }) => outer?.outputs?.similarity)),
  outerInputs: mean(layers.map(({ outer }) => outer?.inputs?.similarity)),
  outerChance: mean(layers.flatMap(({ outer }) => [outer?.outputs?.chance, outer?.inputs?.chance])),
});

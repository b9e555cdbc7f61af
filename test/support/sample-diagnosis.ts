import { createRandom } from '../../main/engine/random.ts';
import type { ComparisonDiagnosis } from '../../main/services/comparisons/diagnostics/comparison-diagnosis.ts';
import { summariseDiagnosis } from '../../main/services/comparisons/diagnostics/summarise-diagnosis.ts';
import type { Diagnosis, LayerDiagnosis } from '../../main/trainer/protocol/diagnosis-schema.ts';
import { spectrumOf } from '../../main/engine/diagnostics/spectrum.ts';

const modules = [0, 1, 2].flatMap((layer) =>
  ['self_attn.q_proj', 'mlp.down_proj'].map((name) => `model.layers.${layer}.${name}`),
);

interface SampleRun {
  readonly runId: string;
  readonly arm: string;
  readonly seed: number;
}

/** What diagnostics may find of these: numbers that look like theirs, always the same. An arm whose name begins with NoRA has an outer pair. */
export const sampleDiagnosis = (runs: readonly SampleRun[]): ComparisonDiagnosis => {
  const random = createRandom(11);
  const layersOf = (isNora: boolean): LayerDiagnosis[] =>
    modules.map((module) => {
      const rank = isNora ? 12 : 6;
      const singularValues = Array.from(
        { length: rank },
        (_, index) => (0.4 + 0.1 * random.uniform()) * (isNora ? 0.8 : 0.55) ** index,
      );
      return {
        ...{ module, outFeatures: 64, inFeatures: 64, rank },
        delta: {
          spectrum: spectrumOf(Float64Array.from(singularValues)),
          relativeNorm: 0.03 + 0.02 * random.uniform(),
          singularValues,
        },
        outer: isNora
          ? { weightEnergy: 0.85 + 0.05 * random.uniform(), outputEnergy: 0.95, outputError: 0.2 }
          : null,
      };
    });
  const overlap = (similarity: number) => ({
    ...{ dimensions: [6, 6] as const, similarity, chance: 0.09 },
    ...{ largestAngle: 1.5, meanAngle: Math.acos(Math.sqrt(similarity)) },
  });
  const diagnosis: Diagnosis = {
    runs: runs.map(({ runId, arm, seed }) => ({
      ...{ runId, seed, name: `${arm} ${seed}`, method: arm.startsWith('NoRA') ? 'nora' : 'lora' },
      losses: {
        ...{ base: 2.718, start: 2.718, trained: 2.1 + 0.01 * random.uniform() },
        on: { data: 'held-out', file: null, rows: 32, tokens: 2048, scored: 2016, reason: null },
      },
      firstGradientNorm: arm.startsWith('NoRA') ? 1.2 : 0.4 + 0.1 * random.uniform(),
      layers: layersOf(arm.startsWith('NoRA')),
      summary: {
        ...{ relativeNorm: 0.04, stableRank: 2, effectiveRank: 4 },
        ...{ weightEnergy: null, outputEnergy: null, outputError: null },
      },
      notices: [],
    })),
    pairs: runs.flatMap((a, first) =>
      runs.flatMap((b, second) => {
        if (second <= first || (a.arm === b.arm) === (a.seed === b.seed)) return [];
        const isNora = a.arm.startsWith('NoRA') && b.arm.startsWith('NoRA');
        return [
          {
            ...{ a: a.runId, b: b.runId },
            layers: modules.map((module) => ({
              module,
              delta: { outputs: overlap(a.arm === b.arm ? 0.4 : 0.2), inputs: overlap(0.15) },
              outer: isNora ? { outputs: overlap(0.98), inputs: overlap(0.97) } : null,
            })),
            summary: {
              ...{ deltaOutputs: 0.3, deltaInputs: 0.15, deltaChance: 0.09 },
              ...{ outerOutputs: null, outerInputs: null, outerChance: null },
            },
          },
        ];
      }),
    ),
  };
  return summariseDiagnosis(
    diagnosis,
    {
      runs: runs.map((run) => ({
        ...run,
        ...{ comparisonId: 'c', experimentId: 'e', role: 'final' as const, status: 'completed' as const },
        ...{ shots: null, trial: null, round: null, step: 1, steps: 1, loss: 2, error: null },
      })),
      pairs: [],
      notices: [],
    },
    [...new Set(runs.map(({ arm }) => arm))],
  );
};

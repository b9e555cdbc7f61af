import { expect, test } from 'vitest';
import { comparisonDefinitionSchema } from '../../../../main/services/comparisons/definition.ts';
import type {
  AssessmentState,
  ComparisonState,
} from '../../../../main/services/comparisons/orchestration/comparison-state.ts';
import { together } from '../../../../main/services/comparisons/scoring/score-specification.ts';

const arms = [
  { name: 'lora', adapter: { method: 'lora', rank: 4, alpha: 8 } },
  { name: 'nora', adapter: { method: 'nora', outerRank: 4, innerRank: 4, alpha: 8 } },
];

/** Two arms, of which a search found that one does better on a base of 8 bits. */
const tunedState = (): ComparisonState => {
  const definition = comparisonDefinitionSchema.parse({
    ...{ version: 1, name: 'bits', model: 'tiny', dataset: 'sea', arms, seeds: [1] },
    tuning: { sweep: { settings: { 'training.baseFormat': { values: ['fp32', 'int8'] } } } },
  });
  const run = {
    ...{ comparisonId: 'c', experimentId: 'e', shots: null },
    ...{ status: 'completed', step: 1, steps: 1, error: null },
  };
  const trial = (arm: string, number: number, loss: number) => ({
    ...{ ...run, runId: `${arm} ${number}`, role: 'tuning', arm, seed: 0, trial: number, round: 0, loss },
  });
  const final = (arm: string) => ({
    ...{ ...run, runId: arm, role: 'final', arm, seed: 1, trial: null, round: null, loss: 1 },
  });
  return {
    definition,
    design: {
      arms: definition.arms,
      trials: ['fp32', 'int8'].map((value, number) => ({
        ...{ number, label: value, settings: { 'training.baseFormat': value } },
      })),
    },
    runs: [
      ...[trial('lora', 0, 1), trial('lora', 1, 2), trial('nora', 0, 2), trial('nora', 1, 1)],
      ...[final('lora'), final('nora')],
    ],
  } as unknown as ComparisonState;
};

const scored = (runId: string | null) => ({ runId, task: 'held-out' }) as AssessmentState;

test('runs are scored on the base that they were trained on, where a search chose it too', () => {
  const [base, lora, nora] = [null, 'lora', 'nora'].map(scored) as [
    AssessmentState,
    AssessmentState,
    AssessmentState,
  ];
  expect(together(tunedState(), [base, lora, nora])).toEqual([base, lora]);
  expect(together(tunedState(), [nora, base])).toEqual([nora]);
});

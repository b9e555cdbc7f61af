import type { MatchedBudgets } from '../../../engine/budgets/budget-schema.ts';
import type { BudgetQuestion } from '../../../trainer/protocol/budget-schema.ts';
import type { SpawnTrainer } from '../../../trainer/process/trainer-process.ts';
import { modelLimits } from '../../trainer-jobs/job-limits.ts';
import { askTrainer } from '../../trainer-jobs/trainer-question.ts';

/** Ends early, with an error, once the signal is aborted. */
export type MatchArms = (question: BudgetQuestion, signal?: AbortSignal) => Promise<MatchedBudgets>;

const longestMilliseconds = 300_000;

/**
 * Counts and matches in a process of its own, so that the window stays quick: by memory or operations, a search builds the graphs of a
 * step a dozen times for each arm.
 */
export const matchInTrainer =
  (spawn: SpawnTrainer): MatchArms =>
  async (question, signal) => {
    const options = { signal, longestMilliseconds, limits: modelLimits };
    const { budgets } = await askTrainer(spawn, { type: 'budget', question }, 'budgeted', options);
    return budgets;
  };

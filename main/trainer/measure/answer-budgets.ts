import { checkAdapterFits } from '../../engine/adapters/layer/adapter-fits.ts';
import type { MatchedBudgets } from '../../engine/budgets/budget-schema.ts';
import { initialisationFlopCount } from '../../engine/budgets/initialisation-flops.ts';
import { matchBudgets } from '../../engine/budgets/match-budgets.ts';
import { ratesOf, type Rates } from '../../engine/budgets/rates.ts';
import { stepFlopCount } from '../../engine/budgets/step-flops.ts';
import { openModelFolder } from '../../engine/formats/model-folder.ts';
import { describedModel } from '../../engine/models/classifier/classifier-folder.ts';
import type { Model } from '../../engine/models/model.ts';
import type { BudgetQuestion } from '../protocol/budget-schema.ts';

const measuredRates = (model: Model, measured: BudgetQuestion['measured']): Rates | null =>
  measured.length === 0
    ? null
    : ratesOf(
        measured.map(({ adapter, training, stepSeconds, initialisationSeconds }) => ({
          stepFlops: stepFlopCount(model, adapter, training),
          stepSeconds,
          initialisationFlops: initialisationFlopCount(model, adapter, training),
          initialisationSeconds,
        })),
      );

/** Counts what arms cost and brings them to one budget. Builds graphs, some of them many times: a process's job. */
export const answerBudgets = (question: BudgetQuestion): MatchedBudgets => {
  const { modelDirectory, arms, matching, steps, measured } = question;
  const model = describedModel(openModelFolder(modelDirectory));
  for (const { adapter } of arms) checkAdapterFits(model, adapter);
  return matchBudgets(arms, matching, { model, steps, rates: measuredRates(model, measured) });
};

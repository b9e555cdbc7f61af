import { checkAdapterFits } from '../../engine/adapters/layer/adapter-fits.ts';
import type { MatchedBudgets } from '../../engine/budgets/budget-schema.ts';
import type { CostCounts } from '../../engine/budgets/arm-cost.ts';
import { initialisationFlopCount } from '../../engine/budgets/initialisation-flops.ts';
import { matchBudgets, naming } from '../../engine/budgets/match-budgets.ts';
import { ratesOf, type Rates } from '../../engine/budgets/rates.ts';
import { stepFlopCount } from '../../engine/budgets/step-flops.ts';
import { openModelFolder } from '../../engine/formats/model-folder.ts';
import { describedModel } from '../../engine/models/classifier/classifier-folder.ts';
import type { Model } from '../../engine/models/model.ts';
import type { TrainingSettings } from '../../engine/train/settings/training-settings.ts';
import type { BudgetQuestion } from '../protocol/budget-schema.ts';
import { estimatePictureRun } from './picture-memory.ts';

/** Runs that say how fast the arms will be: on their device, with their format of the base. The latest of them are enough. */
const alike = ({ measured, arms }: BudgetQuestion): BudgetQuestion['measured'] => {
  const kindOf = ({ training }: { readonly training: TrainingSettings }): string =>
    `${training.device} ${training.baseFormat}`;
  const kinds = new Set(arms.map(kindOf));
  return measured.filter((run) => kinds.has(kindOf(run))).slice(0, runsAsked);
};

/** Each may ask for graphs of its own. */
const runsAsked = 8;

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

/** Operations are counted of rows of text alone, so far. */
const countsOfPictures = (model: Model, classes: string[]): CostCounts => ({
  stepFlops: () => null,
  initialisationFlops: () => null,
  peakMemory: ({ adapter, training }) =>
    training.device === 'cpu' ? estimatePictureRun(model, { classes }, adapter, training).total : null,
});

/** Counts what arms cost and brings them to one budget. Builds graphs, some of them many times: a process's job. */
export const answerBudgets = (question: BudgetQuestion): MatchedBudgets => {
  const { modelDirectory, arms, matching, steps, classes } = question;
  const model = describedModel(openModelFolder(modelDirectory));
  for (const { name, adapter } of arms) naming(name, () => checkAdapterFits(model, adapter));
  if (classes !== undefined)
    return matchBudgets(arms, matching, {
      model,
      steps,
      rates: null,
      counts: countsOfPictures(model, classes),
    });
  return matchBudgets(arms, matching, { model, steps, rates: measuredRates(model, alike(question)) });
};

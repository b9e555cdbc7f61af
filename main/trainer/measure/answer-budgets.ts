import { checkAdapterFits } from '../../engine/adapters/layer/adapter-fits.ts';
import type { MatchedBudgets } from '../../engine/budgets/budget-schema.ts';
import { countsOf, type CostCounts } from '../../engine/budgets/arm-cost.ts';
import { matchBudgets, naming } from '../../engine/budgets/match-budgets.ts';
import { ratesOf, type Rates } from '../../engine/budgets/rates.ts';
import { openModelFolder } from '../../engine/formats/model-folder.ts';
import { describedModel } from '../../engine/models/classifier/classifier-folder.ts';
import type { Model } from '../../engine/models/model.ts';
import type { TrainingSettings } from '../../engine/train/settings/training-settings.ts';
import { drawsPictures } from '../../engine/train/settings/picture-checks.ts';
import type { BudgetQuestion } from '../protocol/budget-schema.ts';
import { countsOfDrawing } from './drawing-counts.ts';
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

/** Of the runs whose operations are counted. */
const measuredRates = (
  { stepFlops, initialisationFlops }: CostCounts,
  measured: BudgetQuestion['measured'],
): Rates | null => {
  const counted = measured.flatMap(({ adapter, training, stepSeconds, initialisationSeconds }) => {
    const [step, start] = [stepFlops({ adapter, training }), initialisationFlops({ adapter, training })];
    return step === null || start === null
      ? []
      : [{ stepFlops: step, stepSeconds, initialisationFlops: start, initialisationSeconds }];
  });
  return counted.length === 0 ? null : ratesOf(counted);
};

/** Of pictures of classes no operations are counted, so far. */
const countsOfClasses = (model: Model, classes: string[]): CostCounts => ({
  stepFlops: () => null,
  initialisationFlops: () => null,
  peakMemory: ({ adapter, training }) =>
    training.device === 'cpu' ? estimatePictureRun(model, { classes }, adapter, training).total : null,
  uncounted:
    'on pictures are not counted yet, nor seconds, which follow from them; match by trained-parameters, stored-parameters, peak-memory or steps',
});

/** Counts what arms cost and brings them to one budget. Builds graphs, some of them many times: a process's job. */
export const answerBudgets = (question: BudgetQuestion): MatchedBudgets => {
  const { modelDirectory, arms, matching, steps, classes } = question;
  const model = describedModel(openModelFolder(modelDirectory));
  for (const { name, adapter } of arms) naming(name, () => checkAdapterFits(model, adapter));
  const counts = classes
    ? countsOfClasses(model, classes)
    : drawsPictures(model.architecture.objective)
      ? countsOfDrawing(model)
      : countsOf({ model });
  const rates = measuredRates(counts, alike(question));
  return matchBudgets(arms, matching, { model, steps, rates, counts });
};

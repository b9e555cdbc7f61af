import { z } from 'zod';
import { adapterSettingsSchema } from '../../engine/adapters/settings/adapter-settings.ts';
import { matchedBudgetsSchema, matchingSchema } from '../../engine/budgets/budget-schema.ts';
import { trainingSettingsSchema } from '../../engine/train/settings/training-settings.ts';

const settings = { adapter: adapterSettingsSchema, training: trainingSettingsSchema };

/** Arms whose costs are to be counted, and brought to one budget where `matching` says so. */
export const budgetQuestionSchema = z.strictObject({
  modelDirectory: z.string(),
  arms: z.array(z.strictObject({ name: z.string(), ...settings })).min(1),
  matching: matchingSchema.nullable(),
  /** Of pictures of classes, whose prompts a run's memory depends on; absent for rows of text. */
  classes: z.exactOptional(z.array(z.string()).min(2)),
  /** Of a run, where its training settings give another length and the number is known all the same. */
  steps: z.int().min(1).nullable(),
  /** What runs of this model took on this machine, device and base format; seconds follow from them. */
  measured: z
    .array(z.strictObject({ ...settings, stepSeconds: z.number(), initialisationSeconds: z.number() }))
    .max(50),
});

export type BudgetQuestion = z.output<typeof budgetQuestionSchema>;
export { matchedBudgetsSchema };

import { z } from 'zod';
import { adapterSettingsSchema } from '../adapters/settings/adapter-settings.ts';
import { costMeasureNames, matchingMeasures, type CostMeasure } from './cost-measures.ts';

export const costMeasureSchema = z.enum(costMeasureNames as [CostMeasure, ...CostMeasure[]]);

/** What all arms are to have alike. */
export const matchingSchema = z.strictObject({
  by: z.enum(matchingMeasures),
  /** In the measure's unit; null takes what the first arm has. */
  target: z.number().positive().nullable().default(null),
  /** Share of the target by which an arm may miss it and still count as equal. */
  tolerance: z.number().min(0).max(1).default(0.02),
});

export type Matching = z.output<typeof matchingSchema>;

/** One way to come near a target: settings, and what they have of the measure. */
const rankCandidateSchema = z.strictObject({
  adapter: adapterSettingsSchema,
  /** `rank 12`, `outer rank 128, inner rank 9` */
  text: z.string(),
  value: z.number(),
  /** value / target - 1 */
  deviation: z.number(),
});

export type RankCandidate = z.output<typeof rankCandidateSchema>;

/** What matching proposes for one arm. */
const matchedArmSchema = z.strictObject({
  name: z.string(),
  /** The proposal; as asked where nothing has to change or nothing can. */
  adapter: adapterSettingsSchema,
  changed: z.boolean(),
  value: z.number().nullable(),
  deviation: z.number().nullable(),
  isMatched: z.boolean(),
  /** What was done, or why nothing could be, in a sentence. */
  explanation: z.string(),
  /** Others that no other beats in both nearness and staying with the ranks asked for, the nearest first. */
  candidates: z.array(rankCandidateSchema),
});

export type MatchedArm = z.output<typeof matchedArmSchema>;

/** One measure over all arms after matching, and the ratio of each to the first arm's. */
const budgetRowSchema = z.strictObject({
  measure: costMeasureSchema,
  values: z.array(z.number().nullable()),
  ratios: z.array(z.number().nullable()),
  /** Whether the arms lie within the tolerance of each other; null where a value is not known. */
  isEqual: z.boolean().nullable(),
});

export type BudgetRow = z.output<typeof budgetRowSchema>;

/** The design of a comparison's budgets: what each arm becomes, and what is left unequal. */
export const matchedBudgetsSchema = z.strictObject({
  matching: matchingSchema.nullable(),
  /** In the measure's unit; null without matching, or where it is not known. */
  target: z.number().nullable(),
  arms: z.array(matchedArmSchema),
  table: z.array(budgetRowSchema),
});

export type MatchedBudgets = z.output<typeof matchedBudgetsSchema>;

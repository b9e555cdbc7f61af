import { z } from 'zod';

/** Something besides the method that may make the difference between the arms. */
export const confoundSchema = z.strictObject({
  /** Stable, by which it is accepted: `learning-rate`, `scaling`. */
  name: z.string(),
  title: z.string(),
  /** What differs, with the values by arm. */
  message: z.string(),
  /** Why it matters. */
  reason: z.string(),
  /** By the arms' names; empty where it concerns all alike. */
  values: z.record(z.string(), z.string()),
  accepted: z.boolean(),
});

export type Confound = z.output<typeof confoundSchema>;

/** One setting that the arms do not have alike. */
export const settingDifferenceSchema = z.strictObject({
  /** `training.learningRate`, `adapter.alpha` */
  path: z.string(),
  /** In the order of the arms, as text; null where the arm's method has no such setting. */
  values: z.array(z.string().nullable()),
});

export type SettingDifference = z.output<typeof settingDifferenceSchema>;

import { z } from 'zod';
import { checked } from '../../problems.ts';
import { givenUnits, lengthUnits } from './run-length.ts';
import { trainingFields, trainingSettingsSchema, type TrainingSettings } from './training-settings.ts';

type Fields = (typeof trainingFields)['shape'];
type Bare<Schema> = Schema extends z.ZodDefault<infer Inner> | z.ZodOptional<infer Inner> ? Inner : Schema;
type OverrideShape = { [Name in keyof Fields]: z.ZodExactOptional<Extract<Bare<Fields[Name]>, z.ZodType>> };

/** Without its default, which would take the place of what is to stay. */
const bare = (field: z.ZodType): z.ZodType =>
  field instanceof z.ZodDefault || field instanceof z.ZodOptional ? (field.unwrap() as z.ZodType) : field;

/** Some of the training settings, to take the place of others. What is absent stays absent: there are no defaults. */
export const trainingOverridesSchema = z.strictObject(
  Object.fromEntries(
    Object.entries(trainingFields.shape).map(([name, field]) => [name, z.exactOptional(bare(field))]),
  ) as OverrideShape,
);

export type TrainingOverrides = z.output<typeof trainingOverridesSchema>;

/** Settings of which a run has one: each takes the place of the others. */
const alternatives = [
  { isGiven: (overrides: TrainingOverrides) => givenUnits(overrides).length > 0, fields: lengthUnits },
  {
    isGiven: ({ warmupSteps, warmupRatio }: TrainingOverrides) =>
      warmupSteps !== undefined || warmupRatio !== undefined,
    fields: ['warmupSteps', 'warmupRatio'],
  },
] as const;

/**
 * The settings with others in their place. A length takes the place of any other, whatever both are given in, and a warmup that of the
 * other kind.
 * @throws WorkbenchError `invalid-input` where they can't stand together, naming the field
 */
export const overriddenTraining = (
  settings: TrainingSettings,
  overrides: TrainingOverrides = {},
): TrainingSettings => {
  const replaced = new Set<string>(
    alternatives.flatMap(({ isGiven, fields }) => (isGiven(overrides) ? fields : [])),
  );
  const kept = Object.fromEntries(Object.entries(settings).filter(([name]) => !replaced.has(name)));
  return checked(trainingSettingsSchema, { ...kept, ...overrides }, 'training');
};

import { plainName } from '../../engine/plain-line.ts';
import { z } from 'zod';
import { newAdapterSettingsSchema } from '../../engine/adapters/settings/new-settings.ts';
import { dateSchema, standardDate } from '../../engine/data/chat/template-date.ts';
import { trainingOverridesSchema } from '../../engine/train/settings/training-overrides.ts';
import { trainingSettingsSchema } from '../../engine/train/settings/training-settings.ts';
import { heldOutSchema, seedSchema } from '../../trainer/protocol/protocol.ts';

/** One thing to try: an adapter, under a name, and where it differs from the experiment's training settings. */
export const configurationSchema = z
  .strictObject({
    name: z.string().overwrite(plainName).trim().min(1).max(200),
    adapter: newAdapterSettingsSchema,
    /** Adapters of different kinds want different rates, and more: what takes the place of the experiment's settings. */
    training: trainingOverridesSchema.exactOptional(),
    /** A short way to say `training: { learningRate }`, and how it was said before anything else could be replaced. */
    learningRate: z.number().positive().max(10).optional(),
  })
  .refine(
    ({ training, learningRate }) => training?.learningRate === undefined || learningRate === undefined,
    {
      message: 'training.learningRate is given too',
      path: ['learningRate'],
    },
  )
  .transform(({ learningRate, training = {}, ...configuration }) => {
    const overrides = learningRate === undefined ? training : { ...training, learningRate };
    return { ...configuration, ...(Object.keys(overrides).length > 0 && { training: overrides }) };
  });

/**
 * An experiment as a file or a form gives it: one model, one dataset, and the configurations to compare on them.
 * Complete: the same definition, model, data and seed give the same numbers.
 */
export const experimentDefinitionSchema = z
  .strictObject({
    version: z.literal(1),
    name: z.string().overwrite(plainName).trim().min(1).max(200),
    /** A model's id or name in the library. */
    model: z.string().min(1),
    /** A dataset's id or name in the library. */
    dataset: z.string().min(1),
    seed: seedSchema.default(0),
    /** The day that chat templates which ask for the date are told, whatever day it is. */
    date: dateSchema.default(standardDate),
    /** Part of the data held out when the dataset brings no validation part of its own. */
    validationFraction: z.number().gt(0).lt(1).default(0.1),
    /** Absent where the seed says which rows are held out, too. */
    heldOut: heldOutSchema.exactOptional(),
    training: trainingSettingsSchema.prefault({}),
    configurations: z.array(configurationSchema).min(1).max(100),
  })
  .refine(
    (definition) =>
      new Set(definition.configurations.map(({ name }) => name)).size === definition.configurations.length,
    {
      message: 'two configurations have the same name',
      path: ['configurations'],
    },
  );

export type Configuration = z.output<typeof configurationSchema>;
export type ExperimentDefinition = z.output<typeof experimentDefinitionSchema>;
export type ExperimentDefinitionInput = z.input<typeof experimentDefinitionSchema>;

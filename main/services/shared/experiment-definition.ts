import { z } from 'zod';
import { newAdapterSettingsSchema } from '../../engine/adapters/settings/new-settings.ts';
import { dateSchema, standardDate } from '../../engine/data/chat/template-date.ts';
import { trainingSettingsSchema } from '../../engine/train/settings/training-settings.ts';

/** One thing to try: an adapter, under a name, and where it differs from the experiment's training settings. */
export const configurationSchema = z.strictObject({
  name: z.string().trim().min(1).max(200),
  adapter: newAdapterSettingsSchema,
  /** Adapters of different kinds want different rates: this one replaces the experiment's. */
  learningRate: z.number().positive().max(10).optional(),
});

/**
 * An experiment as a file or a form gives it: one model, one dataset, and the configurations to compare on them.
 * Complete: the same definition, model, data and seed give the same numbers.
 */
export const experimentDefinitionSchema = z
  .strictObject({
    version: z.literal(1),
    name: z.string().trim().min(1).max(200),
    /** A model's id or name in the library. */
    model: z.string().min(1),
    /** A dataset's id or name in the library. */
    dataset: z.string().min(1),
    seed: z.int().min(0).max(0xffff_ffff).default(0),
    /** The day that chat templates which ask for the date are told, whatever day it is. */
    date: dateSchema.default(standardDate),
    /** Part of the data held out when the dataset brings no validation part of its own. */
    validationFraction: z.number().gt(0).lt(1).default(0.1),
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

import { z } from 'zod';
import { memoryModes } from '../../autodiff/memory-mode.ts';
import { deviceNames } from '../../runtime/device-names.ts';
import { baseFormats } from '../../base/base-format.ts';
import { diffusionSettingsSchema } from './diffusion-settings.ts';
import { earlyStoppingSchema } from './early-stopping.ts';
import { pictureSettingsSchema } from './picture-settings.ts';
import { lengthFields, withLength } from './run-length.ts';
import { sampleSettingsSchema } from './sample-settings.ts';
import { settingsConflicts } from './settings-conflicts.ts';

/** Each setting by itself. */
export const trainingFields = z.strictObject({
  ...lengthFields,
  /** Rows per micro-batch. */
  batchSize: z.int().min(1).max(4096).default(4),
  /** Micro-batches per optimizer step. The loss is the mean over all their labelled tokens. */
  gradientAccumulation: z.int().min(1).max(4096).default(1),
  /** Of data that show something; null for texts. On pictures null stands for the usual settings. */
  pictures: pictureSettingsSchema.nullable().default(null),
  /** Of pictures that a model learns to draw; null for all other models. On such a model null stands for the usual settings. */
  diffusion: diffusionSettingsSchema.nullable().default(null),
  /** Tokens per row at most. Longer examples are cut at the end. Prompts of classes are not cut: they are as long as they are. */
  sequenceLength: z.int().min(2).max(1_048_576).default(256),
  /** Several examples share a row (attention stays inside each) instead of padding. */
  packing: z.boolean().default(false),
  /** Which tokens carry loss in prompt/completion and chat data. Text data always trains on all. */
  lossOn: z.enum(['completion', 'all']).default('completion'),
  learningRate: z.number().positive().max(10).default(2e-4),
  schedule: z.enum(['constant', 'linear', 'cosine']).default('linear'),
  /** What a rate that falls comes down to; 'constant' does not fall. */
  finalLearningRate: z.number().min(0).max(10).default(0),
  /** Steps over which the learning rate rises from 0. */
  warmupSteps: z.int().min(0).default(0),
  /** The same as a share of the run's steps, rounded up; only one of both may be more than 0. */
  warmupRatio: z.number().min(0).max(1).default(0),
  weightDecay: z.number().min(0).max(10).default(0.01),
  /** What weight decay takes in: all trained tensors, or matrices only (no norms, biases and magnitudes). */
  weightDecayOn: z.enum(['all', 'matrices']).default('all'),
  beta1: z.number().min(0).lt(1).default(0.9),
  beta2: z.number().min(0).lt(1).default(0.999),
  epsilon: z.number().positive().default(1e-8),
  /** Gradients are scaled so that their norm over all trained tensors is at most this; null switches clipping off. */
  maxGradientNorm: z.number().positive().nullable().default(1),
  /** Share of each target that is spread over the whole vocabulary, in training only. */
  labelSmoothing: z.number().min(0).lt(1).default(0),
  /** NEFTune: strength of the noise that training adds to the embeddings (5 is usual); 0 for none. */
  neftuneAlpha: z.number().min(0).max(1000).default(0),
  /** Validation loss every so many steps; 0 only before the first and after the last. */
  evaluateEvery: z.int().min(0).default(0),
  /** Batches per evaluation at most; null takes the whole validation part. */
  evaluationBatches: z.int().min(1).nullable().default(null),
  /** Texts that the model writes at each evaluation, with the adapter as it is then; null for none. */
  samples: sampleSettingsSchema.nullable().default(null),
  /** Ends the run once the validation loss no longer falls; null lets it go on to its length. */
  earlyStopping: earlyStoppingSchema.nullable().default(null),
  /**
   * Saves the adapter of the evaluation with the lowest validation loss instead of the last. Not the default: the lowest of many
   * evaluations on the same rows is partly luck, so the loss that is told of it is too good.
   */
  keepBest: z.boolean().default(false),
  /** A checkpoint every so many steps; 0 for none by steps. One is always written on pause and at the end. */
  checkpointEvery: z.int().min(0).default(0),
  /** A checkpoint after so many minutes without one, later where that would cost more than 1 % of the time; 0 for none by time. */
  checkpointMinutes: z.number().min(0).max(10_080).default(5),
  /** What the backward pass finds in memory: 'fast' keeps what was dear to compute, 'low' computes each layer a second time. */
  memory: z.enum(memoryModes).default('fast'),
  /** How the frozen base weights are held while training; merging and exporting always use the model's own. */
  baseFormat: z.enum(baseFormats).default('fp32'),
  /** What happens to a run that is not expected to fit in memory: 'refuse' ends it before it starts, 'off' starts it all the same. */
  memoryCheck: z.enum(['refuse', 'off']).default('refuse'),
  /** Threads for the engine; null takes one per physical core. */
  threads: z.int().min(1).max(1024).nullable().default(null),
  /** What the run computes on; initialisations' decompositions stay on the CPU. */
  device: z.enum(deviceNames).default('cpu'),
});

/** How a run trains, whatever its adapter. Defaults suit a first try on a small model. */
export const trainingSettingsSchema = trainingFields
  .superRefine((settings, context) => {
    for (const { field, message } of settingsConflicts(settings))
      context.addIssue({ code: 'custom', path: field.split('.'), message });
  })
  .transform(withLength);

export type TrainingSettings = z.output<typeof trainingSettingsSchema>;

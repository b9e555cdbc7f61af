import { z } from 'zod';
import { invalidInput, WorkbenchError } from '../errors.ts';
import { refuseUnknown } from '../formats/unknown-keys.ts';
import { checked } from '../problems.ts';
import { spacings, type Spacing } from './spacing.ts';

/** What a denoiser gives: the noise, or v = sqrt(a) noise - sqrt(1 - a) latents, where a is the timestep's cumulative alpha. */
export const predictions = ['epsilon', 'v'] as const;
export type Prediction = (typeof predictions)[number];

/** How noise is added to latents, and which steps take it away where nobody chooses others: a model's scheduler_config.json. */
export interface ScheduleSettings {
  /** Timesteps are 0 ... trainTimesteps - 1. */
  readonly trainTimesteps: number;
  readonly betaStart: number;
  readonly betaEnd: number;
  /** `scaled_linear`: linear in the square roots. */
  readonly betaSchedule: 'linear' | 'scaled_linear';
  readonly prediction: Prediction;
  /** Betas are scaled so that the last timestep is noise alone (arXiv 2305.08891). */
  readonly zeroTerminalSnr: boolean;
  /** Added to timesteps of spacing `leading`. */
  readonly stepsOffset: number;
  /** null: what is usual for the sampler. */
  readonly spacing: Spacing | null;
  readonly karras: boolean;
  /** The last step of DDIM and PLMS goes to an alpha of one instead of the first timestep's. */
  readonly finalAlphaOne: boolean;
  /** DDIM keeps what it takes for the latents within this, in both directions; null: it doesn't. */
  readonly clipSample: number | null;
  /** What Euler and DPM-Solver++ go to in the end: no noise, or that of the first timestep. */
  readonly finalSigma: 'zero' | 'sigma_min';
}

/** Schedulers that differ in how they take noise away only: each can be put in place of another, as diffusers has it, too. */
const schedulers: readonly string[] = [
  'DDIMScheduler',
  'DDPMScheduler',
  'DEISMultistepScheduler',
  'DPMSolverMultistepScheduler',
  'DPMSolverSDEScheduler',
  'DPMSolverSinglestepScheduler',
  'EulerAncestralDiscreteScheduler',
  'EulerDiscreteScheduler',
  'HeunDiscreteScheduler',
  'KDPM2AncestralDiscreteScheduler',
  'KDPM2DiscreteScheduler',
  'LMSDiscreteScheduler',
  'PNDMScheduler',
  'UniPCMultistepScheduler',
];

/** How the scheduler of the file solves its equation. Here the sampler is chosen when a picture is drawn, and says the same of itself. */
const solverKeys = {
  algorithm_type: z.unknown().optional(),
  disable_corrector: z.unknown().optional(),
  dynamic_thresholding_ratio: z.unknown().optional(),
  euler_at_final: z.unknown().optional(),
  flow_shift: z.unknown().optional(),
  lower_order_final: z.unknown().optional(),
  noise_sampler_seed: z.unknown().optional(),
  predict_x0: z.unknown().optional(),
  sample_max_value: z.unknown().optional(),
  shift_terminal: z.unknown().optional(),
  skip_prk_steps: z.unknown().optional(),
  solver_order: z.unknown().optional(),
  solver_p: z.unknown().optional(),
  solver_type: z.unknown().optional(),
  time_shift_type: z.unknown().optional(),
};

const off = z.union([z.literal(false), z.null()]).optional();

/** What would change the steps or the noise and isn't done: only its being off is accepted. */
const notDone = {
  thresholding: off,
  trained_betas: z.null().optional(),
  use_beta_sigmas: off,
  use_dynamic_shifting: off,
  use_exponential_sigmas: off,
  use_flow_sigmas: off,
  use_lu_lambdas: off,
  interpolation_type: z.literal('linear').optional(),
  timestep_type: z.literal('discrete').optional(),
  sigma_min: z.null().optional(),
  sigma_max: z.null().optional(),
  lambda_min_clipped: z.union([z.null(), z.literal(-Infinity), z.literal('-inf')]).optional(),
  // What a DDPM adds again in each step. Variances that a model tells itself come with twice the channels, which its own file refuses.
  variance_type: z.enum(['fixed_small', 'fixed_small_log', 'fixed_large', 'fixed_large_log']).nullish(),
};

const scheduleKeys = z.object({
  _class_name: z.string(),
  _diffusers_version: z.unknown().optional(),
  num_train_timesteps: z.int().min(2).max(100_000),
  beta_start: z.number().positive().lt(1),
  beta_end: z.number().positive().lt(1),
  beta_schedule: z.enum(['linear', 'scaled_linear']),
  prediction_type: z.enum(['epsilon', 'v_prediction']).default('epsilon'),
  rescale_betas_zero_snr: z.boolean().nullish(),
  // One is what diffusers' pipelines put in place of a scheduler that has none.
  steps_offset: z.int().min(0).default(1),
  timestep_spacing: z.enum(spacings).nullish(),
  use_karras_sigmas: z.boolean().nullish(),
  set_alpha_to_one: z.boolean().optional(),
  clip_sample: z.boolean().default(false),
  clip_sample_range: z.number().positive().default(1),
  final_sigmas_type: z.enum(['zero', 'sigma_min']).default('zero'),
  ...solverKeys,
  ...notDone,
});

const knownKeys = new Set(Object.keys(scheduleKeys.shape));

/**
 * @param config of scheduler_config.json
 * @param place what a message begins with: the file
 * @throws unsupported for a scheduler or a setting that isn't known or isn't done, invalid-input for a wrong field
 */
export const readSchedule = (config: Readonly<Record<string, unknown>>, place: string): ScheduleSettings => {
  const name = config['_class_name'];
  if (typeof name === 'string' && !schedulers.includes(name))
    throw new WorkbenchError(
      'unsupported',
      `${place}: the scheduler ${name} isn't supported; these are: ${schedulers.join(', ')}`,
    );
  refuseUnknown(config, knownKeys, `${place}: `, 'schedulers');
  const read = checked(scheduleKeys, config, place);
  if (read.beta_end < read.beta_start)
    throw invalidInput(`${place}: beta_end is ${read.beta_end}, less than beta_start (${read.beta_start})`);
  const zeroTerminalSnr = read.rescale_betas_zero_snr ?? false;
  if (zeroTerminalSnr && read.prediction_type === 'epsilon')
    throw new WorkbenchError(
      'unsupported',
      `${place}: rescale_betas_zero_snr makes the last timestep noise alone, from which no picture can be told by its noise; it needs prediction_type v_prediction`,
    );
  return {
    trainTimesteps: read.num_train_timesteps,
    betaStart: read.beta_start,
    betaEnd: read.beta_end,
    betaSchedule: read.beta_schedule,
    prediction: read.prediction_type === 'epsilon' ? 'epsilon' : 'v',
    zeroTerminalSnr,
    stepsOffset: read.steps_offset,
    spacing: read.timestep_spacing ?? null,
    karras: read.use_karras_sigmas ?? false,
    // Where the file is silent each scheduler has a default of its own, and others that take its place take that along.
    finalAlphaOne: read.set_alpha_to_one ?? read._class_name !== 'PNDMScheduler',
    clipSample: read.clip_sample ? read.clip_sample_range : null,
    finalSigma: read.final_sigmas_type,
  };
};

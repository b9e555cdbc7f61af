import { invalidInput, WorkbenchError } from '../../errors.ts';
import type { ScheduleSettings } from '../schedule.ts';
import type { Spacing } from '../spacing.ts';
import { ddim } from './ddim.ts';
import { dpmSolver } from './dpm-solver.ts';
import { euler, eulerAncestral } from './euler.ts';
import { pndm } from './pndm.ts';
import type { Sampler, SamplerDefinition } from './sampler.ts';

/** Ways from noise to latents, by the name that a person gives. */
export const samplers = {
  ddim,
  euler,
  'euler-ancestral': eulerAncestral,
  'dpm-solver++': dpmSolver,
  pndm,
} as const satisfies Readonly<Record<string, SamplerDefinition>>;

export type SamplerName = keyof typeof samplers;
export const samplerNames = Object.keys(samplers) as SamplerName[];

export interface SamplerChoice {
  readonly name: SamplerName;
  readonly steps: number;
  /** null: the model's own, or what is usual for the sampler. */
  readonly spacing: Spacing | null;
  /** null: as the model's scheduler has it, where the sampler can. */
  readonly karras: boolean | null;
}

/** @throws unsupported, invalid-input where the choice doesn't go with the sampler or the model's schedule */
export const createSampler = (
  schedule: ScheduleSettings,
  { name, steps, spacing, karras }: SamplerChoice,
  noiseAt: (step: number) => Float32Array,
): Sampler => {
  const definition: SamplerDefinition = samplers[name];
  const { label } = definition;
  if (!Number.isInteger(steps) || steps < 1 || steps >= schedule.trainTimesteps)
    throw invalidInput(
      `steps: expected a whole number from 1 to ${schedule.trainTimesteps - 1}, not ${steps}: the model was trained on ${schedule.trainTimesteps} timesteps`,
    );
  if (karras === true && !definition.karras)
    throw new WorkbenchError(
      'unsupported',
      `Karras steps: ${label} doesn't have them; ${samplerNames.filter((other) => samplers[other].karras).join(' and ')} do`,
    );
  const sampler = definition.create(schedule, {
    steps,
    spacing: spacing ?? schedule.spacing ?? definition.spacing,
    karras: karras ?? (schedule.karras && definition.karras),
    noiseAt,
  });
  if (sampler.timesteps[0]! < schedule.trainTimesteps) return sampler;
  throw invalidInput(
    `steps: ${steps} steps with an offset of ${schedule.stepsOffset} go beyond the model's last timestep (${schedule.trainTimesteps - 1}): take fewer steps, or another spacing`,
  );
};

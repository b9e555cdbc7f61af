import { setImmediate as nextTurn } from 'node:timers/promises';
import { createSampler } from '../diffusion/samplers/samplers.ts';
import type { ScheduleSettings } from '../diffusion/schedule.ts';
import { WorkbenchError } from '../errors.ts';
import { isGuided, type DrawSettings } from '../diffusion/draw-settings.ts';
import { pictureNoise } from './picture-noise.ts';
import { NotFinite, requireFinite } from './require-finite.ts';

/** What a denoiser gives for latents of one picture at a timestep; guided: first as it is without the prompt, then with it. */
export type Predict = (latents: Float32Array, timestep: number) => Promise<readonly Float32Array[]>;

export interface DenoiseOptions {
  readonly schedule: ScheduleSettings;
  readonly settings: DrawSettings;
  readonly seed: number;
  /** Numbers of a picture's latents. */
  readonly length: number;
  readonly predict: Predict;
  /** Finds out what gave numbers that aren't finite, for latents at a timestep. */
  readonly blame: (latents: Float32Array, timestep: number) => Promise<string | null>;
  readonly onStep: () => void;
  readonly signal: AbortSignal;
}

/** Away from what is drawn without the prompt, by as much as asked (arXiv 2207.12598). */
const guided = ([without, within]: readonly Float32Array[], guidance: number): Float32Array =>
  without!.map((base, at) => base + guidance * (within![at]! - base));

/**
 * From a picture's noise to its latents.
 * @throws conflict where it was stopped between steps, unsupported where a step gives what isn't finite, with the step and the layer
 */
export const denoise = async (options: DenoiseOptions): Promise<Float32Array> => {
  const { schedule, settings, length, predict, blame, signal } = options;
  const noise = pictureNoise(options.seed, length);
  const sampler = createSampler(schedule, { ...settings, name: settings.sampler }, noise.added);
  let latents: Float32Array = noise.start().map((value) => value * sampler.initialScale);
  for (const [step, timestep] of sampler.timesteps.entries()) {
    await nextTurn();
    if (signal.aborted) throw new WorkbenchError('conflict', 'stopped before it was drawn');
    const scale = sampler.inputScale(step);
    const seen = scale === 1 ? latents : latents.map((value) => value / scale);
    const outputs = await predict(seen, timestep);
    const place = `step ${step + 1} of ${sampler.timesteps.length} (timestep ${Math.round(timestep)})`;
    await requireFinite(outputs, place, () => blame(seen, timestep));
    const predicted = isGuided(settings) ? guided(outputs, settings.guidance) : outputs[0]!;
    latents = sampler.advance(latents, predicted, step);
    if (!latents.every(Number.isFinite))
      throw new NotFinite(
        `${place}: the latents grew beyond all bounds; take more steps, less guidance or another sampler`,
      );
    options.onStep();
  }
  return latents;
};

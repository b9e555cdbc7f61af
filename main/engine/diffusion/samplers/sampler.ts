import type { ScheduleSettings } from '../schedule.ts';
import type { Spacing } from '../spacing.ts';

/** The way of one batch of latents from noise to a picture. It may hold what came before, so each batch has its own. */
export interface Sampler {
  /** What the denoiser is told at each step, noisiest first; between whole timesteps where the sampler goes there. */
  readonly timesteps: readonly number[];
  /** What standard normal noise is multiplied by to begin with. */
  readonly initialScale: number;
  /** What the latents are divided by for the denoiser, at a step (counted from 0). */
  readonly inputScale: (step: number) => number;
  /** The latents after a step, of those before it and what the denoiser gave for them. Steps come in order, each once. */
  readonly advance: (latents: Float32Array, predicted: Float32Array, step: number) => Float32Array;
}

export interface SamplerOptions {
  readonly steps: number;
  readonly spacing: Spacing;
  /** Whether steps are laid out by karrasSigmas, in place of the spacing. */
  readonly karras: boolean;
  /** Standard normal noise as large as the latents, for a sampler that adds some again in each step. */
  readonly noiseAt: (step: number) => Float32Array;
}

export interface SamplerDefinition {
  readonly label: string;
  /** What is usual where neither the model's scheduler nor a person says. */
  readonly spacing: Spacing;
  /** Whether it takes Karras' steps. */
  readonly karras: boolean;
  /** Whether noise is added again in each step. */
  readonly addsNoise: boolean;
  readonly create: (schedule: ScheduleSettings, options: SamplerOptions) => Sampler;
}

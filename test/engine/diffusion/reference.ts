import { readFileSync } from 'node:fs';
import type { SamplerName } from '../../../main/engine/diffusion/samplers/samplers.ts';

interface Walk {
  readonly sampler: SamplerName;
  readonly steps: number;
  readonly config: Record<string, unknown>;
  readonly timesteps: string;
  readonly latents: string;
}

/** What diffusers computed (test/numeric/make-sampler-reference.py). */
export const reference = JSON.parse(
  readFileSync(new URL('fixtures/samplers.json', import.meta.url), 'utf8'),
) as {
  noise: string;
  added: string;
  training: {
    timesteps: number[];
    noisy: string;
    velocity: string;
    snr: string;
    weights: { epsilon: string; v: string };
  };
  schedules: { config: Record<string, unknown>; alphas: string }[];
  cases: Walk[];
};

/** float32 of base64. */
export const floats = (text: string): Float32Array => {
  const bytes = Uint8Array.from(Buffer.from(text, 'base64'));
  return new Float32Array(bytes.buffer);
};

export const largestDifference = (ours: ArrayLike<number>, theirs: ArrayLike<number>): number =>
  Math.max(...Array.from(theirs, (value, at) => Math.abs(value - ours[at]!)));

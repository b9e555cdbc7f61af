import { samplers } from '../../engine/diffusion/samplers/samplers.ts';
import type { DrawSettings } from '../../engine/diffusion/draw-settings.ts';

export interface DrawnAs {
  readonly model: string;
  readonly arm: string;
  readonly prompt: string;
  readonly seed: number;
  readonly width: number;
  readonly height: number;
  readonly settings: DrawSettings;
}

/** What a picture's file says of itself: `parameters` as UIs of Stable Diffusion show it, `nora` as data, by which it can be drawn again. */
export const pictureTexts = ({ settings, ...drawn }: DrawnAs): Readonly<Record<string, string>> => {
  const { model, arm, prompt, seed, width, height } = drawn;
  const { negative, steps, sampler, guidance } = settings;
  const facts = {
    Steps: steps,
    Sampler: samplers[sampler].label,
    'CFG scale': guidance,
    Seed: seed,
    Size: `${width}x${height}`,
    Model: model,
    Adapter: arm,
  };
  const listed = Object.entries(facts).map(([name, value]) => `${name}: ${value}`);
  const lines = [prompt, ...(negative === null ? [] : [`Negative prompt: ${negative}`]), listed.join(', ')];
  return {
    parameters: lines.join('\n'),
    nora: JSON.stringify({ ...drawn, settings: { ...settings, width, height } }),
  };
};

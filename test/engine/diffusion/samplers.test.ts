import { describe, expect, test } from 'vitest';
import { readSchedule } from '../../../main/engine/diffusion/schedule.ts';
import {
  createSampler,
  samplers,
  type SamplerName,
} from '../../../main/engine/diffusion/samplers/samplers.ts';
import { floats, largestDifference, reference } from './reference.ts';

const noise = floats(reference.noise);
const added = floats(reference.added);

/** The made-up denoiser of make-sampler-reference.py. */
const denoise = (x: Float32Array, timestep: number): Float32Array =>
  x.map(
    (value, at) => Math.tanh(0.7 * value + 0.1 * (-1 + (2 * at) / (x.length - 1))) * Math.cos(timestep / 400),
  );

const create = (
  name: SamplerName,
  steps: number,
  config: Record<string, unknown>,
  karras: boolean | null = null,
) =>
  createSampler(
    readSchedule(config, 'scheduler_config.json'),
    { name, steps, spacing: null, karras },
    (step) => added.slice(step * noise.length, (step + 1) * noise.length),
  );

const walk = (name: SamplerName, steps: number, config: Record<string, unknown>) => {
  const sampler = create(name, steps, config);
  let latents: Float32Array = noise.map((value) => value * sampler.initialScale);
  sampler.timesteps.forEach((timestep, step) => {
    const scale = sampler.inputScale(step);
    const predicted = denoise(
      latents.map((value) => value / scale),
      timestep,
    );
    latents = sampler.advance(latents, predicted, step);
  });
  return { timesteps: sampler.timesteps, latents };
};

const settingsText = ({ _class_name, ...config }: Record<string, unknown>): string =>
  Object.entries(config)
    .filter(([key]) => !/^(beta_|num_|steps_offset)/.test(key))
    .map(([key, value]) => `${key} ${String(value)}`)
    .join(', ');

describe.each(Object.keys(samplers) as SamplerName[])('%s as in diffusers', (name) => {
  const cases = reference.cases.filter(({ sampler }) => sampler === name);

  test.each(cases.map((each) => ({ ...each, text: settingsText(each.config) })))(
    'over $steps steps: $text',
    ({ steps, config, timesteps, latents }) => {
      const ours = walk(name, steps, config);
      expect(largestDifference(ours.timesteps, floats(timesteps))).toBeLessThan(1e-3);
      expect(ours.latents.every(Number.isFinite)).toBe(true);
      expect(largestDifference(ours.latents, floats(latents))).toBeLessThan(1e-4);
    },
  );
});

describe('what does not go together is refused', () => {
  const config = reference.cases[0]!.config;

  test.each([0, 1000, 2.5])('%d steps', (steps) => {
    expect(() => create('ddim', steps, config)).toThrow('steps: expected a whole number from 1 to 999');
  });

  test('steps that an offset moves beyond the last timestep', () => {
    expect(() => create('ddim', 999, { ...config, steps_offset: 5 })).toThrow(
      '999 steps with an offset of 5 go beyond',
    );
  });

  test('PLMS where there is noise alone', () => {
    const alone = { ...config, prediction_type: 'v_prediction', rescale_betas_zero_snr: true };
    expect(() => create('pndm', 20, { ...alone, timestep_spacing: 'trailing' })).toThrow(
      'PLMS can’t begin where there is noise alone',
    );
    expect(create('pndm', 20, { ...alone, timestep_spacing: 'leading' }).timesteps).toHaveLength(21);
  });

  test('Karras steps of a sampler without them', () => {
    expect(() => create('ddim', 20, config, true)).toThrow(
      "Karras steps: DDIM doesn't have them; euler and dpm-solver++ do",
    );
  });
});

import { describe, expect, test } from 'vitest';
import { cumulativeAlphas } from '../../../main/engine/diffusion/alphas.ts';
import { readSchedule } from '../../../main/engine/diffusion/schedule.ts';
import { denoisingTarget, noisyLatents } from '../../../main/engine/diffusion/targets.ts';
import { minSnrWeight, signalToNoise } from '../../../main/engine/diffusion/weights.ts';
import { floats, largestDifference, reference } from './reference.ts';

const place = 'scheduler/scheduler_config.json';

/** As Stable Diffusion 1.5 is published. */
const published = {
  _class_name: 'PNDMScheduler',
  _diffusers_version: '0.6.0',
  beta_end: 0.012,
  beta_schedule: 'scaled_linear',
  beta_start: 0.00085,
  clip_sample: false,
  num_train_timesteps: 1000,
  set_alpha_to_one: false,
  skip_prk_steps: true,
  steps_offset: 1,
  trained_betas: null,
};

/** As SDXL is published. */
const publishedXl = {
  ...published,
  _class_name: 'EulerDiscreteScheduler',
  _diffusers_version: '0.19.0.dev0',
  interpolation_type: 'linear',
  prediction_type: 'epsilon',
  sample_max_value: 1.0,
  timestep_spacing: 'leading',
  use_karras_sigmas: false,
};

const read = (changes: Record<string, unknown> = {}) => readSchedule({ ...published, ...changes }, place);

describe('scheduler_config.json', () => {
  test('a last step that the file is silent of is that of its scheduler', () => {
    const { set_alpha_to_one: _, ...config } = published;
    expect(readSchedule(config, 'x').finalAlphaOne).toBe(false);
    expect(readSchedule({ ...config, _class_name: 'DDIMScheduler' }, 'x').finalAlphaOne).toBe(true);
  });

  test('of published folders', () => {
    expect(read()).toStrictEqual({
      trainTimesteps: 1000,
      betaStart: 0.00085,
      betaEnd: 0.012,
      betaSchedule: 'scaled_linear',
      prediction: 'epsilon',
      zeroTerminalSnr: false,
      stepsOffset: 1,
      spacing: null,
      karras: false,
      finalAlphaOne: false,
      clipSample: null,
      finalSigma: 'zero',
    });
    expect(readSchedule(publishedXl, place)).toMatchObject({ spacing: 'leading', prediction: 'epsilon' });
    expect(read({ _class_name: 'DDIMScheduler', prediction_type: 'v_prediction' }).prediction).toBe('v');
    expect(
      read({
        _class_name: 'DPMSolverMultistepScheduler',
        algorithm_type: 'dpmsolver++',
        solver_order: 2,
        lambda_min_clipped: -Infinity,
        variance_type: null,
        use_karras_sigmas: true,
      }).karras,
    ).toBe(true);
  });

  test.each([
    [{ _class_name: 'LCMScheduler' }, "the scheduler LCMScheduler isn't supported; these are: DDIMScheduler"],
    [{ _class_name: 'FlowMatchEulerDiscreteScheduler' }, "FlowMatchEulerDiscreteScheduler isn't supported"],
    [{ beta_schedule: 'squaredcos_cap_v2' }, 'beta_schedule: expected "linear" or "scaled_linear", not'],
    [{ prediction_type: 'sample' }, 'prediction_type: expected "epsilon" or "v_prediction", not "sample"'],
    [{ trained_betas: [0.1, 0.2] }, 'trained_betas: '],
    [{ thresholding: true }, 'thresholding: '],
    [{ use_beta_sigmas: true }, 'use_beta_sigmas: '],
    [{ variance_type: 'learned_range' }, 'variance_type: '],
    [{ timestep_type: 'continuous' }, 'timestep_type: '],
    [{ num_train_timesteps: undefined }, 'num_train_timesteps: missing'],
    [{ beta_start: 0.02 }, 'beta_end is 0.012, less than beta_start (0.02)'],
    [{ rescale_betas_zero_snr: true }, 'needs prediction_type v_prediction'],
    [{ shift_of_time: 3 }, 'shift_of_time is set to 3, which this version does not know for schedulers'],
  ])('%j is refused by name', (changes, message) => {
    expect(() => read(changes)).toThrow(message);
    expect(() => read(changes)).toThrow(place);
  });
});

describe('as diffusers computes it', () => {
  test.each(reference.schedules)('cumulative alphas of $config', ({ config, alphas }) => {
    const settings = readSchedule(
      { _class_name: 'DDPMScheduler', prediction_type: 'v_prediction', ...config },
      place,
    );
    const [ours, theirs] = [cumulativeAlphas(settings), floats(alphas)];
    if (!settings.zeroTerminalSnr) return expect(ours).toStrictEqual(theirs);
    // PyTorch's square root is the machine's vector library's, which rounds some numbers the other way.
    expect(largestDifference(ours, theirs)).toBeLessThan(5e-7);
    expect(ours.at(-1)).toBe(0);
  });

  test('noisy latents, targets and weights', () => {
    const { training, added } = reference;
    const drawn = floats(added);
    const noised = {
      alphas: cumulativeAlphas(read()),
      latents: drawn.slice(0, 24),
      noise: drawn.slice(24, 48),
      timesteps: training.timesteps,
    };
    expect(largestDifference(noisyLatents(noised), floats(training.noisy))).toBeLessThan(3e-7);
    expect(largestDifference(denoisingTarget('v', noised), floats(training.velocity))).toBeLessThan(3e-7);
    expect(denoisingTarget('epsilon', noised)).toBe(noised.noise);
    training.timesteps.forEach((timestep, at) => {
      const snr = signalToNoise(noised.alphas, timestep);
      expect(snr / floats(training.snr)[at]!).toBeCloseTo(1, 4);
      for (const prediction of ['epsilon', 'v'] as const)
        expect(minSnrWeight(snr, 5, prediction)).toBeCloseTo(floats(training.weights[prediction])[at]!, 4);
    });
  });
});

import { describe, expect, it } from 'vitest';
import { adapterSettingsSchema } from '../../../../main/engine/adapters/settings/adapter-settings.ts';
import { check } from '../../../../main/engine/problems.ts';
import { trainingSettingsSchema } from '../../../../main/engine/train/settings/training-settings.ts';
import { settingPath, withSetting } from '../../../../main/services/comparisons/design/setting-path.ts';
import {
  shortened,
  survivors,
  sweepRounds,
} from '../../../../main/services/comparisons/design/sweep-rounds.ts';
import { sweepSchema, type SweepInput } from '../../../../main/services/comparisons/design/sweep-schema.ts';
import {
  planTrials,
  trialsOfArm,
  withTrial,
} from '../../../../main/services/comparisons/design/sweep-trials.ts';

const sweep = (given: SweepInput) => sweepSchema.parse(given);
const rates = { logRange: [1e-5, 1e-3] as [number, number] };
const lora = { name: 'LoRA', adapter: adapterSettingsSchema.parse({ method: 'lora', rank: 8 }) };
const nora = { name: 'NoRA', adapter: adapterSettingsSchema.parse({ method: 'nora' }) };

describe('a search', () => {
  it('by a grid tries every combination', () => {
    const trials = planTrials(
      sweep({ settings: { learningRate: { ...rates, points: 3 }, 'adapter.dropout': { values: [0, 0.1] } } }),
    );
    expect(trials.map(({ settings }) => Object.values(settings))).toEqual([
      [1e-5, 0],
      [1e-5, 0.1],
      [1e-4, 0],
      [1e-4, 0.1],
      [1e-3, 0],
      [1e-3, 0.1],
    ]);
    expect(trials[2]).toEqual({
      number: 2,
      settings: { 'training.learningRate': 1e-4, 'adapter.dropout': 0 },
      label: 'lr 1e-4, dropout 0',
    });
  });

  it('at random draws the same of the same seed, evenly in the logarithm', () => {
    const random = sweep({ settings: { learningRate: rates }, search: 'random', trials: 400, seed: 5 });
    expect(planTrials(random)).toEqual(planTrials(random));
    expect(planTrials({ ...random, seed: 6 })).not.toEqual(planTrials(random));
    const logarithms = planTrials(random).map(({ settings }) =>
      Math.log10(settings['training.learningRate'] as number),
    );
    expect(Math.min(...logarithms)).toBeGreaterThanOrEqual(-5);
    expect(Math.max(...logarithms)).toBeLessThanOrEqual(-3);
    // Uniform on two decades: the mean's deviation is 2 / sqrt(12 n).
    const mean = logarithms.reduce((a, b) => a + b, 0) / logarithms.length;
    expect(Math.abs(mean + 4)).toBeLessThan((3 * 2) / Math.sqrt(12 * 400));
    expect(logarithms.filter((value) => value < -4).length / 400).toBeCloseTo(0.5, 1);
  });

  it('draws nothing else for a setting where others stand beside it', () => {
    const one = sweep({ settings: { learningRate: rates }, search: 'random', trials: 5 });
    const two = sweep({
      settings: { learningRate: rates, 'adapter.rank': { range: [4, 64], whole: true } },
      search: 'random',
      trials: 5,
    });
    const ratesOf = (of: typeof one) =>
      planTrials(of).map(({ settings }) => settings['training.learningRate']);
    expect(ratesOf(two)).toEqual(ratesOf(one));
    for (const { settings } of planTrials(two)) expect(Number.isInteger(settings['adapter.rank'])).toBe(true);
  });

  it.each<[SweepInput, string]>([
    [{ settings: {} }, 'settings: expected at least one setting to search'],
    [{ settings: { learningRate: rates }, trials: 3 }, 'trials: a grid has as many trials as it has points'],
    [
      { settings: { learningRate: rates }, search: 'random' },
      'trials: a random search needs to be told how many',
    ],
    [
      { settings: { learningRate: { logRange: [1e-3, 1e-5] } } },
      'settings.learningRate.logRange: expected the smaller number first',
    ],
  ])('is refused where it says nothing clear: %j', (given, message) => {
    const { problems } = check(sweepSchema, given);
    expect(problems.map(({ path, message: text }) => `${path.join('.')}: ${text}`)[0]).toContain(message);
  });

  it('names a setting that there is not, and what it may have been', () => {
    const of = (path: string) => () => planTrials(sweep({ settings: { [path]: { values: [1] } } }));
    expect(of('learningrate')).toThrow('settings: "learningrate" is no');
    expect(of('training.learningRates')).toThrow('did you mean learningRate');
    expect(of('adapter.outerank')).toThrow('outerRank');
  });

  it('has a limit', () => {
    const values = { values: Array.from({ length: 40 }, (_, at) => at) };
    expect(() => planTrials(sweep({ settings: { 'adapter.alpha': values, learningRate: values } }))).toThrow(
      'the grid has 1,600 points, at most 1,000 are possible',
    );
  });
});

describe('an arm as a trial has it', () => {
  const trial = { settings: { 'training.learningRate': 3e-4, 'adapter.innerRank': 4 } };

  it('takes what its method has, and keeps the rest', () => {
    expect(withTrial(nora, trial)).toEqual({
      ...nora,
      adapter: { ...nora.adapter, innerRank: 4 },
      training: { learningRate: 3e-4 },
    });
    expect(withTrial(lora, trial)).toEqual({ ...lora, training: { learningRate: 3e-4 } });
  });

  it('reaches into settings that have parts', () => {
    const path = settingPath('adapter.activationMatrix.exponent');
    const { adapter } = withSetting(nora, path, 1);
    expect(adapter).toMatchObject({ activationMatrix: { kind: 'mean-absolute', exponent: 1 } });
  });

  it('refuses a value that the setting can’t have', () => {
    expect(() => withTrial(lora, { settings: { 'adapter.rank': 0 } })).toThrow('adapter: rank');
    expect(() => withTrial(lora, { settings: { 'training.learningRate': -1 } })).toThrow(
      'training: learningRate',
    );
  });

  it('counts once what only differs in what its method lacks', () => {
    const both = sweep({
      settings: { learningRate: { values: [1e-4, 1e-3] }, 'adapter.innerRank': { values: [2, 4, 8] } },
    });
    expect(trialsOfArm(both, nora)).toHaveLength(6);
    expect(trialsOfArm(both, lora).map(({ number }) => number)).toEqual([0, 3]);
  });
});

describe('a search by halving', () => {
  const halving = sweep({
    settings: { learningRate: rates },
    search: 'halving',
    trials: 9,
    halving: { rounds: 3, keepOneIn: 3 },
  });

  it('trains few of many for the whole length', () => {
    expect(sweepRounds(halving, 9)).toEqual([
      { round: 0, share: 1 / 9, trials: 9 },
      { round: 1, share: 1 / 3, trials: 3 },
      { round: 2, share: 1, trials: 1 },
    ]);
    expect(sweepRounds({ ...halving, search: 'random' }, 9)).toEqual([{ round: 0, share: 1, trials: 9 }]);
  });

  it('keeps those of the lowest loss, and none that failed', () => {
    const results = [3, 1, null, NaN, 1, 0.5].map((loss, trial) => ({ trial, loss }));
    expect(survivors(results, 2)).toEqual([1, 5]);
    expect(survivors(results, 9)).toEqual([0, 1, 4, 5]);
  });

  it('shortens the length and what is counted in its steps', () => {
    const training = trainingSettingsSchema.parse({ steps: 90, warmupSteps: 10, evaluateEvery: 30 });
    expect(shortened(training, 1 / 9)).toEqual({ steps: 10, warmupSteps: 1, evaluateEvery: 3 });
    expect(shortened(training, 1)).toEqual({});
    expect(shortened(trainingSettingsSchema.parse({ maxTokens: 9000 }), 1 / 9)).toEqual({ maxTokens: 1000 });
    expect(() => shortened(trainingSettingsSchema.parse({ epochs: 3 }), 1 / 9)).toThrow('not in epochs');
  });
});

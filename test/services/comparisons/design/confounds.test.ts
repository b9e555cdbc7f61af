import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { methods } from '../../../../main/engine/adapters/methods/index.ts';
import { matchBudgets } from '../../../../main/engine/budgets/match-budgets.ts';
import { openModel } from '../../../../main/engine/models/model.ts';
import { trainingFields } from '../../../../main/engine/train/settings/training-settings.ts';
import {
  comparisonDefinitionSchema,
  type ComparisonDefinitionInput,
} from '../../../../main/services/comparisons/definition.ts';
import { checkAccepted, confoundsOf } from '../../../../main/services/comparisons/design/confounds.ts';
import {
  confoundRules,
  harmlessPaths,
  type ConfoundContext,
} from '../../../../main/services/comparisons/design/confound-rules.ts';
import { resolvedArms } from '../../../../main/services/comparisons/design/resolved-arm.ts';
import { settingDifferences } from '../../../../main/services/comparisons/design/setting-differences.ts';
import { root } from '../../../support/paths.ts';

const model = openModel(join(root, 'test/numeric/fixtures/gpt2/model'));

const lora = { method: 'lora', rank: 8, alpha: 16 } as const;
const nora = { method: 'nora', outerRank: 16, innerRank: 8, alpha: 16 } as const;
const rates = { learningRate: { values: [1e-4, 1e-3] } };
const tuning = { sweep: { settings: rates } };

type Arm = ComparisonDefinitionInput['arms'][number];
const define = (arms: readonly Arm[], more: Partial<ComparisonDefinitionInput> = {}) =>
  comparisonDefinitionSchema.parse({
    version: 1,
    name: 'c',
    model: 'm',
    dataset: 'd',
    arms,
    tuning,
    ...more,
  });

const twoArms = (first: Partial<Arm>, second: Partial<Arm> = {}): Arm[] => [
  { name: 'one', adapter: lora, ...first },
  { name: 'two', adapter: lora, ...second },
];

const contextOf = (
  arms: readonly Arm[],
  more: Partial<ComparisonDefinitionInput> = {},
  known: Partial<ConfoundContext> = {},
): ConfoundContext => {
  const definition = define(arms, more);
  const resolved = resolvedArms(definition);
  return { definition, arms: resolved, budgets: null, overlap: null, layers: model.targetLayers, ...known };
};

const found = (...given: Parameters<typeof contextOf>): Record<string, string> =>
  Object.fromEntries(confoundsOf(contextOf(...given)).map(({ name, message }) => [name, message]));

describe('confounds', () => {
  it('are none of arms that differ in the method alone, tuned alike', () => {
    expect(found(twoArms({}, { adapter: nora }))).toEqual({});
  });

  it.each<[string, Arm[], string]>([
    [
      'schedule',
      twoArms({ training: { schedule: 'cosine', warmupSteps: 5 } }),
      'schedule: one cosine, 5 steps of warmup, two linear',
    ],
    ['length', twoArms({ training: { steps: 50 } }), 'length: one 50 steps, two 100 steps'],
    ['batch', twoArms({ training: { batchSize: 8 } }), 'batch: one 8 rows a step, two 4 rows a step'],
    [
      'batch',
      twoArms({ training: { packing: true } }),
      'batch: one 4 rows a step, packed, two 4 rows a step',
    ],
    [
      'weight-decay',
      twoArms({ training: { weightDecay: 0 } }),
      'weight decay: one 0 on all, two 0.01 on all',
    ],
    ['base-format', twoArms({ training: { baseFormat: 'int8' } }), 'format of the base: one int8, two fp32'],
    ['optimizer', twoArms({ training: { beta2: 0.95 } }), 'optimizer: one betas 0.9 and 0.95'],
    ['noise', twoArms({ training: { neftuneAlpha: 5 } }), 'noise 5'],
    ['machine', twoArms({ training: { device: 'cuda' } }), 'device, threads and memory mode: one cuda'],
    ['dropout', twoArms({ adapter: { ...lora, dropout: 0.1 } }), 'dropout: one 0.1, two 0'],
    [
      'dropout',
      twoArms({ adapter: { method: 'full' } }, { adapter: { ...lora, dropout: 0.1 } }),
      'dropout: one 0, two 0.1',
    ],
    [
      'targets',
      twoArms({ adapter: { ...lora, targetModules: ['c_attn'] } }),
      'layers: one c_attn, two all-linear',
    ],
    [
      'saved-modules',
      twoArms({ adapter: { ...lora, modulesToSave: ['ln_f'] } }),
      'modules trained whole: one ln_f, two none',
    ],
    [
      'scaling',
      twoArms({ adapter: { ...lora, alpha: 32 } }),
      'scaling: one 4 (alpha / rank), two 2 (alpha / rank)',
    ],
    [
      'scaling',
      twoArms({ adapter: { method: 'rslora', rank: 16, alpha: 32 } }),
      'scaling: one 8 (alpha / sqrt(rank)), two 2 (alpha / rank)',
    ],
    [
      'calibration-data',
      twoArms({ adapter: nora }, { adapter: { ...nora, calibrationBatches: 2 } }),
      'calibration: one 32 rows, all tokens, two 8 rows, all tokens',
    ],
    [
      'decomposition',
      twoArms({ adapter: nora }, { adapter: { ...nora, decomposition: 'randomized' } }),
      'decomposition: one exact, two randomized',
    ],
    [
      'several-settings',
      twoArms({ adapter: nora }, { adapter: { ...nora, split: 'a', outerRank: 32 } }),
      'arms of NoRA differ in outerRank, split',
    ],
    [
      'stopping',
      twoArms({ training: { keepBest: true, evaluateEvery: 5 } }),
      'end of training: one keeps the best of one evaluation every 5 steps, two trains to the end',
    ],
    [
      'picked-on-held-out',
      twoArms({ training: { keepBest: true, evaluateEvery: 5 } }),
      'one picks by the loss on the held-out rows',
    ],
  ])('name %s with the values by arm', (name, arms, message) => {
    expect(found(arms)[name]).toContain(message);
    checkAccepted([name]);
  });

  it('name a learning rate that differs, or that nobody tuned', () => {
    const differ = twoArms({ learningRate: 1e-3 });
    expect(found(differ)).toEqual({});
    expect(found(differ, { tuning: null })).toEqual({
      'learning-rate': 'learning rate: one 0.001, two 0.0002',
    });
    expect(found(twoArms({}, { adapter: nora }), { tuning: null })).toEqual({
      'untuned-learning-rate': 'learning rate: 0.0002 for every arm, and none was tuned',
    });
    expect(
      found(differ, { tuning: { sweep: { settings: { weightDecay: { values: [0] } } } } }),
    ).toHaveProperty('learning-rate');
  });

  it('name tuning by unequal numbers of trials', () => {
    const settings = { ...rates, 'adapter.outerRank': { values: [16, 32, 64] } };
    expect(found(twoArms({}, { adapter: nora }), { tuning: { sweep: { settings } } })).toEqual({
      'unequal-tuning': 'trials: one 2, two 6, as not every method has every setting',
    });
  });

  it('name a search of what was matched, and pass over a scaling that is searched', () => {
    const settings = { ...rates, 'adapter.innerRank': { values: [2, 4] } };
    const matching = { by: 'trained-parameters' as const };
    const both = twoArms({ adapter: nora }, { adapter: { ...nora, split: 'a' } });
    expect(found(both, { matching, tuning: { sweep: { settings } } })).toEqual({
      'tuned-budget': 'arms are matched by trained parameters, and adapter.innerRank is searched',
    });
    expect(found(both, { tuning: { sweep: { settings } } })).toEqual({});
    const scaled = twoArms({ adapter: { ...lora, alpha: 32 } });
    const alpha = { ...rates, 'adapter.alpha': { values: [8, 16] } };
    expect(found(scaled, { tuning: { sweep: { settings: alpha } } })).toEqual({});
  });

  it('name a single seed', () => {
    expect(found(twoArms({}), { seeds: [4] })).toEqual({
      'single-seed': 'every arm is trained once, from seed 4',
    });
  });

  it('name unequal sizes, and arms that could not be brought to one', () => {
    const arms = twoArms({}, { adapter: nora });
    const budgetsOf = (given: readonly Arm[], by: 'trained-parameters' | null) => {
      const { definition, arms: resolved } = contextOf(given);
      const matching = by === null ? null : { by, target: null, tolerance: 0.02 };
      const budgets = matchBudgets(resolved, matching, { model, steps: null, rates: null });
      return { definition, budgets };
    };
    expect(found(arms, {}, budgetsOf(arms, null))).toEqual({
      'unequal-size': 'trained parameters: one 16,384, two 2,048',
    });
    expect(found(arms, {}, budgetsOf(arms, 'trained-parameters'))).toEqual({});
    const unmovable = twoArms({}, { adapter: { method: 'full' } });
    expect(found(unmovable, {}, budgetsOf(unmovable, 'trained-parameters'))).toMatchObject({
      unmatched: 'trained parameters of two could not be brought to the target',
    });
  });

  it('name rows that are held out and seen all the same', () => {
    const shared = [{ trainRow: 4, heldOutRow: 1 }];
    const overlap = {
      ...{ trainRows: 40, heldOutRows: 5, training: [...shared, { trainRow: 9, heldOutRow: 1 }] },
      calibrations: [
        { arm: 'two', seed: 0, rows: 8, shared },
        { arm: 'two', seed: 1, rows: 8, shared: [] },
      ],
    };
    expect(found(twoArms({}, { adapter: nora }), {}, { overlap })).toEqual({
      'calibration-overlap': 'calibration rows that are held out too: two held-out rows 2',
      'repeated-rows': '1 of 5 held-out rows are among the training rows, letter by letter: 2',
    });
  });

  it('are accepted by name', () => {
    const [one, two] = confoundsOf(
      contextOf(twoArms({ training: { steps: 50, schedule: 'cosine' } }), { accepted: ['length'] }),
    );
    expect([one!.name, one!.accepted, two!.name, two!.accepted]).toEqual(['schedule', false, 'length', true]);
  });

  it('are accepted only where there are such', () => {
    expect(() => found(twoArms({}), { accepted: ['scalings'] })).toThrow(
      'accepted: there is no confound "scalings"; did you mean scaling?',
    );
  });

  it('each have one name, a title and a reason', () => {
    expect(new Set(confoundRules.map(({ name }) => name)).size).toBe(confoundRules.length);
    for (const { title, reason } of confoundRules)
      expect(Math.min(title.length, reason.length)).toBeGreaterThan(10);
  });

  it('leave no setting of training unwatched', () => {
    const watched = new Set<string>([...confoundRules.flatMap(({ paths }) => paths), ...harmlessPaths]);
    const all = Object.keys(trainingFields.shape).map((name) => `training.${name}`);
    expect(all.filter((path) => !watched.has(path))).toEqual([]);
  });

  it('watch settings that there are', () => {
    const adapter = Object.values(methods).flatMap(({ schema }) => Object.keys(schema.shape as object));
    const known = new Set([
      ...Object.keys(trainingFields.shape).map((name) => `training.${name}`),
      ...adapter.map((name) => `adapter.${name}`),
    ]);
    expect(confoundRules.flatMap(({ paths }) => paths).filter((path) => !known.has(path))).toEqual([]);
  });
});

describe('differences of settings', () => {
  it('are all that the arms do not have alike', () => {
    const arms = twoArms(
      { adapter: { ...nora, activationMatrix: { kind: 'rms' } }, training: { learningRate: 1e-5 } },
      { adapter: { ...nora, innerRank: 4, activationMatrix: { kind: 'none' } } },
    );
    expect(settingDifferences(resolvedArms(define(arms)))).toEqual([
      { path: 'adapter.innerRank', values: ['8', '4'] },
      { path: 'adapter.activationMatrix.kind', values: ['rms', 'none'] },
      { path: 'training.learningRate', values: ['1e-5', '0.0002'] },
    ]);
  });

  it('leave out what only one method has', () => {
    const differences = settingDifferences(resolvedArms(define(twoArms({}, { adapter: nora }))));
    expect(differences).toEqual([{ path: 'adapter.method', values: ['lora', 'nora'] }]);
  });
});

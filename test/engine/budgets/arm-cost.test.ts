import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  adapterSettingsSchema,
  type AdapterSettings,
} from '../../../main/engine/adapters/settings/adapter-settings.ts';
import { armCost } from '../../../main/engine/budgets/arm-cost.ts';
import { svdFlops, randomizedFlops } from '../../../main/engine/budgets/decomposition-flops.ts';
import { initialisationFlopCount } from '../../../main/engine/budgets/initialisation-flops.ts';
import { matchBudgets } from '../../../main/engine/budgets/match-budgets.ts';
import { movableRanks, withRanks } from '../../../main/engine/budgets/rank-settings.ts';
import { ratesOf } from '../../../main/engine/budgets/rates.ts';
import { stepFlopCount } from '../../../main/engine/budgets/step-flops.ts';
import { estimateRun } from '../../../main/engine/memory/estimate-run.ts';
import { openModel } from '../../../main/engine/models/model.ts';
import { objectiveOf } from '../../../main/engine/objectives/index.ts';
import { trainingSettingsSchema } from '../../../main/engine/train/settings/training-settings.ts';
import { stepFlops } from '../../../main/trainer/measure/step-flops.ts';
import { readBatches } from '../../numeric/golden/golden-folder.ts';
import { startedAdapter } from '../../support/moved-adapter.ts';
import { root } from '../../support/paths.ts';

const folder = join(root, 'test/numeric/fixtures/gpt2');
const model = openModel(join(folder, 'model'));
const training = trainingSettingsSchema.parse({ batchSize: 2, sequenceLength: 16, steps: 10 });
const settings = (given: object): AdapterSettings => adapterSettingsSchema.parse(given);
const nora = { method: 'nora', outerRank: 16, innerRank: 4 };

describe('operations of a step', () => {
  it.each([{ method: 'lora', rank: 4 }, nora, { method: 'dora', rank: 4 }, { method: 'vera', rank: 4 }])(
    'are those of the graphs that a full batch runs: %j',
    async (given) => {
      const { architecture } = model;
      const { batchSize, sequenceLength } = training;
      const batch = objectiveOf(architecture).randomBatch({
        ...{ batchSize, sequenceLength, labels: null, seed: 1 },
        ...{ vocabularySize: architecture.vocabularySize, outputs: architecture.outputs },
      });
      const started = await startedAdapter(model, readBatches(folder), settings(given));
      const labels = objectiveOf(architecture).labelsAtMost(training);
      const counted = stepFlops(started, batch, { positions: sequenceLength, labels, memory: 'fast' });
      // At most: that the last token of each row has no next one is left out of account.
      const perScoredRow = 2 * 2 * architecture.hiddenSize * architecture.vocabularySize;
      expect(stepFlopCount(model, settings(given), training)).toBe(counted + batchSize * perScoredRow);
    },
  );

  it('add up over micro-batches, and grow by what is computed again', () => {
    const lora = settings({ method: 'lora', rank: 4 });
    const count = (more: object): number => stepFlopCount(model, lora, { ...training, ...more });
    // A LoRA has nothing to fold.
    expect(count({ gradientAccumulation: 3 })).toBe(3 * count({}));
    expect(count({ memory: 'low' })).toBeGreaterThan(count({}));
  });

  it('are counted of batches beyond any machine from smaller ones', () => {
    const lora = settings({ method: 'lora', rank: 4 });
    const count = (batchSize: number): number => stepFlopCount(model, lora, { ...training, batchSize });
    expect(count(4096) / count(2048)).toBeCloseTo(2, 6);
    expect(count(4096) / count(8)).toBeCloseTo(512, 6);
  });
});

describe('operations of the start', () => {
  const count = (given: object): number => initialisationFlopCount(model, settings(given), training);

  it('are none where factors are drawn', () => {
    expect(count({ method: 'lora' })).toBe(0);
    expect(count({ method: 'vera' })).toBe(0);
  });

  it('are those of the decompositions where no data is asked for', () => {
    const sizes = [
      [192, 64],
      [64, 64],
      [256, 64],
      [64, 256],
    ] as const;
    const decompositions = sizes.reduce((sum, [out, into]) => sum + 2 * svdFlops(out, into, 4), 0);
    expect(count({ method: 'pissa', rank: 4 })).toBeCloseTo(decompositions, 3);
  });

  it('count a pass over the model for each batch of calibration', () => {
    const of = (calibrationBatches: number): number => count({ ...nora, calibrationBatches });
    expect(of(3) - of(2)).toBe(of(2) - of(1));
    const without = count({ ...nora, activationMatrix: { kind: 'none' } });
    expect(of(1)).toBeGreaterThan(without);
    // A batch of 32 positions: two operations for each weight and position, and attention.
    const weights = 2 * (192 * 64 + 64 * 64 + 2 * 256 * 64);
    expect((of(2) - of(1)) / (2 * 32 * weights)).toBeCloseTo(1, 0);
  });

  it('are more for a full matrix than for a diagonal, and for both sides', () => {
    const of = (kind: string): number => count({ ...nora, activationMatrix: { kind } });
    for (const kind of ['cholesky', 'eigen', 'covariance', 'coala', 'gradient-weighted'])
      expect(of(kind)).toBeGreaterThan(of('rms'));
    expect(of('random')).toBeLessThan(of('none'));
  });

  it('are fewer for a randomised decomposition of a large matrix', () => {
    expect(randomizedFlops(4096, 4096, 64)).toBeLessThan(svdFlops(4096, 4096, 64) / 2);
  });
});

describe('the cost of an arm', () => {
  const arm = { name: 'NoRA', adapter: settings(nora), training };

  it('adds the start to the steps', () => {
    const rates = { step: 1e9, initialisation: 1e8 };
    const cost = armCost(arm, { model, steps: null, rates });
    expect(cost.flops).toBe(10 * cost['step-flops']! + cost['initialisation-flops']!);
    expect(cost.seconds).toBeCloseTo(
      (10 * cost['step-flops']!) / 1e9 + cost['initialisation-flops']! / 1e8,
      9,
    );
    expect(cost['peak-memory']).toBe(estimateRun(model, arm.adapter, training).total);
  });

  it('leaves open what is not known', () => {
    const epochs = { ...arm, training: trainingSettingsSchema.parse({ epochs: 1 }) };
    const cost = armCost(epochs, { model, steps: null, rates: null });
    expect(cost).toMatchObject({ steps: null, flops: null, seconds: null, 'step-seconds': null });
    expect(armCost(epochs, { model, steps: 7, rates: null })).toMatchObject({ steps: 7 });
  });

  it('takes rates from runs, the long ones counting more', () => {
    const run = { stepFlops: 100, stepSeconds: 1, initialisationFlops: 0, initialisationSeconds: 2 };
    expect(ratesOf([run, { ...run, stepFlops: 900, stepSeconds: 4 }])).toEqual({
      step: 200,
      initialisation: null,
    });
    expect(() => ratesOf([])).toThrow('no run on this machine');
  });
});

const arms = (...given: (readonly [string, object])[]) =>
  given.map(([name, adapter]) => ({ name, adapter: settings(adapter), training }));
const context = { model, steps: null, rates: { step: 1e9, initialisation: null } };
const matching = { by: 'trained-parameters', target: null, tolerance: 0.02 } as const;

describe('matching arms', () => {
  it('takes the first arm for the target, and says what stays unequal', () => {
    const lora = ['LoRA', { method: 'lora', rank: 1 }] as const;
    const { target, arms: matched, table } = matchBudgets(arms(lora, ['NoRA', nora]), matching, context);
    expect(target).toBe(2 * (256 + 128 + 320 + 320));
    expect(matched[0]).toMatchObject({ changed: false, isMatched: true });
    expect(matched[1]).toMatchObject({ changed: true, isMatched: true });
    const row = (measure: string) => table.find((one) => one.measure === measure)!;
    expect(row('trained-parameters').isEqual).toBe(true);
    expect(row('stored-parameters').isEqual).toBe(false);
    expect(row('stored-parameters').ratios[0]).toBe(1);
    expect(row('initialisation-flops')).toMatchObject({ ratios: [1, null], isEqual: false });
  });

  it.each(['peak-memory', 'flops', 'seconds'] as const)(
    'by %s finds the rank that trying all of them finds',
    (by) => {
      const [arm] = arms(['LoRA', { method: 'lora', rank: 4 }]);
      const [{ field, least, most }] = movableRanks(arm!.adapter, model.targetLayers) as [
        ReturnType<typeof movableRanks>[0],
      ];
      const costs = Array.from({ length: most - least + 1 }, (_, at) => {
        const adapter = withRanks(arm!.adapter, { [field]: least + at });
        return armCost({ ...arm!, adapter }, context)[by] as number;
      });
      expect(costs.every((cost, at) => at === 0 || cost >= costs[at - 1]!)).toBe(true);
      const target = costs[20]! + (costs[21]! - costs[20]!) / 3;
      const { arms: matched } = matchBudgets([arm!], { by, target, tolerance: 0.02 }, context);
      expect(matched[0]!.adapter).toMatchObject({ rank: 21 });
    },
    60_000,
  );

  it('says of which arms no rank changes the size', () => {
    const { arms: matched } = matchBudgets(
      arms(
        ['LoRA', { method: 'lora', rank: 4 }],
        ['all', { method: 'full' }],
        ['named', { method: 'lora', rankPattern: { '.*': 3 } }],
        ['dense', { ...nora, structure: 'dense-output' }],
        ['small', { method: 'vera', rank: 4 }],
      ),
      { ...matching, target: 60_000 },
      context,
    );
    expect(matched.map(({ explanation }) => explanation)).toEqual([
      'rank 4 becomes rank 29: 59,392 parameters, 1 % below the target',
      'Full fine-tuning trains every weight of the model: it has no rank that could be matched',
      'LoRA: rankPattern names every layer that it sits on, so no rank is left to be matched',
      'NoRA: no rank of it changes its trained parameters (221,184 parameters)',
      expect.stringMatching(/^rank 4 becomes rank \d+: 60,\d{3} parameters/),
    ]);
    expect(matched.map(({ isMatched }) => isMatched)).toEqual([true, false, false, false, true]);
  });

  it('refuses a measure of whole runs where their length is not known', () => {
    const [arm] = arms(['LoRA', { method: 'lora' }]);
    const epochs = { ...arm!, training: trainingSettingsSchema.parse({ epochs: 1 }) };
    expect(() => matchBudgets([epochs], { by: 'flops', target: null, tolerance: 0 }, context)).toThrow(
      'arm "LoRA": matching.by: what a whole run takes is known of a number of steps',
    );
  });

  it('changes nothing where arms are to be equal in steps', () => {
    const both = arms(['LoRA', { method: 'lora', rank: 4 }], ['NoRA', nora]);
    const { arms: matched, target } = matchBudgets(both, { ...matching, by: 'steps' }, context);
    expect(target).toBeNull();
    expect(matched.map(({ adapter }) => adapter)).toEqual(both.map(({ adapter }) => adapter));
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import {
  adapterSettingsSchema,
  type AdapterSettings,
} from '../../main/engine/adapters/settings/adapter-settings.ts';
import { trainedParameterCount } from '../../main/engine/budgets/parameter-costs.ts';
import { describeAdapter } from '../../main/engine/adapters/settings/adapter-settings.ts';
import { selectTargets } from '../../main/engine/adapters/layer/target-modules.ts';
import { withTextStates } from '../../main/engine/models/diffusion-model.ts';
import { openModel } from '../../main/engine/models/model.ts';
import { objectiveOf } from '../../main/engine/objectives/index.ts';
import { trainedLayout } from '../../main/engine/train/model/trained-model.ts';
import {
  trainingSettingsSchema,
  type TrainingSettings,
} from '../../main/engine/train/settings/training-settings.ts';
import { answerBudgets } from '../../main/trainer/measure/answer-budgets.ts';
import { countsOfDrawing } from '../../main/trainer/measure/drawing-counts.ts';
import { stepFlops } from '../../main/trainer/measure/step-flops.ts';
import { writeTinyPipeline } from '../support/tiny-pipeline.ts';

const workspace = mkdtempSync(join(tmpdir(), 'nora-drawing-budgets-'));
afterAll(() => rmSync(workspace, { recursive: true, force: true }));
const modelDirectory = writeTinyPipeline(join(workspace, 'sd15'));
const model = openModel(modelDirectory);
const given = withTextStates(model);
const counts = countsOfDrawing(model);

const settings = (adapter: object): AdapterSettings => adapterSettingsSchema.parse(adapter);
const training = (diffusion: object, more: object = {}): TrainingSettings =>
  trainingSettingsSchema.parse({
    ...{ steps: 10, batchSize: 2, learningRate: 0.01 },
    diffusion: { prompt: 'dog', resolution: 16, ...diffusion },
    ...more,
  });

const convolutions = { targetModules: ['to_q', 'conv1', 'conv_shortcut'] };
const lora = settings({ method: 'lora', rank: 1, ...convolutions });
const nora = settings({ method: 'nora', outerRank: 8, innerRank: 1, ...convolutions });

describe('what a run of a model that draws costs', () => {
  test('trains as many numbers as its layout holds, kernels counted', () => {
    const layers = selectTargets(given.targetLayers, lora);
    expect(layers.some(({ kernel }) => kernel?.size === 3)).toBe(true);
    const values = { get: () => new Float32Array() };
    const adapter = { description: describeAdapter(lora), layers, values, files: new Map() };
    const { total } = trainedLayout({ model: given, adapter, trainedWeights: [] });
    expect(trainedParameterCount(model, lora)).toBe(total);
    const byHand = layers.reduce((sum, { inFeatures, outFeatures }) => sum + (inFeatures + outFeatures), 0);
    expect(total).toBe(byHand);
  });

  test.each([
    ['of the subject', {}, 2],
    ['with as many of the class', { prior: { prompt: 'a dog' } }, 4],
  ])('takes the operations of a step of the graphs of such a batch, %s', (_, diffusion, images) => {
    const asked = training(diffusion);
    const { architecture } = given;
    const { positions } = architecture.diffusion!;
    const side = 16 / architecture.diffusion!.latent.pixels;
    const drawn = {
      images,
      rows: side / architecture.diffusion!.latent.granularity,
      columns: side / architecture.diffusion!.latent.granularity,
      tokens: positions,
    };
    const batch = objectiveOf(architecture).randomBatch({
      ...{ batchSize: 2, sequenceLength: 1, labels: null, seed: 1, vocabularySize: 1, outputs: 0, drawn },
      diffusion: architecture.diffusion,
    });
    const layers = selectTargets(given.targetLayers, lora);
    const values = { get: () => new Float32Array() };
    const trained = {
      model: given,
      adapter: { description: describeAdapter(lora), layers, values, files: new Map() },
      trainedWeights: [],
    };
    const ofGraphs = stepFlops(trained, batch, { positions: side ** 2, labels: 2, memory: 'fast' });
    expect(counts.stepFlops({ adapter: lora, training: asked })).toBe(ofGraphs);
  });

  test('takes calibration and decompositions before it, of the subject alone', () => {
    const start = (diffusion: object): number =>
      counts.initialisationFlops({ adapter: nora, training: training(diffusion) })!;
    expect(start({})).toBeGreaterThan(0);
    expect(start({ prior: { prompt: 'a dog' } })).toBe(start({}));
    expect(counts.initialisationFlops({ adapter: lora, training: training({}) })).toBe(0);
  });
});

describe('arms that draw, brought to one budget', () => {
  const ask = (by: string, diffusion: object = {}) =>
    answerBudgets({
      modelDirectory,
      arms: [
        { name: 'LoRA', adapter: lora, training: training(diffusion) },
        { name: 'NoRA', adapter: nora, training: training(diffusion) },
      ],
      matching: { by: by as 'flops', tolerance: 0.3, target: null },
      steps: null,
      measured: [],
    });

  test('by trained numbers and by operations', () => {
    expect(ask('trained-parameters').arms.map(({ isMatched }) => isMatched)).toEqual([true, true]);
    const byFlops = ask('flops');
    expect(byFlops.target).toBe(10 * counts.stepFlops({ adapter: lora, training: training({}) })!);
    expect(byFlops.arms[1]!.value).toBeGreaterThan(0);
  });

  test.each([{ buckets: { step: 8, smallest: 8, largest: 32 } }, { crop: 'random' }])(
    'not by operations where pictures differ in size or are encoded in each step: %j',
    (diffusion) => {
      expect(() => ask('flops', diffusion)).toThrow('take training.diffusion.buckets null and crop centre');
      const { table } = ask('trained-parameters', diffusion);
      expect(table.map(({ measure }) => measure)).not.toContain('step-flops');
      expect(table.map(({ measure }) => measure)).toContain('peak-memory');
    },
  );
});

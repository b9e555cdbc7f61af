import { describe, expect, it } from 'vitest';
import { describeAdapter } from '../../../main/engine/adapters/settings/adapter-settings.ts';
import { layerAdapter, trainedAt } from '../../../main/engine/adapters/layer/layer-adapter.ts';
import { learningRateAt } from '../../../main/engine/optim/schedule.ts';
import { knownSteps } from '../../../main/engine/train/settings/run-length.ts';
import { overriddenTraining } from '../../../main/engine/train/settings/training-overrides.ts';
import { parseExperiment } from '../../../main/services/experiments/experiment-file.ts';
import {
  experimentPresets,
  findPreset,
  refusedPresets,
} from '../../../main/services/experiments/presets/index.ts';
import { spellOutPresets } from '../../../main/services/experiments/presets/spell-out-presets.ts';

const file = (lines: string): string =>
  `version: 1\nname: few-shot\nmodel: clip\ndataset: dtd\nseed: 1\n${lines}\n`;
const definitionOf = (lines: string) => parseExperiment(file(lines), 'few-shot.yaml');

/** Queries, keys and values of ViT-B/16: 12 layers of 768 that see, 12 of 512 that read. */
const vitB16 = [768, 512].flatMap((width) =>
  Array.from({ length: 36 }, (_, at) => ({
    module: `layers.${at}.${width}`,
    outFeatures: width,
    inFeatures: width,
  })),
);
const trainedNumbers = (preset: string, changes: object = {}): number => {
  const description = describeAdapter({ ...findPreset(preset).adapter, ...changes });
  return vitB16.reduce((sum, place) => sum + trainedAt(layerAdapter(description, place)), 0);
};
const scalingOf = (preset: string, width: number): number =>
  layerAdapter(describeAdapter(findPreset(preset).adapter), {
    ...vitB16[0]!,
    outFeatures: width,
    inFeatures: width,
  }).scaling;

describe('CLIP-LoRA', () => {
  it('trains as its code does', () => {
    const { training, configurations } = definitionOf('preset: clip-lora');
    expect(training).toMatchObject({
      ...{
        stepsPerShot: 500,
        batchSize: 32,
        learningRate: 2e-4,
        weightDecay: 0.01,
        beta1: 0.9,
        beta2: 0.999,
      },
      ...{ schedule: 'cosine', finalLearningRate: 1e-6, maxGradientNorm: null, evaluateEvery: 0 },
      pictures: {
        ...{ shots: 16, template: 'a photo of a {}.', views: 'random', centre: 'even' },
        epochEnd: 'small-batch',
      },
    });
    expect(training.steps).toBeUndefined();
    expect(knownSteps(training)).toBe(8000);
    expect(learningRateAt(8000, { ...training, steps: 8000 })).toBeCloseTo(1e-6, 12);
    expect(configurations).toHaveLength(1);
    expect(configurations[0]!.adapter).toMatchObject({ rank: 2, alpha: 1, dropout: 0.25 });
  });

  it('scales by alpha / sqrt(r), and trains as many numbers as its paper says', () => {
    expect(scalingOf('clip-lora', 768)).toBeCloseTo(1 / Math.sqrt(2), 12);
    expect(trainedNumbers('clip-lora')).toBe(184_320);
  });
});

describe("the official code's NoRA", () => {
  it('trains at its own rate, batch and length in all of its variants', () => {
    const official = experimentPresets.filter(({ name }) => name.startsWith('nora-'));
    expect(official).toHaveLength(1 + 3 + 6 * 3 + 2 * 3);
    for (const { training, adapter } of official) {
      expect(training).toMatchObject({
        learningRate: 1e-2,
        batchSize: 64,
        stepsPerShot: 400,
        weightDecay: 0.01,
      });
      expect(adapter).toMatchObject({
        ...{ alpha: 1, scaling: 'rank', calibrationBatches: 1, dropout: 0 },
        activationMatrix: { kind: 'mean-absolute', exponent: 1 },
      });
    }
  });

  // Counted from the published classes.
  it.each([
    ['nora-official-b-structure1-init2', { outerRank: 16, innerRank: 8 }, 377_856],
    ['nora-official-b-structure2-init2', { outerRank: 16 }, 36_864],
    ['nora-official-b-structure3-init2', { outerRank: 16 }, 18_432],
    ['nora-official-b-structure2-init3', {}, 73_728],
    ['nora-official-b-structure2-init4', { outerRank: 256 }, 589_824],
    ['nora-official-c-structure1-init1', {}, 1_178_496],
    ['nora-official-a-init2', {}, 1_474_560],
  ])('%s with %o trains as many numbers', (preset, changes, count) => {
    expect(trainedNumbers(preset, changes)).toBe(count);
  });

  it('scales by alpha / outer rank, in variant C by 80 % of the smaller side', () => {
    expect(scalingOf('nora-official-b-structure2-init2', 768)).toBe(1 / 32);
    expect(scalingOf('nora-official-c-structure1-init1', 768)).toBe(1 / 614);
    expect(scalingOf('nora-official-c-structure2-init3', 512)).toBe(1 / 409);
  });

  it('is nothing but what it starts as: no residual, and Sigma where the code has it', () => {
    const splits = (name: string): unknown => (findPreset(name).adapter as { split?: string }).split;
    expect(['2', '3', '4'].map((init) => splits(`nora-official-a-init${init}`))).toEqual([
      ...['a', 'b', 'square-root'],
    ]);
    expect(splits('nora-official-b-structure1-init2')).toBe('dropped');
    expect(splits('nora-official-c-structure1-init1')).toBe('a');
    for (const { name, adapter } of experimentPresets.filter(({ name }) => name.startsWith('nora-official')))
      expect([name, describeAdapter(adapter).residual]).toEqual([name, false]);
  });

  it('tells each defect that it does not have', () => {
    for (const { name, notes } of experimentPresets.filter(({ name }) => name.startsWith('nora-'))) {
      const told = notes.join('\n');
      for (const defect of [
        'bias of a layer a second time',
        'never applies',
        'after every epoch',
        'cannot save',
      ])
        expect([name, told.includes(defect)]).toEqual([name, true]);
    }
  });

  it('is refused with the reason where it can’t be reproduced', () => {
    for (const { name, reason } of refusedPresets)
      expect(() => findPreset(name)).toThrow(`preset: ${name} is not offered: ${reason}`);
    expect(() => definitionOf('preset: nora-official-b-structure2-init1')).toThrow(
      'few-shot.yaml, line 6: preset: nora-official-b-structure2-init1 is not offered: the frozen B is zero',
    );
  });
});

describe('a preset in a file', () => {
  it('stands under what the file gives, of pictures each setting by itself', () => {
    const { training, configurations } = definitionOf(
      'preset: clip-lora\ntraining: { steps: 50, pictures: { shots: 4 } }',
    );
    expect(training).toMatchObject({ steps: 50, batchSize: 32, pictures: { shots: 4, centre: 'even' } });
    expect(training.stepsPerShot).toBeUndefined();
    expect(configurations[0]!.name).toBe('CLIP-LoRA');
  });

  it('makes a configuration of each, with what it has otherwise', () => {
    const { training, configurations } = definitionOf('preset: [clip-lora, nora-paper]');
    expect(configurations.map(({ name }) => name)).toEqual(['CLIP-LoRA', 'NoRA, paper']);
    expect(configurations[0]!.training).toBeUndefined();
    expect(configurations[1]!.training).toEqual({ learningRate: 1e-2, batchSize: 64, stepsPerShot: 400 });
    const second = overriddenTraining(training, configurations[1]!.training);
    expect(second).toMatchObject(findPreset('nora-paper').training);
    const given = definitionOf('preset: [clip-lora, nora-paper]\ntraining: { steps: 9, learningRate: 1e-3 }');
    expect(given.configurations[1]!.training).toEqual({ batchSize: 64 });
  });

  it('says how given configurations train', () => {
    const own = '{ name: LoRA, adapter: { method: lora, rank: 1 } }';
    const { training, configurations } = definitionOf(`preset: clip-lora\nconfigurations: [${own}]`);
    expect(training.stepsPerShot).toBe(500);
    expect(configurations.map(({ name }) => name)).toEqual(['LoRA']);
    expect(() => definitionOf(`preset: [clip-lora, nora-paper]\nconfigurations: [${own}]`)).toThrow(
      'line 6: preset: several make configurations of their own',
    );
  });

  it('makes arms of a comparison', () => {
    const given = { preset: ['clip-lora', 'nora-paper'], training: { pictures: { shots: 1 } } };
    expect(spellOutPresets(given, 'arms')).toMatchObject({
      arms: [{ name: 'CLIP-LoRA' }, { name: 'NoRA, paper' }],
      training: { pictures: { shots: 1, template: 'a photo of a {}.' }, stepsPerShot: 500 },
    });
  });

  it.each([
    ['clip-lorra', 'line 6: preset: there is no "clip-lorra"; did you mean clip-lora?'],
    ['[]', 'line 6: preset: expected a name, or a list of names'],
    ['[clip-lora, clip-lora]', 'line 6: preset: clip-lora is there twice'],
    ['{ a: 1 }', 'line 6: preset: expected a name'],
  ])('%s is refused where it stands', (preset, message) => {
    expect(() => definitionOf(`preset: ${preset}`)).toThrow(message);
  });
});

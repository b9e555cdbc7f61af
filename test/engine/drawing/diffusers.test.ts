import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeAdapter } from '../../../main/engine/adapters/settings/adapter-settings.ts';
import { gaussianNoise } from '../../../main/engine/diffusion/gaussian.ts';
import type { SamplerName } from '../../../main/engine/diffusion/samplers/samplers.ts';
import { decodeLatents, drawLatents } from '../../../main/engine/drawing/draw-pictures.ts';
import type { DrawingModel } from '../../../main/engine/drawing/drawing-model.ts';
import { openDrawingModel } from '../../../main/engine/drawing/open-drawing-model.ts';
import { openModel } from '../../../main/engine/models/model.ts';
import { readPeft } from '../../../main/engine/peft/index.ts';
import type { TrainedModel } from '../../../main/engine/train/model/trained-model.ts';
import { root } from '../../support/paths.ts';
import { writeTinyPipeline } from '../../support/tiny-pipeline.ts';
import { floats, largestDifference } from '../diffusion/reference.ts';
import { letters, settingsOf } from './stand-in.ts';

interface Case {
  readonly model: string;
  /** A LoRA of PEFT's beside the model; merged into its weights by the reference. */
  readonly adapter: string | null;
  readonly sampler: SamplerName;
  readonly guidance: number;
  readonly negative: string | null;
  readonly latents: string;
  readonly picture: string;
}

/** What diffusers' pipelines drew (test/numeric/make-drawing-reference.py). */
const reference = JSON.parse(readFileSync(new URL('fixtures/diffusers.json', import.meta.url), 'utf8')) as {
  prompt: string;
  seed: number;
  steps: number;
  height: number;
  width: number;
  noise: string;
  cases: Case[];
};

const fixture = (...names: string[]): string => join(root, 'test/numeric/fixtures', ...names);

const subjectOf = ({ model: kind, adapter: name }: Pick<Case, 'model' | 'adapter'>): TrainedModel => {
  const model = openModel(fixture(kind, 'model'));
  if (name === null) return { model, adapter: null, trainedWeights: [] };
  const { settings, layers, values } = readPeft(fixture(kind, name, 'init'), model.targetLayers);
  return { model, adapter: { description: describeAdapter(settings), layers, values }, trainedWeights: [] };
};

const modelOf = (drawn: Pick<Case, 'model' | 'adapter'>): DrawingModel =>
  openDrawingModel([subjectOf(drawn)], { threads: 1 });

test('the noise is what another implementation makes of the seed', () => {
  const ours = gaussianNoise(64, { seed: reference.seed, stream: 0 });
  expect(largestDifference(ours, floats(reference.noise))).toBeLessThan(5e-7);
});

describe('as diffusers draws', () => {
  test.each(reference.cases)(
    '$model by $sampler, guidance $guidance, negative $negative, adapter $adapter',
    async (drawn) => {
      const { prompt, seed, steps, width, height } = reference;
      const { sampler, guidance, negative } = drawn;
      const model = modelOf(drawn);
      const options = {
        model,
        tokenizers: model.texts.map(() => letters({ first: 58, last: 59, padId: 59 })),
        arms: 1,
        wanted: [{ prompt, seed }],
        settings: settingsOf({ sampler, guidance, negative, steps, width, height }),
        onProgress: () => undefined,
        signal: new AbortController().signal,
      };
      const { latents } = await drawLatents(options);
      expect(largestDifference(latents[0]![0]!, floats(drawn.latents))).toBeLessThan(1e-4);
      const pictures = await decodeLatents(options, latents);
      expect(
        largestDifference(pictures[0]![0]!.rgb, Buffer.from(drawn.picture, 'base64')),
      ).toBeLessThanOrEqual(1);
    },
  );
});

describe('what a model says of itself', () => {
  const ofPipeline = (kind: 'sd15' | 'sdxl', index: Record<string, unknown> = {}): DrawingModel => {
    const directory = mkdtempSync(join(tmpdir(), 'nora-pipeline-'));
    try {
      writeTinyPipeline(directory, kind);
      const file = join(directory, 'model_index.json');
      const parts = JSON.parse(readFileSync(file, 'utf8')) as object;
      writeFileSync(file, JSON.stringify({ ...parts, ...index }));
      return openDrawingModel([{ model: openModel(directory), adapter: null, trainedWeights: [] }], {
        threads: 1,
      });
    } finally {
      rmSync(directory, { recursive: true });
    }
  };

  test('SDXL sees zeros where nothing is said, unless its pipeline says otherwise', () => {
    expect(ofPipeline('sd15').zerosWithoutText).toBe(false);
    expect(ofPipeline('sdxl').zerosWithoutText).toBe(true);
    expect(ofPipeline('sdxl', { force_zeros_for_empty_prompt: false }).zerosWithoutText).toBe(false);
  });

  test('an adapter on the U-Net leaves the text encoder and the decoder to all arms', () => {
    const subjects = [null, 'lora', 'lora'].map((adapter) => subjectOf({ model: 'sd15', adapter }));
    const { key, usualSide } = openDrawingModel(subjects, { threads: 1 });
    const keys = (part: Parameters<typeof key>[1]): string[] => [0, 1, 2].map((arm) => key(arm, part));
    expect(keys(0)).toEqual(['base', 'base', 'base']);
    expect(keys('decoder')).toEqual(['base', 'base', 'base']);
    expect(keys('denoiser')).toEqual(['base', '1', '2']);
    expect(usualSide).toBe(16);
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { gaussianNoise } from '../../../main/engine/diffusion/gaussian.ts';
import type { SamplerName } from '../../../main/engine/diffusion/samplers/samplers.ts';
import { decodeLatents, drawLatents } from '../../../main/engine/drawing/draw-pictures.ts';
import { openDrawingModel } from '../../../main/engine/drawing/open-drawing-model.ts';
import { openModel } from '../../../main/engine/models/model.ts';
import { floats, largestDifference } from '../diffusion/reference.ts';
import { letters, settingsOf } from './stand-in.ts';

interface Case {
  readonly model: string;
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

const modelOf = (kind: string) => {
  const directory = new URL(`../../numeric/fixtures/${kind}/model`, import.meta.url).pathname;
  return openDrawingModel([{ model: openModel(directory), adapter: null, trainedWeights: [] }], {
    threads: 1,
  });
};

test('the noise is what another implementation makes of the seed', () => {
  const ours = gaussianNoise(64, { seed: reference.seed, stream: 0 });
  expect(largestDifference(ours, floats(reference.noise))).toBeLessThan(5e-7);
});

describe('as diffusers draws', () => {
  test.each(reference.cases)('$model by $sampler, guidance $guidance, negative $negative', async (drawn) => {
    const { prompt, seed, steps, width, height } = reference;
    const { sampler, guidance, negative } = drawn;
    const model = modelOf(drawn.model);
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
    expect(largestDifference(pictures[0]![0]!.rgb, Buffer.from(drawn.picture, 'base64'))).toBeLessThanOrEqual(
      1,
    );
  });
});

import { describe, expect, it } from 'vitest';
import { selectTargets } from '../../../main/engine/adapters/layer/target-modules.ts';
import { layerAdapter, trainedAt } from '../../../main/engine/adapters/layer/layer-adapter.ts';
import { describeAdapter } from '../../../main/engine/adapters/settings/adapter-settings.ts';
import type { LayerPlace } from '../../../main/engine/models/architecture.ts';
import { checkPictures } from '../../../main/engine/train/settings/picture-checks.ts';
import { parseExperiment } from '../../../main/services/experiments/experiment-file.ts';
import { drawingPresets } from '../../../main/services/experiments/presets/drawing.ts';
import { findPreset } from '../../../main/services/experiments/presets/index.ts';
import { publicModel } from '../../engine/formats/diffusion/public-model.ts';

/** What an adapter can sit on in Stable Diffusion 1.5: matrices and kernels of the U-Net and the text encoder. */
const places: LayerPlace[] = Object.entries(publicModel('sd-1.5').shapes).flatMap(([name, shape]) => {
  const [outFeatures, ...rest] = shape;
  if (!/^(unet|text_encoder)\..*\.weight$/.test(name) || rest.length === 0) return [];
  return [
    {
      module: name.slice(0, -'.weight'.length),
      outFeatures: outFeatures!,
      inFeatures: rest.reduce((a, b) => a * b, 1),
    },
  ];
});
const chosenBy = (name: string, part: string): LayerPlace[] =>
  selectTargets(places, findPreset(name).adapter).filter(({ module }) => module.startsWith(`${part}.`));
const numbers = (name: string, part: string): number => {
  const description = describeAdapter(findPreset(name).adapter);
  return chosenBy(name, part).reduce((sum, place) => sum + trainedAt(layerAdapter(description, place)), 0);
};

describe('presets of models that draw', () => {
  // As counted on meta tensors with each trainer's own code.
  it.each([
    ['dreambooth-diffusers', 128, 797_184, 0],
    ['kohya-lora', 192, 6_782_976, 72],
    ['onetrainer-lora', 192, 6_782_976, 72],
    ['ai-toolkit-lora', 192, 6_782_976, 0],
  ])('%s sits on as many modules of Stable Diffusion 1.5', (name, modules, trained, ofTexts) => {
    expect(chosenBy(name, 'unet')).toHaveLength(modules);
    expect(numbers(name, 'unet')).toBe(trained);
    expect(chosenBy(name, 'text_encoder')).toHaveLength(ofTexts);
  });

  it.each(drawingPresets.map(({ name }) => name))('%s makes settings that its objective takes', (name) => {
    const file = `version: 1\nname: x\nmodel: sd\ndataset: dog\nseed: 1\npreset: ${name}\n`;
    const { training } = parseExperiment(file, 'x.yaml');
    checkPictures('noise', training);
    expect(training.diffusion).toMatchObject({ resolution: 512, flip: false });
  });

  it('leave what a file says of its subject, and keep the rest', () => {
    const { training } = parseExperiment(
      [
        ...['version: 1', 'name: x', 'model: sd', 'dataset: dog', 'seed: 1', 'preset: dreambooth-diffusers'],
        'training: { diffusion: { prompt: a photo of sks cat, prior: { prompt: a photo of cat, pictures: 20 } } }',
      ].join('\n'),
      'x.yaml',
    );
    expect(training).toMatchObject({ steps: 500, batchSize: 1, learningRate: 1e-4 });
    expect(training.diffusion).toMatchObject({
      prompt: 'a photo of sks cat',
      prior: { prompt: 'a photo of cat', weight: 1, pictures: 20, draw: null },
      crop: 'random',
    });
  });

  it('each say what is otherwise here', () => {
    for (const { notes, source } of drawingPresets) {
      expect(notes.length).toBeGreaterThan(3);
      expect(source).toMatch(/^github\.com\//);
    }
  });
});

import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openModelFolder } from '../../../main/engine/formats/model-folder.ts';
import { readModel } from '../../../main/engine/models/model.ts';
import { modelParts } from '../../../main/engine/models/model-parts.ts';

const fixtures = join(import.meta.dirname, '../../numeric/fixtures');
const modelOf = (name: string) => readModel(openModelFolder(join(fixtures, name, 'model')));

describe('the parts of a model that draws', () => {
  it.each(['sd15', 'sd21', 'sdxl'])(
    '%s has every weight in one of them, and every site in one row',
    (name) => {
      const model = modelOf(name);
      const parts = modelParts(model);
      expect(parts.map(({ part }) => part)).toEqual([
        'unet',
        'text_encoder',
        ...(name === 'sdxl' ? ['text_encoder_2'] : []),
        'vae',
      ]);
      const numbers = [...model.weightShapes.values()].map((shape) => shape.reduce((a, b) => a * b, 1));
      expect(parts.reduce((sum, { parameters }) => sum + parameters, 0)).toBe(
        numbers.reduce((a, b) => a + b, 0),
      );
      const rows = parts.flatMap(({ sites }) => sites);
      const sitesThat = (target: string): number =>
        rows.filter((row) => row.target === target).reduce((sum, { count }) => sum + count, 0);
      expect(sitesThat('all-linear')).toBe(model.linearLayers.length);
      expect(sitesThat('by-name')).toBe(model.targetLayers.length - model.linearLayers.length);
      const vae = parts.find(({ part }) => part === 'vae')!;
      expect(new Set(vae.sites.map(({ target }) => target))).toEqual(new Set(['only-used']));
    },
  );

  it('tells attention, feed forward and convolutions apart', () => {
    const [unet, texts] = modelParts(modelOf('sd15'));
    expect(unet!.sites.map(({ use, target, names }) => [use, target, names.join(' ')])).toEqual([
      ['self-attention', 'all-linear', 'to_q to_k to_v to_out.0'],
      ['cross-attention', 'all-linear', 'to_q to_k to_v to_out.0'],
      ['feed-forward', 'all-linear', 'proj net.2'],
      ['projection', 'by-name', 'proj_in proj_out'],
      ['convolution-3x3', 'by-name', 'conv_in conv1 conv2 conv conv_out'],
      ['convolution-1x1', 'by-name', 'conv_shortcut'],
      ['conditioning', 'all-linear', 'linear_1 linear_2 time_emb_proj'],
    ]);
    expect(texts!.sites.find(({ target }) => target === 'only-used')).toMatchObject({
      ...{ use: 'embedding', names: ['position_embedding'] },
      ...{ outFeatures: [24, 24], inFeatures: [12, 12] },
    });
  });

  it('are none of a model of text', () => {
    const model = modelOf('sd15');
    const { diffusion: _, ...architecture } = model.architecture;
    expect(modelParts({ ...model, architecture })).toEqual([]);
  });
});

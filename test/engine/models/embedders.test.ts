import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readView, viewOf } from '../../../main/engine/data/pictures/views/read-view.ts';
import { openModelFolder, type ModelFolder } from '../../../main/engine/formats/model-folder.ts';
import { readSafetensorsHeader, readTensorFloat32 } from '../../../main/engine/formats/safetensors.ts';
import { embedderOf, embeddingAt } from '../../../main/engine/models/compared-model.ts';
import { openModel, readModel } from '../../../main/engine/models/model.ts';
import { objectiveOf } from '../../../main/engine/objectives/index.ts';
import { checkFormat } from '../../../main/engine/objectives/checks.ts';
import { embedSide } from '../../../main/engine/objectives/pictures/embed-side.ts';
import { pictureSide } from '../../../main/engine/objectives/pictures/row-tensors.ts';
import { describeFolder } from '../../../main/trainer/read/describe-model.ts';
import { formatOfKind } from '../../support/format-of-kind.ts';

const fixtures = join(import.meta.dirname, 'fixtures');
const folderOf = (name: string): ModelFolder => openModelFolder(join(fixtures, name, 'model'));

describe.each([
  ['vit', 16],
  ['dinov2', 24],
  ['dino-gated', 28],
] as const)('%s', (name, side) => {
  it('gives the class token as transformers does', async () => {
    const reference = readSafetensorsHeader(join(fixtures, name, 'embeddings.safetensors'));
    const pixels = readTensorFloat32(reference, 'pixels');
    const wanted = readTensorFloat32(reference, 'embeddings');
    const model = embeddingAt(openModel(join(fixtures, name, 'model')), side);
    const { pictures, width } = embedderOf(model.architecture);
    const size = 3 * side * side;
    const each = [0, 1, 2].map((at) => pixels.slice(at * size, (at + 1) * size));
    const rows = await embedSide(model, 'pictures', [pictureSide(pictures, each)], { threads: 1 });
    const given = rows.flatMap((row) => [...row]);
    expect(given).toHaveLength(3 * width);
    expect(Math.max(...given.map((value, at) => Math.abs(value - wanted[at]!)))).toBeLessThan(1e-5);
  });

  it('is described, and nothing trains it', () => {
    // There is no tokenizer in the folder.
    const described = describeFolder(folderOf(name));
    expect(described).toMatchObject({ objective: 'picture-embeddings', vocabularySize: 0, hiddenSize: 24 });
    const { architecture } = openModel(join(fixtures, name, 'model'));
    expect(() => objectiveOf(architecture)).toThrow(
      'it measures pictures that were drawn, and nothing trains it',
    );
    for (const kind of ['text', 'pictures'] as const)
      expect(() => checkFormat(architecture.objective, formatOfKind(kind))).toThrow(
        'dataset: the model embeds pictures',
      );
  });
});

it('finds its weights within a model that has a head, and passes over that', () => {
  const folder = folderOf('vit');
  const tensors = new Map([...folder.tensors].map(([name, place]) => [`vit.${name}`, place]));
  const [one] = folder.tensors.values();
  tensors.set('classifier.weight', one!);
  expect(readModel({ ...folder, tensors }).nameOfFile.get('vit.layernorm.weight')).toBe('layernorm.weight');
});

it('sees pictures at the size of its positions alone, where transformers does', () =>
  expect(() => embeddingAt(openModel(join(fixtures, 'vit/model')), 20)).toThrow(
    'a vit model sees pictures of 16 x 16 pixels, not 20 x 20',
  ));

it.each([
  [{ model_type: 'dinov3_vit' }, 'take a DINOv2'],
  [{ model_type: 'dinov2_with_registers' }, 'register tokens'],
  [{ image_size: [16, 16] }, 'image_size'],
  [{ num_attention_heads: 5 }, 'hidden_size 24 does not divide into 5 heads'],
  [{ patch_size: 20 }, 'patch_size 20 is larger than image_size 16'],
])('is refused by name: %j', (changes, message) => {
  const folder = folderOf('vit');
  expect(() => readModel({ ...folder, config: { ...folder.config, ...changes } })).toThrow(message);
});

describe('how they see pictures', () => {
  it('is read of facebook/dino-vits16', () =>
    expect(
      viewOf(
        {
          do_normalize: true,
          do_resize: true,
          feature_extractor_type: 'ViTFeatureExtractor',
          image_mean: [0.485, 0.456, 0.406],
          image_std: [0.229, 0.224, 0.225],
          resample: 3,
          size: 224,
        },
        'here',
      ),
    ).toMatchObject({ resize: { kind: 'exact', width: 224, height: 224, filter: 'bicubic' }, crop: null }));

  it('is read of facebook/dinov2-small', () =>
    expect(
      viewOf(
        {
          crop_size: { height: 224, width: 224 },
          do_center_crop: true,
          do_convert_rgb: true,
          do_normalize: true,
          do_rescale: true,
          do_resize: true,
          image_mean: [0.485, 0.456, 0.406],
          image_processor_type: 'BitImageProcessor',
          image_std: [0.229, 0.224, 0.225],
          resample: 3,
          rescale_factor: 0.00392156862745098,
          size: { shortest_edge: 256 },
        },
        'here',
      ),
    ).toMatchObject({
      resize: { kind: 'shortest-edge', edge: 256, filter: 'bicubic' },
      crop: { width: 224, height: 224 },
    }));

  it('is needed', () =>
    expect(() => readView(join(fixtures, 'vit/model'), 16)).toThrow('preprocessor_config.json'));
});

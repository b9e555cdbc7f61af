import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readView } from '../../../main/engine/data/pictures/views/read-view.ts';
import { loadTokenizer } from '../../../main/engine/data/tokens/tokenizer.ts';
import { modelFilesOf } from '../../../main/engine/formats/model-files.ts';
import { writeModelFolder } from '../../../main/engine/formats/model-folder-writer.ts';
import { openModelFolder } from '../../../main/engine/formats/model-folder.ts';
import { assertFinite } from '../../../main/engine/formats/non-finite.ts';
import { comparedWith, towersOf } from '../../../main/engine/models/compared-model.ts';
import { openModel, type Model } from '../../../main/engine/models/model.ts';
import { readModelWeight } from '../../../main/engine/models/weights/model-weights.ts';
import { classPrompts } from '../../../main/engine/objectives/class-prompts.ts';
import { unpackParameters } from '../../../main/engine/optim/parameter-layout.ts';
import { createTrainer } from '../../../main/engine/train/trainer.ts';
import { sampleLogits } from '../../../main/trainer/export/export-check.ts';
import { temporaryDirectory } from './temporary-directory.ts';

type Json = Record<string, unknown>;

const fixture = join(import.meta.dirname, 'fixtures/open-clip');
const read = <T>(name: string): T => JSON.parse(readFileSync(join(fixture, name), 'utf8')) as T;
/** What open_clip 3.3 gives. */
const expected = read<{
  texts: number[][];
  targets: number[];
  pixels: number[][];
  logits: number[];
  logitsOfQuick: number[];
  gradients: Record<string, number[]>;
}>('expected.json');
const config = read<{ model_cfg: Json & { vision_cfg: Json; text_cfg: Json }; preprocess_cfg: Json }>(
  'open_clip_config.json',
);

const root = temporaryDirectory();
let count = 0;
const folderOf = (changed: object = config): string => {
  const directory = join(root, String(count++));
  mkdirSync(directory);
  copyFileSync(join(fixture, 'open_clip_model.safetensors'), join(directory, 'open_clip_model.safetensors'));
  writeFileSync(join(directory, 'open_clip_config.json'), JSON.stringify(changed));
  return directory;
};
const withModel = (more: object): object => ({ ...config, model_cfg: { ...config.model_cfg, ...more } });
const withPart = (part: 'vision_cfg' | 'text_cfg', more: object): object =>
  withModel({ [part]: { ...config.model_cfg[part], ...more } });

const compared = (directory: string): Model =>
  comparedWith(openModel(directory), 'class-prompts', expected.texts.length);
const batchOf = (model: Model) =>
  classPrompts
    .batching({ towers: towersOf(model.architecture), prompts: expected.texts, padId: 0 })
    .assemble(
      expected.pixels.map((pixels, at) => [
        { picture: () => Float32Array.from(pixels), label: expected.targets[at]! },
      ]),
    );
const logitsOf = (model: Model): Promise<Float32Array> =>
  sampleLogits({ model, adapter: null, trainedWeights: [] }, batchOf(model), 1);
const difference = (a: ArrayLike<number>, b: readonly number[]): number =>
  Math.max(...b.map((value, at) => Math.abs(value - a[at]!)));

describe('a folder of open_clip', () => {
  it('is a CLIP by the names of transformers, with the scores of open_clip', async () => {
    const model = compared(folderOf());
    expect(model.architecture.name).toBe('clip');
    expect(model.linearLayers.map(({ module }) => module)).toContain(
      'text_model.encoder.layers.1.self_attn.v_proj',
    );
    expect(difference(await logitsOf(model), expected.logits)).toBeLessThan(2e-5);
    expect(() => assertFinite(model.folder)).not.toThrow();
  });

  it('has quick GELU where its configuration says so, and exact GELU elsewhere', async () => {
    const model = compared(folderOf(withModel({ quick_gelu: true })));
    expect(difference(await logitsOf(model), expected.logitsOfQuick)).toBeLessThan(2e-5);
    expect(difference(expected.logits, expected.logitsOfQuick)).toBeGreaterThan(1e-3);
  });

  it('has the gradients of open_clip, of a third of a joined matrix and of one that lies transposed', async () => {
    const model = compared(folderOf());
    const batch = batchOf(model);
    const beta1 = 0.9;
    const trainer = await createTrainer({
      ...{ model, adapter: null, trainedWeights: Object.keys(expected.gradients), threads: 1 },
      ...{ memory: 'fast', positions: batch.sequence, labels: batch.scored, gradientAccumulation: 1 },
      optimizer: { beta1, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, maxGradientNorm: null },
    });
    await trainer.step([batch], 1e-3);
    const { firstMoment } = await trainer.state();
    await trainer.release();
    const own = unpackParameters(trainer.layout, firstMoment);
    for (const [name, gradient] of Object.entries(expected.gradients)) {
      const largest = Math.max(...gradient.map(Math.abs));
      const taken = own.get(name)!.map((value) => value / (1 - beta1) / largest);
      expect(
        difference(
          taken,
          gradient.map((value) => value / largest),
        ),
        name,
      ).toBeLessThan(2e-5);
    }
  });

  it("is exported as transformers' folder, with the same numbers", async () => {
    const model = compared(folderOf());
    const destination = join(root, 'exported');
    const replaced = 'visual_projection.weight';
    await writeModelFolder({
      source: model.folder,
      destination,
      replace: (name) => (name === replaced ? readModelWeight(model, name) : undefined),
    });
    const again = compared(destination);
    expect([...again.folder.tensors.values()].every(({ turned }) => !turned)).toBe(true);
    for (const name of model.weightShapes.keys())
      expect(readModelWeight(again, name), name).toEqual(readModelWeight(model, name));
    expect(again.folder.config).toEqual(model.folder.config);
    expect(await logitsOf(again)).toEqual(await logitsOf(model));
    expect(readView(destination, 16)).toEqual({ ...readView(model.folder.directory, 16), centre: 'down' });
  });

  it('is known by the files that are read, and by transformers’ where both forms lie there', () => {
    const directory = folderOf();
    const names = (): string[] => modelFilesOf(directory).map(({ name }) => name);
    expect(names()).toEqual(['open_clip_config.json', 'open_clip_model.safetensors']);
    cpSync(join(import.meta.dirname, '../../numeric/fixtures/clip/model'), directory, { recursive: true });
    expect(names()).toEqual(['config.json', 'model.safetensors']);
    expect(openModelFolder(directory).tensors.has('visual_projection.weight')).toBe(true);
  });

  it('sees pictures as open_clip does: cut in the middle with torchvision, or squashed', () => {
    expect(readView(folderOf(), 16)).toMatchObject({
      resize: { kind: 'shortest-edge', edge: 16, filter: 'bicubic' },
      crop: { width: 16, height: 16 },
      centre: 'even',
    });
    const squashed = { ...config, preprocess_cfg: { resize_mode: 'squash', interpolation: 'bilinear' } };
    expect(readView(folderOf(squashed), 16)).toMatchObject({
      resize: { kind: 'exact', width: 16, height: 16, filter: 'bilinear' },
      crop: null,
    });
  });

  it('without a tokenizer names the file that is missing', () => {
    const directory = folderOf();
    expect(() => loadTokenizer(directory)).toThrow(`${join(directory, 'tokenizer.json')}: no such file`);
    rmSync(join(directory, 'open_clip_model.safetensors'));
    expect(() => openModelFolder(directory)).toThrow('no weights: open_clip_model.safetensors is not there');
  });

  it.each<[string, object]>([
    ['vision_cfg.timm_model_name: is of a tower of timm', withPart('vision_cfg', { timm_model_name: 'vit' })],
    ['vision_cfg.layers: is of a ResNet tower', withPart('vision_cfg', { layers: [3, 4, 6, 3] })],
    ['multimodal_cfg: is of a CoCa model', withModel({ multimodal_cfg: {}, custom_text: true })],
    [
      'text_cfg.hf_model_name: is of a text tower of transformers',
      withPart('text_cfg', { hf_model_name: 'roberta-base' }),
    ],
    ['custom_text: is of a text tower of its own', withModel({ custom_text: true })],
    ['model_cfg: init_logit_bias is set to -10', withModel({ init_logit_bias: -10 })],
    ['model_cfg.vision_cfg: no_ln_pre is set to true', withPart('vision_cfg', { no_ln_pre: true })],
    ['model_cfg.vision_cfg: pool_type', withPart('vision_cfg', { pool_type: 'avg' })],
    [
      'model_cfg.text_cfg: tokenizer_kwargs is set',
      withPart('text_cfg', { tokenizer_kwargs: { clean: 'x' } }),
    ],
    ['model_cfg.text_cfg: no_causal_mask is set to true', withPart('text_cfg', { no_causal_mask: true })],
    ['does not divide into heads of 5', withPart('vision_cfg', { head_width: 5 })],
    ['preprocess_cfg: resize_mode', { ...config, preprocess_cfg: { resize_mode: 'longest' } }],
    ['open_clip_config.json', { ...config, model_cfg: 7 }],
  ])('is refused by name: %s', (message, changed) =>
    expect(() => openModelFolder(folderOf(changed))).toThrow(message),
  );

  it('with weights that no configuration accounts for is refused by their name', () =>
    expect(() => openModel(folderOf(withPart('vision_cfg', { layers: 1 })))).toThrow(
      'vision_model.encoder.layers.1',
    ));
});

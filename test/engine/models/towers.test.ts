import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { selectTargets } from '../../../main/engine/adapters/layer/target-modules.ts';
import { adapterSettingsSchema } from '../../../main/engine/adapters/settings/adapter-settings.ts';
import { comparedWith, towersOf, withEmbeddings } from '../../../main/engine/models/compared-model.ts';
import { openModel } from '../../../main/engine/models/model.ts';
import { embedSide } from '../../../main/engine/objectives/pictures/embed-side.ts';
import { pictureSide, textSide, type TextRow } from '../../../main/engine/objectives/pictures/row-tensors.ts';
import { sampleLogits } from '../../../main/trainer/export/export-check.ts';
import { readPictures, readRun } from '../../numeric/golden/golden-run.ts';

const fixtures = join(import.meta.dirname, '../../numeric/fixtures');

describe.each([
  ['clip', 'text_projection'],
  ['clip_captions', 'text_projection'],
  ['siglip', 'text_model.head'],
  ['siglip_captions', 'text_model.head'],
])('%s', (name, ofTexts) => {
  const directory = join(fixtures, name);
  const model = openModel(join(directory, 'model'));
  const towers = towersOf(model.architecture);
  const [{ texts, pictures }] = readPictures(directory) as [ReturnType<typeof readPictures>[number]];
  const embedded = async (rows: readonly TextRow[]): Promise<number[]> =>
    (await embedSide(model, 'texts', [textSide(towers.texts, rows, 1)], { threads: 1 })).flatMap((row) => [
      ...row,
    ]);

  it('sees a text alike by itself and beside longer ones, whatever it is padded with', async () => {
    const together = await embedded(texts);
    const alone: number[] = [];
    for (const one of texts) alone.push(...(await embedded([one])));
    const difference = Math.max(...together.map((value, at) => Math.abs(value - alone[at]!)));
    expect(difference).toBeLessThan(1e-5);
  });

  it('gives the same logits with the embeddings of either tower given', async () => {
    const { model: own, batches } = readRun(directory);
    const logits = await sampleLogits({ model: own, adapter: null, trainedWeights: [] }, batches[0]!, 1);
    const embeddedTexts = await embedSide(model, 'texts', [textSide(towers.texts, texts, 1)], { threads: 1 });
    // In two batches, as a run would make them.
    const parts = [pictures.slice(0, 3), pictures.slice(3)].map((some) => pictureSide(towers.pictures, some));
    const ofPictures = await embedSide(model, 'pictures', parts, { threads: 1 });
    for (const side of ['texts', 'pictures'] as const) {
      const given = comparedWith(withEmbeddings(model, side), 'image-captions', texts.length);
      const { pictures: left, texts: right } = towersOf(given.architecture);
      const tensors = {
        ...pictureSide(left, side === 'pictures' ? ofPictures : pictures).tensors,
        ...textSide(right, side === 'texts' ? embeddedTexts : texts, 1).tensors,
      };
      const trained = { model: given, adapter: null, trainedWeights: [] };
      const other = await sampleLogits(trained, { ...batches[0]!, tensors }, 1);
      const difference = Math.max(...logits.map((value, at) => Math.abs(value - other[at]!)));
      expect(difference).toBeLessThan(1e-5);
    }
  });

  it('has the sites of the other tower alone then', () => {
    const given = withEmbeddings(model, 'texts');
    const modules = given.targetLayers.map(({ module }) => module);
    expect(modules.every((module) => /^(vision_model\.|visual_projection)/.test(module))).toBe(true);
    const onTexts = adapterSettingsSchema.parse({ method: 'lora', targetModules: [ofTexts] });
    expect(() => selectTargets(given.targetLayers, onTexts)).toThrow(`the model has no module ${ofTexts}`);
  });
});

it('a model of text is not compared with pictures', () =>
  expect(() => comparedWith(openModel(join(fixtures, 'llama/model')), 'class-prompts', 2)).toThrow(
    'a llama model sees text alone',
  ));

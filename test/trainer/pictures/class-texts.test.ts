import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { adapterSettingsSchema } from '../../../main/engine/adapters/settings/adapter-settings.ts';
import { loadTokenizer } from '../../../main/engine/data/tokens/tokenizer.ts';
import { comparedWith } from '../../../main/engine/models/compared-model.ts';
import { openModel } from '../../../main/engine/models/model.ts';
import { classTexts } from '../../../main/trainer/run/pictures/class-texts.ts';
import { steppedModel } from '../../../main/trainer/run/pictures/text-tower.ts';
import { writeTinyClip } from '../../support/tiny-clip.ts';
import { writeTinySiglip } from '../../support/tiny-siglip.ts';

const root = mkdtempSync(join(tmpdir(), 'nora-class-texts-'));
const directory = writeTinyClip(join(root, 'clip'));
const tokenizer = loadTokenizer(directory);
const model = comparedWith(openModel(directory), 'class-prompts', 2);
const texts = (classes: readonly string[], template: string, limits: object = {}) =>
  classTexts(classes, template, tokenizer, { ...model.architecture, ...limits });

it('a text is asked of each class, between a start and an end, as long as it is', () => {
  const { rows, positions, padId } = texts(['red', 'blue_square'], 'a photo of {}.');
  expect(rows.map((row) => tokenizer.decode([...row]))).toEqual(
    ['red', 'blue square'].map((name) => tokenizer.decode(tokenizer.encode(`a photo of ${name}.`))),
  );
  expect(rows.map((row) => [row[0], row.at(-1)])).toEqual([
    [58, 59],
    [58, 59],
  ]);
  expect([positions, padId]).toEqual([8, 59]);
});

it('a text that the model does not take is named, and never cut', () => {
  expect(() => texts(['red', 'a '.repeat(12)], '{}')).toThrow(
    /is 14 tokens, and the model takes 12: shorten it/,
  );
  expect(() => texts(['red', 'green'], '{}', { vocabularySize: 40 })).toThrow(
    'training.pictures.template: "red" has the token 58, and the model knows 40: its tokenizer belongs to another model',
  );
});

describe('of a model whose texts have one length', () => {
  const siglip = writeTinySiglip(join(root, 'siglip'));
  const { architecture } = comparedWith(openModel(siglip), 'class-prompts', 2);
  const textsOf = (classes: readonly string[], template: string, folder = siglip) =>
    classTexts(classes, template, loadTokenizer(folder), architecture);

  it('they are padded to it, and padding is no notice where transformers sees it too', () => {
    const { rows, positions, notices } = textsOf(['Red', 'blue_square'], 'A photo of {}!');
    expect(rows).toEqual([
      [1, 2, 3, 4, ...Array<number>(8).fill(59)],
      [1, 2, 3, 6, 8, ...Array<number>(7).fill(59)],
    ]);
    expect([positions, notices]).toEqual([12, []]);
  });

  it('those that are longer, or hold a special token, are named', () => {
    expect(() => textsOf(['red', 'a '.repeat(12)], '{}')).toThrow('is 13 tokens, and the model takes 12');
    expect(() => textsOf(['red', 'blue </s>'], '{}')).toThrow(
      'training.pictures.template: "blue </s>" holds the special token </s>',
    );
  });

  it('and padding that transformers hides is told', () => {
    const hiding = writeTinySiglip(join(root, 'hiding'));
    writeFileSync(join(hiding, 'tokenizer_config.json'), '{"tokenizer_class": "SiglipTokenizer"}');
    expect(textsOf(['red', 'blue'], '{}', hiding).notices).toEqual([
      expect.stringContaining('the model sees padding, as it was trained'),
    ]);
  });
});

const adapter = (settings: object) => adapterSettingsSchema.parse({ method: 'lora', rank: 2, ...settings });

it.each([
  ['a layer of both towers', adapter({ targetModules: ['q_proj'] }), true],
  ['a layer of the text tower', adapter({ targetModules: ['text_projection'] }), true],
  ['the picture tower', adapter({ targetModules: 'vision_model.*q_proj' }), false],
  ['the projection of pictures', adapter({ targetModules: ['visual_projection'] }), false],
  [
    'a norm of texts',
    adapter({ targetModules: ['visual_projection'], modulesToSave: ['final_layer_norm'] }),
    true,
  ],
  ['everything', adapterSettingsSchema.parse({ method: 'full' }), true],
])('steps that train %s have the text tower: %s', (_, settings, needsTexts) =>
  expect(steppedModel(model, settings) === model).toBe(needsTexts),
);

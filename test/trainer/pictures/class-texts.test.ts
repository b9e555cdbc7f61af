import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { adapterSettingsSchema } from '../../../main/engine/adapters/settings/adapter-settings.ts';
import { loadTokenizer } from '../../../main/engine/data/tokens/tokenizer.ts';
import { comparedWith } from '../../../main/engine/models/compared-model.ts';
import { openModel } from '../../../main/engine/models/model.ts';
import { classTexts } from '../../../main/trainer/run/pictures/class-texts.ts';
import { steppedModel } from '../../../main/trainer/run/pictures/text-tower.ts';
import { writeTinyClip } from '../../support/tiny-clip.ts';

const directory = writeTinyClip(mkdtempSync(join(tmpdir(), 'nora-class-texts-')));
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

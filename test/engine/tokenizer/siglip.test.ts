import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { paddedText } from '../../../main/engine/data/tokens/padded-text.ts';
import { loadTokenizer, type Tokenizer } from '../../../main/engine/data/tokens/tokenizer.ts';
import { temporaryDirectory } from '../formats/temporary-directory.ts';

interface Folder {
  readonly tokenizer: Readonly<Record<string, unknown>>;
  readonly config: Readonly<Record<string, unknown>>;
  readonly texts: readonly string[];
  readonly ids: readonly (readonly number[])[];
}

/** What transformers 5.24 gives its models. */
const { length, folders } = JSON.parse(
  readFileSync(fileURLToPath(new URL('fixtures/siglip.json', import.meta.url)), 'utf8'),
) as { length: number; folders: Record<string, Folder> };

const root = temporaryDirectory();
let count = 0;

const load = ({ tokenizer, config }: Folder, changes: object = {}): Tokenizer => {
  const directory = join(root, String(count++));
  mkdirSync(directory);
  const files = {
    'tokenizer.json': tokenizer,
    'tokenizer_config.json': { ...config, ...changes },
    'config.json': { model_type: 'siglip' },
  };
  for (const [name, content] of Object.entries(files))
    writeFileSync(join(directory, name), JSON.stringify(content));
  return loadTokenizer(directory);
};

test.each(Object.entries(folders))('%s: texts as the processor gives them to a model', (_, folder) => {
  const tokenizer = load(folder);
  const own = folder.texts.map((text) => [text, paddedText(text, tokenizer, length)]);
  expect(own).toEqual(folder.texts.map((text, at) => [text, folder.ids[at]]));
});

const [, siglip] = Object.entries(folders)[0]!;
const gemma = Object.values(folders).find(({ config }) => config['tokenizer_class'] === 'GemmaTokenizer')!;

test('a text with a special token is refused: the class reads what follows one otherwise', () =>
  expect(() => paddedText('a </s> b', load(siglip), length)).toThrow(
    '"a </s> b" holds the special token </s>: write it otherwise',
  ));

test('padding that nobody named is refused, since it is seen', () =>
  expect(() => paddedText('a', load(siglip, { pad_token: '<none>' }), length)).toThrow(
    'names no pad_token that the vocabulary has',
  ));

test('says whether transformers would hide padding', () => {
  expect(load(siglip).masksPadding).toBe(false);
  expect(load(gemma).masksPadding).toBe(true);
  expect(() => load(gemma, { padding_side: 'both' })).toThrow('padding_side: is "both"');
});

test('capitals that SigLIP 2 was not trained on are told', () => {
  const capitals = expect.stringContaining('trained on texts in lower case') as string;
  expect(load(gemma).notices).toContainEqual(capitals);
  expect(load(gemma, { tokenizer_class: 'Siglip2Tokenizer' }).notices).toEqual([]);
  expect(load(siglip).notices).toEqual([]);
});

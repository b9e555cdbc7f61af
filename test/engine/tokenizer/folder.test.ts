import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { loadTokenizer, type Tokenizer } from '../../../main/engine/data/tokens/tokenizer.ts';
import { temporaryDirectory } from '../formats/temporary-directory.ts';

type Json = Record<string, unknown>;

interface Folder {
  base: 'bert' | 'gpt2';
  files: Record<string, Json>;
  /** What tokenizer.json has otherwise than the base. */
  changes: Json;
  ids: number[][];
  plain: number[][];
  bos: number | null;
  eos: number | null;
  pad: number | null;
}

/** What transformers 5.24 gives. */
const { texts, files, folders } = JSON.parse(
  readFileSync(fileURLToPath(new URL('fixtures/folders.json', import.meta.url)), 'utf8'),
) as { texts: string[]; files: Record<string, Json>; folders: Record<string, Folder> };

const root = temporaryDirectory();
let count = 0;

const write = (tokenizer: Json, others: Record<string, Json | string>): string => {
  const directory = join(root, String(count++));
  mkdirSync(directory);
  writeFileSync(join(directory, 'tokenizer.json'), JSON.stringify(tokenizer));
  for (const [name, content] of Object.entries(others))
    writeFileSync(join(directory, name), typeof content === 'string' ? content : JSON.stringify(content));
  return directory;
};

const load = (tokenizer: Json, others: Record<string, Json | string> = {}): Tokenizer =>
  loadTokenizer(write(tokenizer, others));

const config = (settings: Json): Record<string, Json> => ({ 'tokenizer_config.json': settings });

test.each(Object.entries(folders))('%s: as transformers', (_, folder) => {
  const tokenizer = load({ ...files[folder.base], ...folder.changes }, folder.files);
  for (const [index, text] of texts.entries()) {
    expect(tokenizer.encode(text)).toEqual(folder.ids[index]);
    expect(tokenizer.encode(text, { addSpecialTokens: false })).toEqual(folder.plain[index]);
  }
  expect([tokenizer.bosId ?? null, tokenizer.eosId ?? null, tokenizer.padId ?? null]).toEqual([
    folder.bos,
    folder.eos,
    folder.pad,
  ]);
  expect(tokenizer.notices).toEqual([]);
});

const bert = files['bert']!;
const gpt2 = files['gpt2']!;
const model = gpt2['model'] as Json;
const template = (...pieces: Json[]): Json => ({
  type: 'TemplateProcessing',
  single: pieces,
  pair: [...pieces, { Sequence: { id: 'B', type_id: 1 } }],
  special_tokens: { '<s>': { id: '<s>', ids: [1], tokens: ['<s>'] } },
});
const first = { Sequence: { id: 'A', type_id: 0 } };
const bos = { SpecialToken: { id: '<s>', type_id: 0 } };
const llama = { tokenizer_class: 'LlamaTokenizer', bos_token: '<s>', eos_token: '</s>', legacy: true };

describe('what versions of transformers read differently', () => {
  test.each([
    ['add_bos_token is false, but', template(bos, first), { ...llama, add_bos_token: false }],
    ['add_bos_token is true, but', template(first), { ...llama, add_bos_token: true }],
    ['add_eos_token is true, but', template(bos, first), { ...llama, add_eos_token: true }],
    [
      'add_prefix_space is true, but',
      null,
      { tokenizer_class: 'PreTrainedTokenizerFast', add_prefix_space: true },
    ],
  ])('is refused where a key says so: %s', (message, processor, settings) => {
    const directory = write({ ...gpt2, post_processor: processor }, config(settings));
    expect(() => loadTokenizer(directory)).toThrow(
      expect.objectContaining({
        code: 'unsupported',
        message: expect.stringContaining(`${join(directory, 'tokenizer_config.json')}: ${message}`) as string,
      }),
    );
  });

  test("a space before texts that Llama's files disagree on", () => {
    const metaspace = { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: false };
    const json = { ...gpt2, pre_tokenizer: metaspace, post_processor: template(bos, first) };
    expect(() => load(json, config({ ...llama, add_prefix_space: false }))).toThrow(
      'add_prefix_space is false, but tokenizer.json puts a space before texts',
    );
    expect(load(json, config(llama)).notices).toEqual([]);
    expect(load(json, config({ ...llama, legacy: false })).notices).toEqual([
      expect.stringContaining('also behind special tokens'),
    ]);
  });

  test('gets a notice where no key says so', () => {
    expect(load({ ...gpt2, post_processor: template(first) }, config(llama)).notices).toEqual([
      expect.stringContaining('does not add bos_token'),
    ]);
    const spaced = { ...gpt2, pre_tokenizer: { ...(gpt2['pre_tokenizer'] as Json), add_prefix_space: true } };
    expect(load(spaced).notices).toEqual([expect.stringContaining('add_prefix_space')]);
    expect(load({ ...bert, normalizer: null }, config({ tokenizer_class: 'BertTokenizer' })).notices).toEqual(
      [expect.stringContaining('BertNormalizer')],
    );
    expect(load(gpt2, config({ pad_token: '[PAD]' })).notices).toEqual([
      expect.stringContaining('pad_token "[PAD]" is not in the vocabulary'),
    ]);
  });
});

describe('what is not known is refused by name', () => {
  test.each([
    ['tokenizer_config.json: fix_mistral_regex is set to true, which', gpt2, { fix_mistral_regex: true }],
    ['tokenizer_config.json: added_tokens_decoder.4: not a token', gpt2, { added_tokens_decoder: { 4: 5 } }],
    [
      'tokenizer.json: pre_tokenizer: the type "UnicodeScripts" is not',
      { ...gpt2, pre_tokenizer: { type: 'UnicodeScripts' } },
      {},
    ],
    [
      'tokenizer.json: normalizer.normalizers[1]: the type "Other" is not',
      { ...gpt2, normalizer: { type: 'Sequence', normalizers: [{ type: 'NFC' }, { type: 'Other' }] } },
      {},
    ],
    [
      'tokenizer.json: normalizer: form is set to "x", which',
      { ...gpt2, normalizer: { type: 'NFC', form: 'x' } },
      {},
    ],
    ['tokenizer.json: model: the type "Word2" is not', { ...gpt2, model: { ...model, type: 'Word2' } }, {}],
    ['tokenizer.json: model: dropout is 0.1', { ...gpt2, model: { ...model, dropout: 0.1 } }, {}],
    [
      'tokenizer.json: model: merges: "zz" is not in vocab',
      { ...gpt2, model: { ...model, merges: ['zz a'] } },
      {},
    ],
    [
      'tokenizer.json: model: vocab: the id of "a" is 1.5',
      { ...gpt2, model: { ...model, vocab: { a: 1.5 }, merges: [] } },
      {},
    ],
    [
      'tokenizer.json: post_processor: special_tokens: "[X]" is missing',
      { ...gpt2, post_processor: template({ SpecialToken: { id: '[X]', type_id: 0 } }) },
      {},
    ],
    ['tokenizer.json: decoder: has no type', { ...gpt2, decoder: {} }, {}],
    ['tokenizer.json: version "2.0" is not known', { ...gpt2, version: '2.0' }, {}],
    [
      String.raw`uses \\K, which this version does not translate`,
      {
        ...gpt2,
        pre_tokenizer: {
          type: 'Split',
          pattern: { Regex: String.raw`a\Kb` },
          behavior: 'Isolated',
          invert: false,
        },
      },
      {},
    ],
  ] as [string, Json, Json][])('%s', (message, tokenizer, settings) => {
    expect(() => load(tokenizer, config(settings))).toThrow(message.replace('\\\\', '\\'));
  });

  test('an unknown word without an unknown token, when it comes', () => {
    const wordLevel = { type: 'WordLevel', vocab: { the: 0 }, unk_token: '[UNK]' };
    const tokenizer = load({
      ...gpt2,
      added_tokens: [],
      pre_tokenizer: { type: 'Whitespace' },
      model: wordLevel,
    });
    expect(tokenizer.encode('the the')).toEqual([0, 0]);
    expect(() => tokenizer.encode('the sea')).toThrow('unk_token is "[UNK]", which is not in the vocabulary');
  });

  test('half of a surrogate pair', () => {
    expect(() => load(gpt2).encode('a\ud83d')).toThrow('half of a surrogate pair');
  });
});

test('a pre-tokenizer that the class would not have made is followed, and said', () => {
  const digits = {
    type: 'Sequence',
    pretokenizers: [{ type: 'Digits', individual_digits: true }, gpt2.pre_tokenizer],
  };
  const named = config({ tokenizer_class: 'GPT2Tokenizer' });
  expect(load({ ...gpt2, pre_tokenizer: digits }, named).notices.join()).toContain(
    'tokenizer.json splits texts otherwise than the class',
  );
  expect(load(gpt2, named).notices.join()).not.toContain('splits texts otherwise');
});

test('chat templates by name, from files with any line breaks before tokenizer_config.json', () => {
  const named = load(
    gpt2,
    config({
      chat_template: [
        { name: 'default', template: 'D' },
        { name: 'tool_use', template: 'T' },
      ],
    }),
  );
  expect(named).toMatchObject({ chatTemplate: 'D', toolChatTemplate: 'T' });
  const directory = write(gpt2, { ...config({ chat_template: 'C' }), 'chat_template.jinja': 'a\r\nb\rc' });
  mkdirSync(join(directory, 'additional_chat_templates'));
  writeFileSync(join(directory, 'additional_chat_templates', 'tool_use.jinja'), 'U');
  const tokenizer = loadTokenizer(directory);
  expect(tokenizer.chatTemplate).toBe('a\nb\nc');
  expect(tokenizer.toolChatTemplate).toBe('U');
});

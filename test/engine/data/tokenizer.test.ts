import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadTokenizer } from '../../../main/engine/data/tokens/tokenizer.ts';
import { temporaryDirectory } from '../formats/temporary-directory.ts';
import { bytelevel, expected, fixturePath, metaspace } from './fixtures.ts';

describe.each([
  ['bytelevel', bytelevel],
  ['metaspace', metaspace],
] as const)('%s: as the tokenizers library', (name, tokenizer) => {
  test.each(expected.encodings[name]!)('$text', ({ text, ids, plain, decoded, skipped }) => {
    expect(tokenizer.encode(text)).toEqual(ids);
    expect(tokenizer.encode(text, { addSpecialTokens: false })).toEqual(plain);
    expect(tokenizer.decode(ids)).toBe(decoded);
    expect(tokenizer.decode(ids, { skipSpecial: true })).toBe(skipped);
  });
});

test('special tokens, sizes, spellings', () => {
  expect(bytelevel).toMatchObject({ vocabularySize: 400, eosId: 2, eosToken: '<|im_end|>', padId: 0 });
  expect(bytelevel.bosId).toBeUndefined();
  expect(bytelevel.chatTemplate).toContain('<|im_start|>');
  expect(metaspace).toMatchObject({
    vocabularySize: 420,
    bosId: 1,
    bosToken: '<s>',
    eosId: 2,
    eosToken: '</s>',
  });
  expect(metaspace.padId).toBeUndefined();
  expect(metaspace.chatTemplate).toBeUndefined();
  expect(bytelevel.isSpecial(2)).toBe(true);
  expect(bytelevel.isSpecial(50)).toBe(false);
  expect(bytelevel.tokenText(bytelevel.encode(' dog')[0]!)).toBe('Ġdog');
  expect(bytelevel.tokenText(9999)).toBe('<unknown 9999>');
  expect(bytelevel.decode([])).toBe('');
});

describe('the files around tokenizer.json', () => {
  const root = temporaryDirectory();
  let count = 0;
  const copy = (files: Record<string, string> = {}): string => {
    const directory = join(root, String(count++));
    cpSync(fixturePath('bytelevel'), directory, { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
    return directory;
  };

  test('chat_template.jinja comes before tokenizer_config.json; of several templates the default', () => {
    const config = JSON.stringify({
      chat_template: [
        { name: 'tool', template: 'T' },
        { name: 'default', template: 'D' },
      ],
    });
    const directory = copy({ 'chat_template.jinja': 'J', 'tokenizer_config.json': config });
    expect(loadTokenizer(directory).chatTemplate).toBe('J');
    rmSync(join(directory, 'chat_template.jinja'));
    expect(loadTokenizer(directory).chatTemplate).toBe('D');
    expect(loadTokenizer(directory).toolChatTemplate).toBeUndefined();
  });

  test('a template of its own for tools', () => {
    const chatTemplate = [
      { name: 'tool_use', template: 'T' },
      { name: 'default', template: 'D' },
    ];
    const directory = copy({ 'tokenizer_config.json': JSON.stringify({ chat_template: chatTemplate }) });
    rmSync(join(directory, 'chat_template.jinja'));
    expect(loadTokenizer(directory)).toMatchObject({ chatTemplate: 'D', toolChatTemplate: 'T' });
    mkdirSync(join(directory, 'additional_chat_templates'));
    writeFileSync(join(directory, 'additional_chat_templates', 'tool_use.jinja'), 'U');
    writeFileSync(join(directory, 'chat_template.jinja'), 'J');
    expect(loadTokenizer(directory)).toMatchObject({ chatTemplate: 'J', toolChatTemplate: 'U' });
  });

  test('special_tokens_map.json stands in; tokens outside of the vocabulary do not count', () => {
    const map = JSON.stringify({ eos_token: { content: '<|im_end|>' }, bos_token: '<none>' });
    const tokenizer = loadTokenizer(copy({ 'tokenizer_config.json': '{}', 'special_tokens_map.json': map }));
    expect(tokenizer.eosId).toBe(2);
    expect(tokenizer.bosId).toBeUndefined();
  });

  test('errors name the file', () => {
    const directory = copy({ 'tokenizer.json': '{}' });
    expect(() => loadTokenizer(directory)).toThrow(
      `${join(directory, 'tokenizer.json')}: model: must be a JSON object`,
    );
    const broken = copy({ 'tokenizer_config.json': '{' });
    expect(() => loadTokenizer(broken)).toThrow(`${join(broken, 'tokenizer_config.json')}: not JSON (`);
    const empty = join(root, 'empty');
    mkdirSync(empty);
    expect(() => loadTokenizer(empty)).toThrow(
      `${join(empty, 'tokenizer.json')}: no such file; the model's tokenizer is needed`,
    );
    writeFileSync(join(empty, 'tokenizer.model'), '');
    expect(() => loadTokenizer(empty)).toThrow(
      expect.objectContaining({
        code: 'unsupported',
        message: `${join(empty, 'tokenizer.json')}: no such file; tokenizer.model is there, but only the tokenizer.json form can be read`,
      }),
    );
  });
});

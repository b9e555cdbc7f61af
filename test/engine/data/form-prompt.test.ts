import { join } from 'node:path';
import { expect, it } from 'vitest';
import { formPrompt, promptNotices } from '../../../main/engine/data/chat/form-prompt.ts';
import type { Tokenizer } from '../../../main/engine/data/tokens/tokenizer.ts';
import { loadTokenizer } from '../../../main/engine/data/tokens/tokenizer.ts';
import { root } from '../../support/paths.ts';

const tokenizer = loadTokenizer(join(root, 'main/sample/model'));
const { chatTemplate: _, ...bare } = tokenizer;
const withoutTemplate: Tokenizer = bare;
const date = '2026-11-28';
const messages = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: 'Hello' },
];

it('a text is framed as in training, but for its end', () => {
  const { text, ids } = formPrompt(tokenizer, { form: 'text', text: 'Call me' }, date);
  expect(text).toBe('Call me');
  expect(ids).not.toContain(tokenizer.eosId);
  expect(tokenizer.decode(ids)).toBe('Call me');
});

it('an empty text begins with BOS, and is refused where there is none', () => {
  expect(formPrompt(tokenizer, { form: 'text', text: '' }, date).ids).toEqual([tokenizer.bosId]);
  const { bosId: __, ...without } = tokenizer;
  expect(() => formPrompt(without, { form: 'text', text: '' }, date)).toThrow('the prompt is empty');
});

it("a chat goes through the template, with what opens the assistant's turn", () => {
  expect(formPrompt(tokenizer, { form: 'chat', messages }, date).text).toBe(
    '<|system|>\nBe brief.\n<|user|>\nHello\n<|assistant|>\n',
  );
  const answered = [...messages, { role: 'assistant', content: 'Hi' }];
  expect(() => formPrompt(tokenizer, { form: 'chat', messages: answered }, date)).toThrow(
    "the last turn is the assistant's",
  );
});

it("without a template it is the workbench's own, and that is said", () => {
  expect(formPrompt(withoutTemplate, { form: 'chat', messages }, date).text).toBe(
    '<|endoftext|>System: Be brief.\n\nUser: Hello\n\nAssistant:',
  );
  const prompts = [{ form: 'chat' as const, messages }];
  expect(promptNotices(withoutTemplate, prompts, date)).toEqual([
    expect.stringContaining('no chat template'),
  ]);
  expect(promptNotices(withoutTemplate, [{ form: 'text', text: 'a' }], date)).toEqual([]);
  expect(promptNotices(tokenizer, prompts, date)).toEqual([]);
});

it('a template that asks for the date is told it, and that is said', () => {
  const dated = { ...tokenizer, chatTemplate: "{{ strftime_now('%d %b %Y') }}: {{ messages[0].content }}" };
  expect(formPrompt(dated, { form: 'chat', messages }, date).text).toBe('28 Nov 2026: Be brief.');
  expect(promptNotices(dated, [{ form: 'chat', messages }], date)).toEqual([
    'the chat template writes the date of the day: it is given 2026-11-28 on every day; the setting "date" names another',
  ]);
});

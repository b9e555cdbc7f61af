import { describe, expect, test } from 'vitest';
import { renderChat } from '../../../main/engine/data/chat/chat-template.ts';
import { bytelevel, expected } from './fixtures.ts';

const conversation = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: 'Hello' },
  { role: 'assistant', content: ' Hi! ' },
];
const date = new Date('2026-11-28');
const tokens = { bosToken: '<|endoftext|>', eosToken: '<|im_end|>' };

describe.each(expected.chats)(
  '$label, generation prompt: $addGenerationPrompt',
  ({ template, messages, addGenerationPrompt, text }) => {
    const source = { ...tokens, chatTemplate: template };

    test('renders as transformers', () => {
      expect(renderChat(source, messages, { addGenerationPrompt, date })).toBe(text);
    });
  },
);

test('without a template: plain text', () => {
  expect(renderChat({ bosToken: '<s>', eosToken: '</s>' }, conversation)).toBe(
    '<s>System: Be brief.\n\nUser: Hello\n\nAssistant: Hi!</s>\n\n',
  );
  expect(renderChat({}, conversation.slice(0, 2), { addGenerationPrompt: true })).toBe(
    'System: Be brief.\n\nUser: Hello\n\nAssistant:',
  );
});

test('what a template objects to, or can not be read, is said', () => {
  expect(() => renderChat(bytelevel, [{ role: 'critic', content: '' }])).toThrow(
    'the chat template refuses the conversation: Unexpected role: critic',
  );
  expect(() => renderChat({ chatTemplate: '{% if %}' }, conversation)).toThrow(
    "the model's chat template can't be read: ",
  );
});

test('special tokens of every role reach the template, as in transformers', () => {
  const chatTemplate = '{{ pad_token }}{{ unk_token is defined }}{{ eos_token }}';
  expect(renderChat({ ...bytelevel, chatTemplate }, conversation)).toBe('<|endoftext|>False<|im_end|>');
});

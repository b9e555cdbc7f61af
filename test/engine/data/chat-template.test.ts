import { describe, expect, test } from 'vitest';
import { renderChatSpans } from '../../../main/engine/data/chat-spans.ts';
import { parseMessages, renderChat } from '../../../main/engine/data/chat-template.ts';
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
  ({ label, template, messages, addGenerationPrompt, text }) => {
    const source = { ...tokens, chatTemplate: template };

    test('renders as transformers', () => {
      expect(renderChat(source, messages, { addGenerationPrompt, date })).toBe(text);
    });

    test('spans', () => {
      if (label === 'tools')
        return expect(() => renderChatSpans(source, messages, { date })).toThrow(
          'message 2: the chat template renders',
        );
      const spans = renderChatSpans(source, messages, { addGenerationPrompt, date });
      expect(spans.map((span) => span.text).join('')).toBe(text);
      const lineBreak = label === 'generation' ? '' : '\n';
      expect(spans.filter(({ target }) => target).map((span) => span.text)).toEqual(
        label === 'thinking'
          ? ['Paris.<|im_end|>\n', "<think>\n\n</think>\n\nFour, I'm sure.<|im_end|>\n"]
          : [
              `<think>\neasy\n</think>\n\nParis.<|im_end|>${lineBreak}`,
              `Four, I'm sure.<|im_end|>${lineBreak}`,
            ],
      );
    });
  },
);

test('a template with generation blocks marks the tokens that transformers marks', () => {
  const { template, messages, ids, mask } = expected.chats.find(({ label }) => label === 'generation')!;
  const spans = renderChatSpans({ ...tokens, chatTemplate: template }, messages);
  const pieces = spans.map(({ text, target }) => ({
    ids: bytelevel.encode(text, { addSpecialTokens: false }),
    target,
  }));
  expect(pieces.flatMap((piece) => piece.ids)).toEqual(ids);
  expect(pieces.flatMap((piece) => piece.ids.map(() => (piece.target ? 1 : 0)))).toEqual(mask);
});

test('without a template: plain text', () => {
  expect(renderChat({ bosToken: '<s>', eosToken: '</s>' }, conversation)).toBe(
    '<s>System: Be brief.\n\nUser: Hello\n\nAssistant: Hi!</s>\n\n',
  );
  expect(renderChat({}, conversation.slice(0, 2), { addGenerationPrompt: true })).toBe(
    'System: Be brief.\n\nUser: Hello\n\nAssistant:',
  );
  expect(renderChatSpans({ eosToken: '</s>' }, conversation).filter(({ target }) => target)).toEqual([
    { text: ' Hi!</s>\n\n', target: true },
  ]);
});

test('what a template objects to, or can not be read, is said', () => {
  expect(() => renderChat(bytelevel, [{ role: 'critic', content: '' }])).toThrow(
    'the chat template refuses the conversation: Unexpected role: critic',
  );
  expect(() => renderChat({ chatTemplate: '{% if %}' }, conversation)).toThrow(
    "the model's chat template can't be read: ",
  );
});

test('messages from a data set', () => {
  expect(
    parseMessages(
      [
        { from: 'human', value: 'Hi' },
        { from: 'gpt', value: 'Yo' },
      ],
      'x',
    ),
  ).toEqual([
    { role: 'user', content: 'Hi' },
    { role: 'assistant', content: 'Yo' },
  ]);
  const place = 'train.jsonl, line 3, messages';
  expect(() => parseMessages('Hi', place)).toThrow(`${place}: must be a list of messages`);
  expect(() => parseMessages([], place)).toThrow(`${place}: must be a list of messages`);
  expect(() => parseMessages([...conversation, { role: 'user', content: 3 }], place)).toThrow(
    `${place}, message 4: must have a role and a content, both text`,
  );
});

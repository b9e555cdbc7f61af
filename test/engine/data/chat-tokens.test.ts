import { describe, expect, test } from 'vitest';
import { renderConversation } from '../../../main/engine/data/chat/chat-template.ts';
import { createChatReader } from '../../../main/engine/data/chat/chat-tokens.ts';
import type { WeightedConversation } from '../../../main/engine/data/chat/conversation.ts';
import { readConversation } from '../../../main/engine/data/chat/conversation.ts';
import { createRandom } from '../../../main/engine/random.ts';
import { reference, referenceTokenizer, tokenizerNames } from './reference-rows.ts';

const format = { kind: 'chat', column: 'messages', tools: 'tools', documents: 'documents' } as const;
const conversationOf = (row: object): WeightedConversation =>
  readConversation(row as Record<string, unknown>, format, 'train.jsonl, line 1');
const withoutBlocks = (template: string): string =>
  template.replaceAll(/\{%-?\s*(end)?generation\s*-?%\}/g, (tag) =>
    tag.replace(/(end)?generation/, (name) => (name === 'generation' ? 'if true' : 'endif')),
  );

describe.each(tokenizerNames)('%s', (name) => {
  const chats = reference.chats.filter(({ tokenizer }) => tokenizer === name);

  test.each(chats)('$template, $row: ids and mask of transformers', ({ template, row, ids, mask }) => {
    const tokenizer = { ...referenceTokenizer(name), chatTemplate: reference.templates[template]! };
    const conversation = conversationOf(reference.rows[row]!);
    const learnt = createChatReader(tokenizer, 'completion').read(conversation);
    expect(learnt.ids).toEqual(ids);
    expect(learnt.targets.join('')).toBe(mask);
    expect(createChatReader(tokenizer, 'all').read(conversation).ids).toEqual(ids);
  });

  test.each(chats)('$template, $row: the same without generation blocks', ({ template, row, ids, mask }) => {
    const source = withoutBlocks(reference.templates[template]!);
    const tokenizer = { ...referenceTokenizer(name), chatTemplate: source };
    const learnt = createChatReader(tokenizer, 'completion').read(conversationOf(reference.rows[row]!));
    expect(learnt.ids).toEqual(ids);
    // The special token that opens the turn takes in the line break that the answer begins with, and stays the prompt's.
    const isTakenIn = name === 'prepend-rstrip' && row === 'white space' && template === 'turns';
    const opening = tokenizer.encode('<|assistant|>', { addSpecialTokens: false }).at(-1);
    const expected = [...mask].map((target, at) => (isTakenIn && ids[at] === opening ? '0' : target));
    expect(learnt.targets.join('')).toBe(expected.join(''));
  });
});

/** Conversations of what is hard to cut: spaces, line breaks, special tokens, letters of several code units. */
const randomConversation = (random: ReturnType<typeof createRandom>): WeightedConversation => {
  const pieces = [
    'a',
    ' ',
    '\n',
    'deep',
    ' cold',
    '<|end|>',
    '\u0301',
    '\u{1F600}',
    '東',
    '7',
    '</s>',
    '\t',
    'é',
  ];
  const below = (count: number): number => Math.floor(random.uniform() * count);
  const say = (): string => Array.from({ length: below(6) }, () => pieces[below(pieces.length)]).join('');
  const messages = Array.from({ length: 2 + below(5) }, (_, index) => ({
    role: index % 2 === 0 ? 'user' : 'assistant',
    content: say(),
  }));
  return { messages, learn: messages.map(() => (below(4) === 0 ? false : undefined)) };
};

test.each(tokenizerNames)('%s: whatever is learnt, the ids are those of the text', (name) => {
  const random = createRandom(7, name.length);
  const tokenizer = {
    ...referenceTokenizer(name),
    chatTemplate: withoutBlocks(reference.templates['turns']!),
  };
  const [some, all] = [createChatReader(tokenizer, 'completion'), createChatReader(tokenizer, 'all')];
  for (let count = 0; count < 60; count++) {
    const conversation = randomConversation(random);
    const learnt = some.read(conversation);
    expect(all.read(conversation).ids).toEqual(learnt.ids);
    expect(learnt.ids).toEqual(
      tokenizer.encode(renderConversation(tokenizer, conversation), { addSpecialTokens: false }),
    );
  }
});

test('a list of parts, for a template that knows only text', () => {
  const conversation = conversationOf({
    messages: [
      { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
      { role: 'assistant', content: 'Yes.' },
    ],
  });
  const read = (template: string): unknown =>
    createChatReader({ ...referenceTokenizer('prepend'), chatTemplate: template }, 'all').read(conversation);
  expect(() => read('{% for m in messages %}{{ m.content }}{% endfor %}')).toThrow(
    "message 1: the model's chat template does not read a content that is a list of parts; give it as text",
  );
  expect(() => read("{% for m in messages %}{{ m.role + ': ' + m.content }}{% endfor %}")).toThrow(
    'the chat template refuses the conversation: ',
  );
});

import { describe, expect, test } from 'vitest';
import { renderConversation } from '../../../main/engine/data/chat/chat-template.ts';
import type { Conversation } from '../../../main/engine/data/chat/conversation.ts';
import { watchUnreadKeys } from '../../../main/engine/data/chat/unread-keys.ts';

const simple = `{% for m in messages %}{{ m.role + ': ' + (m.content or '') + '\\n' }}{% endfor %}`;

const unread = (chatTemplate: string, ...conversations: Conversation[]): [string, number][] => {
  const source = { chatTemplate };
  const render = (conversation: Conversation): string => renderConversation(source, conversation);
  const keys = watchUnreadKeys(source, render);
  for (const conversation of conversations) keys.look(conversation, render(conversation));
  return [...keys.unread()];
};
const of = (message: object, more: Partial<Conversation> = {}): Conversation => ({
  messages: [
    { role: 'user', content: 'Hi' },
    { role: 'assistant', ...message },
  ],
  ...more,
});
const calls = { tool_calls: [{ function: { name: 'depth' } }] };
const tools = [{ function: { name: 'depth' } }];

test('keys that nothing shows of are counted, by the role that has them', () => {
  expect(unread(simple, of({ content: 'a', id: 1 }), of({ content: 'b', id: 2, name: 'x' }), of({}))).toEqual(
    [
      ['"id" in messages of the role "assistant"', 2],
      ['"name" in messages of the role "assistant"', 1],
    ],
  );
});

test('one that has shown is read', () => {
  const named = simple.replace('m.role', "m.role + (' (' + m.name + ')' if m.name else '')");
  expect(
    unread(named, of({ content: 'a', name: '', id: 1 }), of({ content: 'b', name: 'x', id: 2 })),
  ).toEqual([['"id" in messages of the role "assistant"', 2]]);
  const whole = '{% for m in messages %}{{ m | tojson }}{% endfor %}';
  expect(unread(whole, of({ content: 'a', id: 1, ...calls }))).toEqual([]);
  const either = simple.replace('m.role', '(m.a or m.b or m.role)');
  expect(unread(either, of({ content: 'a', a: 'x', b: 'x' }))).toEqual([]);
});

describe('what the turn says itself', () => {
  test.each<[string, Conversation]>([
    ['"tool_calls"', of(calls)],
    ['"function_call"', of({ function_call: { name: 'depth' } })],
    ['"reasoning_content"', of({ content: 'a', reasoning_content: 'b' })],
    ['"thinking"', of({ content: 'a', thinking: 'b' })],
    ['"refusal"', of({ refusal: 'No.' })],
    ['tools', of({ content: 'a' }, { tools })],
    ['documents', of({ content: 'a' }, { documents: [{ text: 'a' }] })],
  ])('%s is refused by a template that does not know it', (name, conversation) => {
    expect(() => unread(simple, conversation)).toThrow(
      expect.objectContaining({
        code: 'unsupported',
        message: `the model's chat template does not write ${name}, which would be lost; take ${name} out, or use a model whose template writes it`,
      }),
    );
  });

  test('and counted where the template knows it but does not write it', () => {
    const last = `${simple}{% if messages[-1].reasoning_content %}{{ messages[-1].reasoning_content }}{% endif %}`;
    const conversation: Conversation = {
      messages: [
        { role: 'assistant', content: 'a', reasoning_content: 'b' },
        { role: 'user', content: 'c' },
      ],
    };
    expect(unread(last, conversation)).toEqual([['"reasoning_content"', 1]]);
    expect(unread(last, conversation, of({ content: 'a', reasoning_content: 'b' }))).toEqual([]);
  });

  test('no tools are nothing to lose', () => {
    expect(unread(simple, of({ content: 'a' }, { tools: [] }))).toEqual([]);
  });
});

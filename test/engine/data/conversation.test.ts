import { expect, test } from 'vitest';
import { readConversation } from '../../../main/engine/data/chat/conversation.ts';

const format = {
  kind: 'chat',
  column: 'messages',
  tools: 'tools',
  system: 'system',
  documents: 'documents',
} as const;
const messages = [{ role: 'user', content: 'Hi', weight: 1 }];
const tool = { type: 'function', function: { name: 'depth' } };
const read = (row: object): unknown => readConversation({ messages, ...row }, format, 'train.jsonl, line 2');

test('tools and documents as lists, or as JSON text', () => {
  const plain = { messages: [{ role: 'user', content: 'Hi' }], learn: [true] };
  expect(read({})).toEqual(plain);
  expect(read({ tools: null, documents: null, system: null })).toEqual(plain);
  expect(read({ tools: '', documents: 'null', system: '' })).toEqual(plain);
  expect(read({ tools: [], documents: '[]' })).toEqual({ ...plain, tools: [], documents: [] });
  const documents = [{ title: 'A', text: 'b' }];
  expect(read({ tools: [tool], documents })).toEqual({ ...plain, tools: [tool], documents });
  expect(read({ tools: JSON.stringify([tool]), documents: JSON.stringify(documents) })).toEqual({
    ...plain,
    tools: [tool],
    documents,
  });
  expect(read({ tools: [JSON.stringify(tool)] })).toEqual({ ...plain, tools: [tool] });
});

test('numbers in JSON text are those of the text', () => {
  const [tool] = (read({ tools: '[{"least": 1.0, "most": 12345678901234567890}]' }) as { tools: object[] })
    .tools;
  expect(tool).toEqual({ least: { float: 1, source: '1.0' }, most: 12345678901234567890n });
});

test('a system prompt of its own is the first turn', () => {
  expect(read({ system: 'S' })).toEqual({
    messages: [
      { role: 'system', content: 'S' },
      { role: 'user', content: 'Hi' },
    ],
    learn: [undefined, true],
  });
  const own = [{ role: 'system', content: 'S' }, ...messages];
  expect(read({ system: 'S', messages: own })).toEqual(read({ messages: own }));
});

test.each<[object, string]>([
  [{ messages: undefined }, ', messages: must be a list of messages'],
  [{ tools: 'depth' }, ', tools: not JSON ('],
  [{ tools: tool }, ', tools: must be a list of objects'],
  [{ tools: [3] }, ', tools, entry 1: must be an object'],
  [{ documents: [null] }, ', documents, entry 1: must be an object'],
  [{ system: 3 }, ': column "system" must hold text'],
  [
    { system: 'S', messages: [{ role: 'system', content: 'T' }] },
    ': column "system" and the first message are system prompts that differ',
  ],
])('%j', (row, problem) => {
  expect(() => read(row)).toThrow(`train.jsonl, line 2${problem}`);
});

test('a missing column is named', () => {
  expect(() => readConversation({}, format, 'train.jsonl, line 2')).toThrow(
    'train.jsonl, line 2: column "messages" is missing',
  );
});

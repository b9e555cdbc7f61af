import { expect, test } from 'vitest';
import { readMessages } from '../../../main/engine/data/chat/messages.ts';

const place = 'train.jsonl, line 3, messages';
const read = (...messages: unknown[]): unknown[] =>
  readMessages(messages, place).map(({ message }) => message);
const learn = (...messages: object[]): unknown[] =>
  readMessages(
    messages.map((message) => ({ role: 'assistant', content: 'a', ...message })),
    place,
  ).map((message) => message.learn);

const calls = [{ id: 'c1', type: 'function', function: { name: 'depth', arguments: { buoy: 7, at: null } } }];

test('every key reaches the template as it is, in the order of the row; null is as good as absent', () => {
  const messages = [
    { name: 'Ann', role: 'user', content: 'Hi', refusal: null },
    { role: 'assistant', content: null, tool_calls: calls, reasoning_content: 'hm' },
    { role: 'tool', tool_call_id: 'c1', content: '41', tool_calls: null },
    { role: 'assistant', content: '', tool_calls: [] },
  ];
  const result = read(...messages);
  expect(result).toEqual([
    { name: 'Ann', role: 'user', content: 'Hi' },
    { role: 'assistant', tool_calls: calls, reasoning_content: 'hm' },
    { role: 'tool', tool_call_id: 'c1', content: '41' },
    { role: 'assistant', content: '' },
  ]);
  expect(Object.keys(result[0] as object)).toEqual(['name', 'role', 'content']);
});

test('contents of text parts', () => {
  const content = [{ type: 'text', text: 'Hi', image: null }];
  expect(read({ role: 'user', content })).toEqual([
    { role: 'user', content: [{ type: 'text', text: 'Hi' }] },
  ]);
});

test('weights are for the trainer, not for the template', () => {
  expect(read({ role: 'assistant', content: 'a', weight: 0, training: false, train: null })).toEqual([
    { role: 'assistant', content: 'a' },
  ]);
  expect(
    learn({}, { weight: 0 }, { weight: 1 }, { train: true }, { training: false }, { loss: false }),
  ).toEqual([undefined, false, true, true, false, false]);
});

test("ShareGPT's form, as LLaMA-Factory and axolotl read it", () => {
  expect(
    read(
      { from: 'system', value: 'S' },
      { from: 'human', value: 'Hi', weight: 1 },
      { from: 'function_call', value: '{"name": "depth", "arguments": {"buoy": 7}}' },
      { from: 'observation', value: '41' },
      { from: 'gpt', value: 'Yo' },
    ),
  ).toEqual([
    { role: 'system', content: 'S' },
    { role: 'user', content: 'Hi' },
    {
      role: 'assistant',
      tool_calls: [{ type: 'function', function: { name: 'depth', arguments: { buoy: 7 } } }],
    },
    { role: 'tool', content: '41' },
    { role: 'assistant', content: 'Yo' },
  ]);
});

test.each<[unknown, string]>([
  ['Hi', ': must be a list of messages'],
  [[], ': must be a list of messages'],
  [['Hi'], ', message 1: must be an object with a role and a content'],
  [[{ role: 'user', content: 3 }], ', message 1: must have a role and a content, both text'],
  [[{ role: 'user' }], ', message 1: must have a role and a content, both text'],
  [[{ content: 'a' }], ', message 1: must have a role and a content, both text'],
  [[{ role: 'user', content: '<image>', images: ['a.png'] }], ', message 1: has "images"; only text can be'],
  [
    [{ role: 'user', content: [{ type: 'image_url', image_url: 'a.png' }] }],
    ', message 1, part 1 of the content: is of the type "image_url"; only text can be trained on',
  ],
  [[{ role: 'user', content: [{ type: 'text' }] }], ', message 1, part 1 of the content: must have a text'],
  [
    [{ role: 'user', content: [{ type: 'text', text: 'a', cache: 1 }] }],
    ', message 1, part 1 of the content: has the key "cache", which no template reads',
  ],
  [[{ role: 'assistant', tool_calls: '[]' }], ', message 1: "tool_calls" must be a list of objects'],
  [
    [{ role: 'assistant', content: 'a', weight: 0.5 }],
    ', message 1: "weight" is 0.5; a turn is learnt whole or not at all (1 or 0, true or false)',
  ],
  [
    [{ role: 'assistant', content: 'a', weight: 0, train: true }],
    ', message 1: "weight" and "train" contradict each other',
  ],
  [
    [{ role: 'assistant', content: 'a', train_detail: [] }],
    ', message 1: has "train_detail"; a turn is learnt whole or not at all',
  ],
  [[{ from: 'gpt' }], ', message 1: must have a "from" and a "value", both text'],
  [
    [{ from: 'narrator', value: 'a' }],
    ', message 1: nobody is known as "narrator" (known: human, user, gpt, assistant, bot, system, tool, observation, function_call)',
  ],
  [[{ from: 'function_call', value: 'depth(7)' }], ', message 1, value: not JSON ('],
  [[{ from: 'function_call', value: '{}' }], ', message 1: a function_call must have a name and arguments'],
])('%j', (messages, problem) => {
  expect(() => readMessages(messages, place)).toThrow(place + problem);
});

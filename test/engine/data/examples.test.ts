import { describe, expect, test } from 'vitest';
import type { Dataset } from '../../../main/engine/data/files/dataset-file.ts';
import type { TokenFormat } from '../../../main/engine/data/files/dataset-format.ts';
import { buildExamples } from '../../../main/engine/data/examples/examples.ts';
import type { Example, Examples } from '../../../main/engine/data/examples/examples.ts';
import { previewExamples } from '../../../main/engine/data/examples/preview.ts';
import type { Tokenizer } from '../../../main/engine/data/tokens/tokenizer.ts';
import { bytelevel, expected, jsonLines, metaspace } from './fixtures.ts';

const text: TokenFormat = { kind: 'text', column: 'text' };
const pair: TokenFormat = { kind: 'prompt-completion', prompt: 'Q: {q}\nA:', completion: 'a' };
const chat: TokenFormat = { kind: 'chat', column: 'messages' };

const build = (
  dataset: Dataset,
  format: TokenFormat,
  tokenizer: Tokenizer,
  change: { lossOn?: 'completion' | 'all'; maxLength?: number } = {},
): Examples =>
  buildExamples({
    dataset,
    format,
    tokenizer,
    lossOn: 'completion',
    date: new Date('2026-11-28'),
    maxLength: 100,
    ...change,
  });
/** Context in plain, targets in brackets. */
const show = (tokenizer: Tokenizer, { inputIds, targets }: Example): string => {
  const runs: { target: number; ids: number[] }[] = [];
  for (const [index, id] of inputIds.entries()) {
    const target = targets[index]!;
    if (runs.at(-1)?.target !== target) runs.push({ target, ids: [] });
    runs.at(-1)!.ids.push(id);
  }
  return runs
    .map(({ target, ids }) => (target === 1 ? `[${tokenizer.decode(ids)}]` : tokenizer.decode(ids)))
    .join('');
};

describe('text', () => {
  const dataset = jsonLines({ text: 'The dog sleeps' }, { text: 'ends<|im_end|>' });

  test('all tokens are targets, with EOS once', () => {
    const { examples, report } = build(dataset, text, bytelevel);
    expect(examples.map((example) => show(bytelevel, example))).toEqual([
      '[The dog sleeps<|im_end|>]',
      '[ends<|im_end|>]',
    ]);
    const tokens = examples[0]!.inputIds.length + examples[1]!.inputIds.length;
    expect(report).toEqual({
      rows: 2,
      kept: 2,
      truncated: 0,
      withoutTargets: 0,
      tokens,
      targetTokens: tokens - 2,
    });
  });

  test('BOS where the tokenizer puts one', () => {
    const [example] = build(dataset, text, metaspace).examples;
    expect([...example!.inputIds]).toEqual([
      1,
      ...metaspace.encode('The dog sleeps', { addSpecialTokens: false }),
      2,
    ]);
  });
});

describe('prompt and completion', () => {
  const dataset = jsonLines({ q: 'Two plus two?', a: ' four' }, { q: 'x', a: 3 });

  test('only the completion and EOS are targets', () => {
    const { examples } = build(dataset, pair, bytelevel);
    expect(examples.map((example) => show(bytelevel, example))).toEqual([
      'Q: Two plus two?\nA:[ four<|im_end|>]',
      'Q: x\nA:[3<|im_end|>]',
    ]);
    expect(show(metaspace, build(dataset, pair, metaspace).examples[1]!)).toBe('<s> Q: x\nA:[3</s>]');
  });

  test('or everything', () => {
    const { examples } = build(dataset, pair, bytelevel, { lossOn: 'all' });
    expect(show(bytelevel, examples[1]!)).toBe('[Q: x\nA:3<|im_end|>]');
  });

  test('long rows lose their end; those without a target left are dropped and counted', () => {
    const length = bytelevel.encode('Q: x\nA:').length;
    const { examples, report } = build(dataset, pair, bytelevel, { maxLength: length + 1 });
    expect(examples.map(({ sourceRow }) => sourceRow)).toEqual([1]);
    expect(examples[0]!.inputIds).toHaveLength(length + 1);
    expect(report).toEqual({
      rows: 2,
      kept: 1,
      truncated: 2,
      withoutTargets: 1,
      tokens: length + 1,
      targetTokens: 1,
    });
  });

  test('everything masked: says so and why', () => {
    expect(() => build(dataset, pair, bytelevel, { maxLength: 4 })).toThrow(
      expect.objectContaining({
        code: 'invalid-input',
        message:
          'train.jsonl: no row has a token to learn: 2 of 2 rows are longer than 4 tokens, and what was cut off held all of their targets; use a longer sequence length',
      }),
    );
    expect(() => build(jsonLines({ text: '' }), text, bytelevel)).toThrow(
      'train.jsonl: no row has a token to learn: the texts are empty',
    );
    expect(() => build(jsonLines({ messages: [{ role: 'user', content: 'Hi' }] }), chat, bytelevel)).toThrow(
      'train.jsonl: no row has a token to learn: no conversation has a turn of the role "assistant" that is to be learnt',
    );
  });
});

describe('chat', () => {
  const cases = expected.chats.filter(
    ({ ids, addGenerationPrompt }) => ids !== undefined && !addGenerationPrompt,
  );

  test.each(cases)('$label: the tokens that transformers gives', ({ template, messages, ids, mask }) => {
    const tokenizer = { ...bytelevel, chatTemplate: template };
    const [example] = build(jsonLines({ messages }), chat, tokenizer, { maxLength: 500 }).examples;
    expect([...example!.inputIds]).toEqual(ids);
    if (mask !== undefined) expect([...example!.targets]).toEqual(mask);
    const [whole] = build(jsonLines({ messages }), chat, tokenizer, {
      maxLength: 500,
      lossOn: 'all',
    }).examples;
    expect([...whole!.inputIds]).toEqual(ids);
    expect(whole!.targets.every((target) => target === 1)).toBe(true);
  });

  test('the assistant turns with their end are targets, the line break behind is not', () => {
    const messages = ['user: Hi', 'assistant: Hello', 'user: Bye', 'assistant: Ciao'].map((turn) => {
      const [role, content] = turn.split(': ');
      return { role, content };
    });
    expect(show(bytelevel, build(jsonLines({ messages }), chat, bytelevel).examples[0]!)).toBe(
      '<|im_start|>system\nYou are helpful.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n' +
        '<|im_start|>assistant\n[Hello<|im_end|>]\n<|im_start|>user\nBye<|im_end|>\n<|im_start|>assistant\n[Ciao<|im_end|>]\n',
    );
  });
});

describe('notices', () => {
  test('a text or a prompt that begins with BOS', () => {
    const rows = jsonLines({ text: '<s>The dog' }, { text: 'The dog' }, { text: '<s> <s>' });
    expect(build(rows, text, metaspace).notices).toEqual([
      "2 of 3 rows begin with the tokenizer's own <s>; it is not put before them a second time",
    ]);
    const prompts = jsonLines({ q: 'x', a: 'y' });
    const opened: TokenFormat = { kind: 'prompt-completion', prompt: '<s>{q}', completion: 'a' };
    const { examples, notices } = build(prompts, opened, metaspace);
    expect([...examples[0]!.inputIds.slice(0, 2)].filter((id) => id === 1)).toHaveLength(1);
    expect(notices).toHaveLength(1);
    expect(build(prompts, pair, metaspace).notices).toEqual([]);
  });

  test('a token that spans prompt and completion', () => {
    const rows = jsonLines({ q: 'The fo', a: 'x runs' }, { q: 'The fox', a: ' runs' });
    const plain: TokenFormat = { kind: 'prompt-completion', prompt: 'q', completion: 'a' };
    const { examples, notices } = build(rows, plain, bytelevel);
    expect(examples.map((example) => show(bytelevel, example))).toEqual([
      'The[ fox runs<|im_end|>]',
      'The fox[ runs<|im_end|>]',
    ]);
    expect(notices).toEqual([
      'in 1 of 2 rows a token spans the end of the prompt and the beginning of the completion: a model that is given the prompt alone sees other tokens there',
    ]);
  });

  test('of a conversation', () => {
    const template = `{% for t in tools or [] %}{{ t | tojson + '\\n' }}{% endfor %}{% for m in messages %}{{ m.role + ': ' + (m.content or '') }}{% for c in m.tool_calls or [] %}{{ c.function | tojson }}{% endfor %}{{ '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ 'assistant: ' }}{% endif %}`;
    const call = { function: { name: 'depth', arguments: '{"buoy": 7}' } };
    const rows = jsonLines(
      {
        messages: [
          { role: 'user', content: 'x', weight: 1, id: 7 },
          { role: 'assistant', content: 'dog' },
        ],
      },
      {
        messages: [
          { role: 'user', content: 'x' },
          { role: 'assistant', content: null, tool_calls: [call] },
        ],
        tools: [{ function: { name: 'depth', description: null } }],
      },
    );
    const format: TokenFormat = { kind: 'chat', column: 'messages', tools: 'tools' };
    const { notices } = build(rows, format, { ...bytelevel, chatTemplate: template });
    expect(notices).toEqual([
      "in 1 of 2 rows a token spans the beginning of an assistant's turn: a model that is to answer sees other tokens there",
      "in 2 of 2 rows no special token ends the assistant's last turn: the model does not learn where to stop",
      'in 1 of 2 rows turns of others than the assistant are marked to be learnt; they carry no loss',
      'in 1 of 2 rows the arguments of tool calls are JSON text, and the chat template writes that text in quotes; give them as objects',
      'in 1 of 2 rows tools or tool calls hold null, and the chat template gets it so; leave out the keys that have no value',
      'in 1 of 2 rows the chat template writes nothing of "id" in messages of the role "user"',
    ]);
  });
});

test('what a template would lose is refused with its line', () => {
  const rows = jsonLines({ messages: [{ role: 'assistant', content: 'a', reasoning_content: 'b' }] });
  expect(() => build(rows, chat, bytelevel)).toThrow(
    'train.jsonl, line 1, messages: the model\'s chat template does not write "reasoning_content"',
  );
});

test.each<[TokenFormat, unknown, string]>([
  [text, { other: 1 }, 'column "text" is missing'],
  [text, { text: ['a'] }, 'column "text" holds a list, not text'],
  [pair, { q: 'x', a: {} }, 'column "a" holds an object, not text'],
  [pair, { a: 'x' }, 'column "q" is missing'],
  [chat, { messages: [{ role: 'user' }] }, 'messages, message 1: must have a role and a content, both text'],
  [
    chat,
    { messages: [{ role: 'critic', content: '' }] },
    'messages: the chat template refuses the conversation: Unexpected role: critic',
  ],
])('%j: %j', (format, bad, message) => {
  const good = { text: 'a', q: 'a', a: 'b', messages: [{ role: 'assistant', content: 'x' }] };
  const separator = message.startsWith('messages') ? ', ' : ': ';
  expect(() => build(jsonLines(good, bad), format, bytelevel)).toThrow(
    `train.jsonl, line 2${separator}${message}`,
  );
});

test('a preview shows tokens and targets', () => {
  const { examples } = build(
    jsonLines({ q: '東', a: ' dog' }),
    { kind: 'prompt-completion', prompt: 'q', completion: 'a' },
    bytelevel,
  );
  const [preview] = previewExamples(examples, bytelevel, 5);
  expect(preview!.tokens.map(({ text: shown, target }) => (target ? `[${shown}]` : shown)).join('|')).toMatch(
    /^.+\|\[ dog\]\|\[<\|im_end\|>\]$/,
  );
  expect(preview!.tokens.every(({ text: shown }) => !shown.includes('\uFFFD'))).toBe(true);
  const whole = previewExamples(
    build(jsonLines({ text: 'The dog' }), text, metaspace).examples,
    metaspace,
    1,
  )[0]!;
  expect(whole.tokens[0]).toEqual({ id: 1, text: '<s>', target: false });
  expect(
    whole.tokens
      .slice(1)
      .map((token) => token.text)
      .join(''),
  ).toBe(' The dog</s>');
});

import { describe, expect, test } from 'vitest';
import { datasetFormatSchema } from '../../../main/engine/data/files/dataset-format.ts';
import { checkNothingLost, recogniseForm } from '../../../main/engine/data/files/recognise-form.ts';

describe('guessing the format', () => {
  test.each<[Record<string, unknown>, unknown]>([
    [{ text: 'x' }, { kind: 'text', column: 'text' }],
    [
      { id: 1, text: 'x' },
      { kind: 'text', column: 'text' },
    ],
    [
      { text: 'x', label: 'good' },
      { kind: 'classification', text: 'text', label: 'label' },
    ],
    [
      { sentence: 'x', label: 1 },
      { kind: 'classification', text: 'sentence', label: 'label' },
    ],
    [
      { premise: 'x', hypothesis: 'y', label: 0 },
      { kind: 'classification', text: 'premise', pair: 'hypothesis', label: 'label' },
    ],
    [
      { question: 'x', passage: 'y', label: true },
      { kind: 'classification', text: 'question', pair: 'passage', label: 'label' },
    ],
    [
      { text: 'x', label: ['a', 'b'] },
      { kind: 'text', column: 'text' },
    ],
    [{ line: 'x' }, { kind: 'text', column: 'line' }],
    [
      { prompt: '', completion: '' },
      { kind: 'prompt-completion', prompt: 'prompt', completion: 'completion' },
    ],
    [
      { question: '', answer: '' },
      { kind: 'prompt-completion', prompt: 'question', completion: 'answer' },
    ],
    [
      { instruction: '', input: '', output: '', answer: '' },
      { kind: 'prompt-completion', prompt: '{instruction}\n{input}', completion: 'output' },
    ],
    [
      { instruction: '', output: '' },
      { kind: 'prompt-completion', prompt: 'instruction', completion: 'output' },
    ],
    [
      { messages: [], text: '' },
      { kind: 'chat', column: 'messages' },
    ],
    [
      { id: 1, conversations: [] },
      { kind: 'chat', column: 'conversations' },
    ],
    [
      { messages: 'x', text: '' },
      { kind: 'text', column: 'text' },
    ],
    [{ id: 1 }, undefined],
    [{ a: '', b: '' }, undefined],
  ])('%j', (row, format) => {
    const guess = recogniseForm([row], 'x.jsonl')?.format;
    expect(guess).toEqual(format);
    if (guess !== undefined) expect(datasetFormatSchema.parse(guess)).toEqual(guess);
  });
});

const pair = (prompt: string, completion: string) => ({ kind: 'prompt-completion', prompt, completion });
const said = [{ role: 'user', content: 'a' }];
const spoken = [{ from: 'human', value: 'a' }];

describe('forms of published data', () => {
  test.each<[name: string, row: Record<string, unknown>, format: unknown]>([
    [
      'Dolly',
      { instruction: 'a', context: '', response: 'b', category: 'qa' },
      pair('{instruction}\n{context}', 'response'),
    ],
    ['SQuAD', { id: '1', question: 'a', context: 'b', answer: 'c' }, pair('{context}\n{question}', 'answer')],
    [
      'Alpaca, LLaMA-Factory',
      { system: '', instruction: 'a', input: '', output: 'b', history: [] },
      pair('{instruction}\n{input}', 'output'),
    ],
    [
      'Alpaca',
      { instruction: 'a', input: '', output: 'b', text: 'c' },
      pair('{instruction}\n{input}', 'output'),
    ],
    [
      'OpenOrca',
      { id: 'x', system_prompt: '', question: 'a', response: 'b' },
      pair('{system_prompt}\n{question}', 'response'),
    ],
    ['prompts', { question: 'a', answer: '#### 1' }, pair('question', 'answer')],
    [
      'ShareGPT',
      { conversations: spoken, system: 'x', tools: '[]' },
      { kind: 'chat', column: 'conversations', tools: 'tools', system: 'system' },
    ],
    [
      'OpenAI',
      { messages: said, tools: [{}], parallel_tool_calls: false },
      { kind: 'chat', column: 'messages', tools: 'tools' },
    ],
    [
      'OpenAI',
      { prompt: 'a', messages: said, documents: null },
      { kind: 'chat', column: 'messages', documents: 'documents' },
    ],
  ])('%s', (name, row, format) => {
    const form = recogniseForm([row], 'x.jsonl');
    expect(form?.name).toContain(name);
    expect(form?.format).toEqual(format);
  });

  test.each<[row: Record<string, unknown>, message: string]>([
    [
      { prompt: 'a', chosen: 'b', rejected: 'c' },
      'say that the prompt is "prompt" and the completion "chosen"',
    ],
    [{ chosen: 'b', rejected: 'c' }, 'looks like chosen and rejected texts (HH-RLHF)'],
    [{ prompt: 'a', chosen: said, rejected: said }, 'say that the chat is in the column "chosen"'],
    [
      { conversations: spoken, chosen: { from: 'gpt', value: 'a' }, rejected: {} },
      'as the last message of the chat',
    ],
    [{ prompt: 'a', completion: 'b', label: true }, 'keep the rows that are marked true'],
    [{ prompt: 'a', completion: 'b', label: 'False' }, '(KTO)'],
    [{ messages: said, kto_tag: false }, '(KTO)'],
    [{ prompt: 'a', completion: 'b', label: 0 }, '(KTO)'],
    [{ prompt: 'a', completion: 'b', label: '1' }, '(KTO)'],
    [{ messages: '[{"role": "user", "content": "a"}]' }, 'looks like a chat as JSON text'],
    [
      { input: { messages: said }, preferred_output: said, non_preferred_output: said },
      '(OpenAI, preference data)',
    ],
    [{ prompt: 'a', accepted: 'b', rejected: 'c' }, 'one of them better'],
    [{ instruction: 'a', completions: [{ text: 'b' }] }, '(ranking data)'],
    [{ prompt: said, completion: said }, 'as one list, in a column "messages"'],
    [{ id: '1', data: ['a', 'b'] }, 'the turns do not say whose they are'],
    [{ question: 'a', choices: ['b', 'c'], answer: 1 }, 'questions with choices (MMLU)'],
    [{ question: 'a', A: 'b', B: 'c', C: 'd', D: 'e', answer: 'A' }, 'questions with choices A to D (MMLU)'],
    [{ question: 'a', context: 'b', answers: { text: ['c'], answer_start: [0] } }, 'into a column "answer"'],
  ])('refuses %j', (row, message) => {
    expect(() => recogniseForm([row], 'x.jsonl')).toThrow(
      expect.objectContaining({ code: 'unsupported', message: expect.stringContaining(message) as string }),
    );
  });

  test('a column is what its first value that is not empty says', () => {
    const rows = [
      { messages: [], label: null },
      { messages: said, label: false },
    ];
    expect(() => recogniseForm(rows, 'x.jsonl')).toThrow('(KTO)');
  });

  test('a row with a system text or a history is not taken for one without', () => {
    const row = { instruction: 'a', input: '', output: 'b', system: '', history: [] };
    const form = recogniseForm([row], 'x.jsonl')!;
    const check = (changed: object): void =>
      checkNothingLost(form, { ...row, ...changed }, 'x.jsonl, line 9');
    check({});
    check({ system: null });
    expect(() => check({ system: 'Be brief.' })).toThrow(
      'x.jsonl, line 9: looks like instructions with an input (Alpaca, LLaMA-Factory), with a column "system" that changes what a row means; write the rows as chats, in a column "messages", or the prompt "{system}\\n{instruction}\\n{input}", or say which columns to train on',
    );
    expect(() => check({ history: [['c', 'd']] })).toThrow('in a column "messages", or say which columns');
  });
});

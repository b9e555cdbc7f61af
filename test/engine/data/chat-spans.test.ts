import { describe, expect, test } from 'vitest';
import { renderChatSpans } from '../../../main/engine/data/chat/chat-spans.ts';
import type { ChatMessage } from '../../../main/engine/data/chat/messages.ts';
import type { TemplateSource } from '../../../main/engine/data/chat/chat-template.ts';
import { expected } from './fixtures.ts';

const date = new Date('2026-11-28');
const tokens = { bosToken: '<|endoftext|>', eosToken: '<|im_end|>' };

/** The text with what is learnt in brackets. */
const show = (
  source: TemplateSource,
  messages: readonly ChatMessage[],
  { learn = messages.map(() => undefined), lossOn = 'completion', ...rest }: Show = {},
): string => {
  const { text, learnt } = renderChatSpans(source, { messages, learn, ...rest }, lossOn, { date });
  let at = 0;
  const parts = learnt.map(({ start, end }) => {
    const part = `${text.slice(at, start)}[${text.slice(start, end)}]`;
    at = end;
    return part;
  });
  return parts.join('') + text.slice(at);
};
interface Show {
  learn?: (boolean | undefined)[];
  lossOn?: 'completion' | 'all';
  tools?: Record<string, unknown>[];
}

describe.each(expected.chats.filter(({ addGenerationPrompt }) => !addGenerationPrompt))(
  '$label',
  ({ label, template, messages, text }) => {
    const source = { ...tokens, chatTemplate: template };
    test('the turns of the assistant', () => {
      if (label === 'tools')
        return expect(() => show(source, messages)).toThrow('message 2: the chat template renders');
      const shown = show(source, messages);
      expect(shown.replaceAll(/[[\]]/g, '')).toBe(text);
      const lineBreak = label === 'generation' ? '' : '\n';
      expect([...shown.matchAll(/\[([^\]]*)\]/g)].map(([, turn]) => turn)).toEqual(
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

test('without a template: plain text', () => {
  const conversation = [
    { role: 'user', content: 'Hello' },
    { role: 'assistant', content: ' Hi! ' },
  ];
  expect(show({ eosToken: '</s>' }, conversation)).toBe('User: Hello\n\nAssistant:[ Hi!</s>\n\n]');
});

const chatml = `{% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}`;
const turn = (role: string, content: string, more: object = {}): ChatMessage => ({ role, content, ...more });
const wrapped = (role: string, content: string): string => `<|im_start|>${role}\n${content}<|im_end|>\n`;

/** As Qwen 3: thoughts stay behind the last question only; every turn there has some, though empty. */
const qwen = `{%- set ns = namespace(last=0) %}
{%- for m in messages %}{% if m.role == 'user' %}{% set ns.last = loop.index0 %}{% endif %}{% endfor %}
{%- for m in messages %}
{%- if m.role == 'assistant' %}
{%- set content = m.content if m.content else '' %}
{{- '<|im_start|>assistant\\n' }}
{%- if loop.index0 > ns.last %}{{- '<think>\\n' + (m.reasoning_content or '') + '\\n</think>\\n\\n' }}{% endif %}
{{- content }}
{%- for c in m.tool_calls or [] %}{{- '\\n<tool_call>' + c.function.name + '</tool_call>' }}{% endfor %}
{{- '<|im_end|>\\n' }}
{%- else %}{{- '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n' }}{% endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{% endif %}`;
const source = (chatTemplate: string): TemplateSource => ({ ...tokens, chatTemplate });
const call = (name: string): object => ({ tool_calls: [{ type: 'function', function: { name } }] });

describe('a template that takes earlier thoughts out', () => {
  test('empty answers, and answers that are said again later', () => {
    const messages = [
      turn('user', 'a'),
      turn('assistant', ''),
      turn('user', 'Yes.'),
      turn('assistant', 'Yes.', { reasoning_content: 'Yes.' }),
      turn('user', 'b'),
      turn('assistant', 'Yes.'),
    ];
    expect(show(source(qwen), messages)).toBe(
      '<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\n[<|im_end|>\n]' +
        '<|im_start|>user\nYes.<|im_end|>\n<|im_start|>assistant\n[Yes.<|im_end|>\n]' +
        '<|im_start|>user\nb<|im_end|>\n<|im_start|>assistant\n[<think>\n\n</think>\n\nYes.<|im_end|>\n]',
    );
  });

  test('turns of calls alone, turns behind tools, and two turns in a row', () => {
    const messages = [
      turn('user', 'a'),
      { role: 'assistant', reasoning_content: 'look', ...call('find') },
      turn('tool', '7'),
      turn('assistant', 'Seven.', { reasoning_content: 'so' }),
      turn('assistant', 'Or so.'),
      turn('user', 'b'),
      { role: 'assistant', reasoning_content: 'again', ...call('find') },
    ];
    expect(show(source(qwen), messages)).toBe(
      wrapped('user', 'a') +
        '<|im_start|>assistant\n[\n<tool_call>find</tool_call><|im_end|>\n]' +
        wrapped('tool', '7') +
        '<|im_start|>assistant\n[Seven.<|im_end|>\n]<|im_start|>assistant\n[Or so.<|im_end|>\n]' +
        wrapped('user', 'b') +
        '<|im_start|>assistant\n[<think>\nagain\n</think>\n\n\n<tool_call>find</tool_call><|im_end|>\n]',
    );
  });

  test('and opens the thought for the model', () => {
    const opening = qwen.replace(
      "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}",
      "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n<think>\\n' }}",
    );
    const messages = [
      turn('user', 'a'),
      turn('assistant', '<b>'),
      turn('user', 'b'),
      turn('assistant', 'Yes.', { reasoning_content: 'so' }),
    ];
    expect(show(source(opening), messages)).toBe(
      wrapped('user', 'a') +
        '<|im_start|>assistant\n[<b><|im_end|>\n]' +
        wrapped('user', 'b') +
        '<|im_start|>assistant\n<think>\n[so\n</think>\n\nYes.<|im_end|>\n]',
    );
  });
});

test('a template that refuses parts of a conversation', () => {
  const strict = `{% if messages[-1].role == 'user' and not add_generation_prompt %}{{ raise_exception('no') }}{% endif %}${chatml}`;
  const messages = [turn('user', 'a'), turn('assistant', 'b'), turn('user', 'c'), turn('assistant', 'd')];
  expect(show(source(strict), messages)).toContain('[d<|im_end|>\n]');
  expect(() =>
    show(source(`{% if messages | length < 3 %}{{ raise_exception('no') }}{% endif %}${chatml}`), messages),
  ).toThrow('message 2: the chat template renders the conversation up to this turn differently');
});

describe('weights', () => {
  const messages = [turn('user', 'a'), turn('assistant', 'b'), turn('user', 'c'), turn('assistant', 'd')];
  const learn = [undefined, false, undefined, true];
  const whole = (b: string, d: string): string =>
    wrapped('user', 'a') +
    `<|im_start|>assistant\n${b}` +
    wrapped('user', 'c') +
    `<|im_start|>assistant\n${d}`;

  test('turns of the weight 0 are not learnt', () => {
    expect(show(source(chatml), messages, { learn })).toBe(whole('b<|im_end|>\n', '[d<|im_end|>\n]'));
  });

  test('with loss on all tokens they are left out, whoever speaks', () => {
    expect(show(source(chatml), messages, { learn, lossOn: 'all' })).toBe(
      `[<|im_start|>user\na<|im_end|>\n<|im_start|>assistant\n]b<|im_end|>\n[${wrapped('user', 'c')}<|im_start|>assistant\nd<|im_end|>\n]`,
    );
    expect(show(source(chatml), messages, { learn: [true, true, false, true], lossOn: 'all' })).toBe(
      `[${wrapped('user', 'a')}${wrapped('assistant', 'b')}]${wrapped('user', 'c')}[${wrapped('assistant', 'd')}]`,
    );
  });

  const blocks = `{% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' }}{% if m.role == 'assistant' %}{% generation %}{{ m.content + '<|im_end|>' }}{% endgeneration %}{% else %}{{ m.content + '<|im_end|>' }}{% endif %}{{ '\\n' }}{% endfor %}`;

  test('with generation blocks', () => {
    expect(show(source(blocks), messages)).toBe(whole('[b<|im_end|>]\n', '[d<|im_end|>]\n'));
    expect(show(source(blocks), messages, { learn })).toBe(whole('b<|im_end|>\n', '[d<|im_end|>]\n'));
  });

  test('with generation blocks, of a template that refuses parts of the conversation', () => {
    const strict = `{% if messages | length == 1 %}{{ raise_exception('no') }}{% endif %}${blocks}`;
    expect(show(source(strict), messages, { learn: [false, true, false, undefined] })).toBe(
      whole('[b<|im_end|>]\n', '[d<|im_end|>]\n'),
    );
    expect(() => show(source(strict), messages, { learn })).toThrow(
      "message 1: which of the chat template's",
    );
  });

  test('generation blocks that belong to no single turn', () => {
    const last = blocks.replace("m.role == 'assistant'", "m.role == 'assistant' and loop.last");
    expect(show(source(last), messages)).toBe(whole('b<|im_end|>\n', '[d<|im_end|>]\n'));
    expect(() => show(source(last), messages, { learn })).toThrow(
      "message 3: which of the chat template's {% generation %} blocks are this turn's can't be told apart",
    );
  });
});

test('generation blocks whose text is worked on', () => {
  const trimmed = `{% for m in messages %}{% set x %}{% generation %}{{ m.content }}{% endgeneration %}{% endset %}{{ x | trim }}{% endfor %}`;
  expect(() => show(source(trimmed), [turn('assistant', ' a ')])).toThrow(
    'the chat template writes {% generation %} blocks inside macros or other blocks',
  );
});

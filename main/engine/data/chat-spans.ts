import { invalidInput } from '../errors.ts';
import { defaultChatTemplate, renderChat } from './chat-template.ts';
import type { ChatMessage, ChatOptions, ChatSpan } from './chat-template.ts';
import type { Tokenizer } from './tokenizer.ts';

type TemplateSource = Pick<Tokenizer, 'chatTemplate' | 'bosToken' | 'eosToken'>;

/**
 * Renders a conversation and marks the assistant's turns, each with the text that ends it. A template's own {% generation %} blocks
 * say where those are; otherwise they are found by rendering the conversation up to each turn.
 * The spans' texts joined are renderChat's text.
 */
export function renderChatSpans(
  source: TemplateSource,
  messages: readonly ChatMessage[],
  options: ChatOptions = {},
): ChatSpan[] {
  const template = source.chatTemplate ?? defaultChatTemplate;
  const marked = markGenerationBlocks(template);
  return marked === template
    ? spansByPrefix(source, messages, options)
    : spansByMarks(renderChat({ ...source, chatTemplate: marked }, messages, options));
}

// Noncharacters of Unicode: no text has them.
const beginMark = '\uFDD0';
const endMark = '\uFDD1';

/**
 * Lets {% generation %} blocks print marks around their contents. Each tag becomes two tags around the mark, so that the white space on
 * either side is treated as it was at the one tag.
 */
function markGenerationBlocks(template: string): string {
  return template
    .replaceAll(/\{%(-?)\s*generation\s*(-?)%\}/g, `{%$1 if true %}{{ '${beginMark}' }}{% if true $2%}`)
    .replaceAll(/\{%(-?)\s*endgeneration\s*(-?)%\}/g, `{%$1 endif %}{{ '${endMark}' }}{% endif $2%}`);
}

const spansByMarks = (marked: string): ChatSpan[] =>
  marked.split(beginMark).flatMap((part, index) => {
    if (index === 0) return spans([part, false]);
    const [inside = '', outside = ''] = part.split(endMark);
    return spans([inside, true], [outside, false]);
  });

/**
 * The i-th message, from the assistant, starts where the conversation before it, with the generation prompt, ends; and ends
 * where the conversation up to it ends.
 */
function spansByPrefix(
  source: TemplateSource,
  messages: readonly ChatMessage[],
  options: ChatOptions,
): ChatSpan[] {
  const whole = renderChat(source, messages, options);
  const result: ChatSpan[] = [];
  let done = 0;
  for (const [index, message] of messages.entries()) {
    if (message.role !== 'assistant') continue;
    const before = renderChat(source, messages.slice(0, index), { ...options, addGenerationPrompt: true });
    const upTo = renderChat(source, messages.slice(0, index + 1), { ...options, addGenerationPrompt: false });
    if (before.length < done || !whole.startsWith(before)) throw noPrefix(index);
    const end =
      whole.startsWith(upTo) && upTo.length > before.length
        ? upTo.length
        : endByContent(whole, before.length, upTo, message);
    if (end === undefined) throw noPrefix(index);
    result.push(...spans([whole.slice(done, before.length), false], [whole.slice(before.length, end), true]));
    done = end;
  }
  return [...result, ...spans([whole.slice(done), false])];
}

/**
 * Some templates write a turn differently once others follow it (Qwen 3 takes earlier thoughts out). Then the turn ends where its
 * content, and what follows the content when it is last, end.
 */
function endByContent(whole: string, start: number, upTo: string, message: ChatMessage): number | undefined {
  const content = message.content.replace(/^[^]*<\/think>/, '').trim();
  const lastContent = upTo.lastIndexOf(content);
  if (lastContent === -1) return undefined;
  const turn = upTo.slice(lastContent);
  const found = whole.indexOf(turn, start);
  return found === -1 ? undefined : found + turn.length;
}

const noPrefix = (index: number): Error =>
  invalidInput(
    `message ${index + 1}: the chat template renders the conversation up to this turn differently when more follows, so the assistant's tokens can't be told apart; train on all tokens, or use a template with {% generation %} blocks`,
  );

const spans = (...pairs: readonly (readonly [text: string, target: boolean])[]): ChatSpan[] =>
  pairs.filter(([text]) => text !== '').map(([text, target]) => ({ text, target }));

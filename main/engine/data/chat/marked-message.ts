import { isObject, valueText } from '../../json-value.ts';
import { reasoningKeys } from './chat-template.ts';
import type { ChatMessage } from './messages.ts';

/** A noncharacter of Unicode: no text should have it, and no template takes it for white space. */
export const turnMark = '\uFDD2';

/** Copies of a message with a mark behind its last text, one for each text that a template could write last. */
export const markedAtEnd = (message: ChatMessage): ChatMessage[] => [
  ...markedContent(message, (text) => [text.replace(/\s*$/, (space) => turnMark + space)], -1),
  ...markedCall(message),
  ...markedReasoning(message, (text) => text.replace(/\s*$/, (space) => turnMark + space)),
];

/** Copies of a message with a mark before its first text, one for each text that a template could write first. */
export const markedAtStart = (message: ChatMessage): ChatMessage[] => [
  ...markedReasoning(message, (text) => text.replace(/^\s*/, (space) => space + turnMark)),
  ...markedContent(
    message,
    (text) => [
      text.replace(/^\s*/, (space) => space + turnMark),
      // Templates that take thoughts out leave what stands behind them.
      text.replace(/^[^]*<\/think>\s*/, (thought) => thought + turnMark),
    ],
    0,
  ),
];

/** @param at which of several parts is marked, as Array.at counts */
const markedContent = (
  { content, ...message }: ChatMessage,
  mark: (text: string) => string[],
  at: number,
): ChatMessage[] => {
  if (typeof content === 'string') return mark(content).map((marked) => ({ ...message, content: marked }));
  const part = content?.at(at);
  if (content === undefined || part === undefined) return [];
  return mark(part.text).map((text) => ({ ...message, content: content.with(at, { ...part, text }) }));
};

const markedReasoning = (message: ChatMessage, mark: (text: string) => string): ChatMessage[] => {
  const key = reasoningKeys.find((name) => typeof message[name] === 'string');
  return key === undefined ? [] : [{ ...message, [key]: mark(message[key] as string) }];
};

/** Marks the name in the last tool call. */
const markedCall = (message: ChatMessage): ChatMessage[] => {
  const calls: unknown = message['tool_calls'];
  const last: unknown = Array.isArray(calls) ? calls.at(-1) : undefined;
  if (!isObject(last)) return [];
  const inner = last['function'];
  const marked = isObject(inner) ? { ...last, function: withMarkedName(inner) } : withMarkedName(last);
  return [{ ...message, tool_calls: (calls as unknown[]).with(-1, marked) }];
};

const withMarkedName = (call: Record<string, unknown>): Record<string, unknown> => ({
  ...call,
  name: valueText(call['name']) + turnMark,
});

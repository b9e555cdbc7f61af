import { invalidInput, WorkbenchError } from '../../errors.ts';
import { renderConversation, type ChatOptions, type TemplateSource } from './chat-template.ts';
import type { Conversation } from './conversation.ts';
import { markedAtEnd, markedAtStart, turnMark } from './marked-message.ts';
import type { ChatMessage } from './messages.ts';
import type { Stretch } from '../tokens/stretch.ts';

export interface TurnFinder {
  /** The conversation rendered as a whole. */
  readonly text: string;
  /** What the assistant writes at a message of its own: behind what opens its turn, up to the next message. */
  answerOf(index: number): Stretch;
  /** All that a message takes up, with what opens it. */
  turnOf(index: number): Stretch;
}

/**
 * Finds turns in a rendered conversation, for templates that don't say where those are.
 *
 * A message ends where the conversation up to it, rendered by itself, ends. Some templates write a turn differently once others follow
 * it (Qwen 3 takes earlier thoughts out); there a mark is put at the end of the message's own text, and the message ends behind the mark
 * and what follows the mark where the message is the last. The assistant's answer starts where the conversation before it, with the
 * generation prompt, ends.
 *
 * All methods @throws WorkbenchError where a turn can't be told apart with certainty
 */
export const findTurns = (
  source: TemplateSource,
  conversation: Conversation,
  options: ChatOptions,
): TurnFinder => {
  const { messages } = conversation;
  const render = (of: readonly ChatMessage[], addGenerationPrompt: boolean): string | undefined =>
    unlessRefused(() =>
      renderConversation(source, { ...conversation, messages: of }, { ...options, addGenerationPrompt }),
    );
  const text = renderConversation(source, conversation, options);

  /** Where a mark in a message shows in the rendered messages, if it changes nothing else there. */
  const markIn = (of: readonly ChatMessage[], index: number, marked: ChatMessage, plain: string) => {
    const rendered = render(of.with(index, marked), false);
    if (rendered === undefined) return undefined;
    const at = rendered.indexOf(turnMark);
    const isAlone = at !== -1 && rendered.slice(0, at) + rendered.slice(at + 1) === plain;
    return isAlone ? at : undefined;
  };

  const endOf = (index: number): number | undefined => {
    if (index < 0) return 0;
    const upTo = render(messages.slice(0, index + 1), false);
    if (upTo === undefined) return undefined;
    if (text.startsWith(upTo)) return upTo.length;
    for (const marked of markedAtEnd(messages[index]!)) {
      const inTurn = markIn(messages.slice(0, index + 1), index, marked, upTo);
      const inText = markIn(messages, index, marked, text);
      if (inTurn === undefined || inText === undefined) continue;
      const tail = upTo.slice(inTurn);
      if (text.startsWith(tail, inText)) return inText + tail.length;
    }
    return undefined;
  };

  /** What the template opens an assistant's turn with behind the messages before one. */
  const promptAt = (index: number): string | undefined => {
    const counts = [index, messages.length];
    for (const count of counts) {
      const without = render(messages.slice(0, count), false);
      const prompted = render(messages.slice(0, count), true);
      if (without !== undefined && prompted?.startsWith(without)) return prompted.slice(without.length);
    }
    return undefined;
  };

  const startOf = (index: number): number | undefined => {
    const before = render(messages.slice(0, index), true);
    if (before !== undefined && text.startsWith(before)) return before.length;
    const prompt = promptAt(index);
    if (prompt === undefined) return undefined;
    const previousEnd = endOf(index - 1);
    if (index > 0 && previousEnd !== undefined && text.startsWith(prompt, previousEnd))
      return previousEnd + prompt.length;
    for (const marked of markedAtStart(messages[index]!)) {
      const at = markIn(messages, index, marked, text);
      if (at === undefined) continue;
      if (prompt !== '' && text.slice(0, at).endsWith(prompt)) return at;
      // A prompt that opens a thought (<think>), where the template has taken the thought out.
      const opening = previousEnd === undefined || index === 0 ? '' : text.slice(previousEnd, at);
      if (opening !== '' && prompt.startsWith(opening)) return at;
    }
    return undefined;
  };

  return {
    text,
    answerOf: (index) => certain(index, startOf(index), endOf(index)),
    turnOf: (index) => certain(index, endOf(index - 1), endOf(index)),
  };
};

const certain = (index: number, start: number | undefined, end: number | undefined): Stretch => {
  if (start !== undefined && end !== undefined && start < end) return { start, end };
  throw invalidInput(
    `message ${index + 1}: the chat template renders the conversation up to this turn differently when more follows, so the assistant's tokens can't be told apart; train on all tokens, or use a template with {% generation %} blocks`,
  );
};

/** Templates may refuse a part of a conversation that they take as a whole. */
export const unlessRefused = <Result>(render: () => Result): Result | undefined => {
  try {
    return render();
  } catch (error) {
    if (error instanceof WorkbenchError) return undefined;
    throw error;
  }
};

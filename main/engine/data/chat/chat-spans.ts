import { invalidInput } from '../../errors.ts';
import type { RenderedTemplate } from '../../templates/render-template.ts';
import {
  renderChatWithGenerations,
  renderConversation,
  templateFor,
  type ChatOptions,
  type TemplateSource,
} from './chat-template.ts';
import type { WeightedConversation } from './conversation.ts';
import { hasGenerationBlocks } from './generation-blocks.ts';
import { stretchesBetween, type Stretch } from '../tokens/stretch.ts';
import { findTurns, unlessRefused } from './turn-finder.ts';

export interface ChatSpans {
  /** The whole conversation as the template writes it. */
  readonly text: string;
  /** What is to be learnt, in order. */
  readonly learnt: readonly Stretch[];
  /**
   * 'blocks': the template's own {% generation %} blocks, to the character. 'turns': the assistant's turns up to the next message, which can
   * be more than the assistant writes (a line break behind the token that ends a turn). 'rest': all but some turns.
   */
  readonly foundBy: 'blocks' | 'turns' | 'rest';
}

/**
 * Renders a conversation and finds what is to be learnt of it: the assistant's turns, each with the text that ends it, or with `lossOn`
 * 'all' everything; in both cases without the turns whose weight is 0.
 * @throws WorkbenchError where the template does not let that be told with certainty
 */
export const renderChatSpans = (
  source: TemplateSource,
  conversation: WeightedConversation,
  lossOn: 'completion' | 'all',
  options: ChatOptions = {},
): ChatSpans => {
  if (lossOn === 'all') return allButLeftOut(source, conversation, options);
  return hasGenerationBlocks(templateFor(source, conversation))
    ? blocksOf(source, conversation, options)
    : answersOf(source, conversation, options);
};

const allButLeftOut = (
  source: TemplateSource,
  conversation: WeightedConversation,
  options: ChatOptions,
): ChatSpans => {
  const leftOut = conversation.learn.flatMap((learn, index) => (learn === false ? [index] : []));
  if (leftOut.length === 0) {
    const text = renderConversation(source, conversation, options);
    return { text, learnt: [{ start: 0, end: text.length }], foundBy: 'rest' };
  }
  const turns = findTurns(source, conversation, options);
  const taken = leftOut.map((index) =>
    conversation.messages[index]!.role === 'assistant' ? turns.answerOf(index) : turns.turnOf(index),
  );
  return { text: turns.text, learnt: stretchesBetween(taken, turns.text.length), foundBy: 'rest' };
};

const answersOf = (
  source: TemplateSource,
  conversation: WeightedConversation,
  options: ChatOptions,
): ChatSpans => {
  const { messages, learn } = conversation;
  const turns = findTurns(source, conversation, options);
  const learnt = messages.flatMap(({ role }, index) =>
    role === 'assistant' && learn[index] !== false ? [turns.answerOf(index)] : [],
  );
  return { text: turns.text, learnt, foundBy: 'turns' };
};

const blocksOf = (
  source: TemplateSource,
  conversation: WeightedConversation,
  options: ChatOptions,
): ChatSpans => {
  const { tools, documents } = conversation;
  const render = (messages = conversation.messages): RenderedTemplate =>
    renderChatWithGenerations(source, messages, { ...options, tools, documents });
  const { text, generations } = render();
  const blocks = generations?.map(([start, end]) => ({ start, end }));
  if (blocks === undefined)
    throw invalidInput(
      "the chat template writes {% generation %} blocks inside macros or other blocks, so the assistant's tokens can't be told apart; train on all tokens",
    );
  const { messages, learn } = conversation;
  const leavesOut = messages.some(({ role }, index) => role === 'assistant' && learn[index] === false);
  if (!leavesOut) return { text, learnt: blocks, foundBy: 'blocks' };

  // Which message a block belongs to: each turn of the assistant must add blocks to those of the conversation before it.
  const counts = messages.map(
    (_, index) => unlessRefused(() => render(messages.slice(0, index + 1)))?.generations?.length,
  );
  const learnt = messages.flatMap(({ role }, index) => {
    const [before, upTo] = [index === 0 ? 0 : (counts[index - 1] ?? NaN), counts[index] ?? NaN];
    const isClear = role === 'assistant' ? upTo > before : upTo === before;
    if (!isClear) throw unclearBlocks(index);
    return learn[index] === false ? [] : blocks.slice(before, upTo);
  });
  if (counts.at(-1) !== blocks.length) throw unclearBlocks(messages.length - 1);
  return { text, learnt, foundBy: 'blocks' };
};

const unclearBlocks = (index: number): Error =>
  invalidInput(
    `message ${index + 1}: which of the chat template's {% generation %} blocks are this turn's can't be told apart, and turns of the conversation have the weight 0; leave those turns out, or the weights`,
  );

import { WorkbenchError } from '../../errors.ts';
import { renderChatSpans, type ChatSpans } from './chat-spans.ts';
import { renderConversation, type ChatOptions } from './chat-template.ts';
import type { WeightedConversation } from './conversation.ts';
import type { RowNote } from '../tokens/row-notices.ts';
import type { RowTokens } from '../tokens/row-tokens.ts';
import {
  endsWithControl,
  seesOtherTokens,
  tokensOfTurns,
  tokensOverlapping,
  type EncodedText,
} from '../tokens/token-targets.ts';
import type { Tokenizer } from '../tokens/tokenizer.ts';
import { holdsNull, quotedArguments } from './tool-notes.ts';
import { unlessRefused } from './turn-finder.ts';
import { watchUnreadKeys } from './unread-keys.ts';

export interface ChatReader {
  /** The tokens of a conversation. @throws WorkbenchError where the template refuses it, or would lose a part of it */
  read(conversation: WeightedConversation): RowTokens;
  /** What no conversation so far has shown of what it gives to the template. */
  notices(rows: number): string[];
}

/** Renders conversations whole, encodes the text once and finds the targets by where in the text the tokens come from. */
export const createChatReader = (
  tokenizer: Tokenizer,
  lossOn: 'completion' | 'all',
  options: ChatOptions = {},
): ChatReader => {
  const unreadKeys = watchUnreadKeys(tokenizer, (conversation) =>
    unlessRefused(() => renderConversation(tokenizer, conversation, options)),
  );
  return {
    read: (conversation) => {
      const spans = renderChatSpans(tokenizer, conversation, lossOn, options);
      const { text } = spans;
      refusePrintedParts(conversation, text);
      unreadKeys.look(conversation, text);
      const encoded = { text, ...tokenizer.encodeWithOffsets(text, { addSpecialTokens: false }) };
      const targets = targetsOf(tokenizer, encoded, spans);
      return {
        ids: encoded.ids,
        targets,
        notes: notesOn(tokenizer, conversation, encoded, spans, targets),
      };
    },
    notices: (rows) =>
      [...unreadKeys.unread()].map(
        ([label, count]) => `in ${count} of ${rows} rows the chat template writes nothing of ${label}`,
      ),
  };
};

/** Templates that know only contents of text write a list of parts as Python prints it. */
const refusePrintedParts = ({ messages }: WeightedConversation, text: string): void => {
  const index = messages.findIndex(({ content }) => Array.isArray(content));
  if (index !== -1 && text.includes("{'type': 'text'"))
    throw new WorkbenchError(
      'unsupported',
      `message ${index + 1}: the model's chat template does not read a content that is a list of parts; give it as text`,
    );
};

const targetsOf = (tokenizer: Tokenizer, encoded: EncodedText, { learnt, foundBy }: ChatSpans): Uint8Array =>
  foundBy === 'turns' ? tokensOfTurns(tokenizer, encoded, learnt) : tokensOverlapping(encoded, learnt);

const notesOn = (
  tokenizer: Tokenizer,
  conversation: WeightedConversation,
  encoded: EncodedText,
  { learnt, foundBy }: ChatSpans,
  targets: Uint8Array,
): RowNote[] => {
  const { messages, learn } = conversation;
  const isOther = messages.some(({ role }, index) => role !== 'assistant' && learn[index] === true);
  const notes: Record<string, boolean> = {
    'token-spans-turn':
      foundBy !== 'rest' && learnt.some(({ start }) => seesOtherTokens(tokenizer, encoded, start)),
    'no-end': foundBy !== 'rest' && targets.includes(1) && !endsWithControl(tokenizer, encoded, targets),
    'quoted-arguments': quotedArguments(messages, encoded.text),
    'null-in-tools': holdsNull(conversation),
    'weight-of-others': foundBy !== 'rest' && isOther,
  } satisfies Partial<Record<RowNote, boolean>>;
  return Object.keys(notes).filter((note) => notes[note]) as RowNote[];
};

import { renderConversation } from '../../data/chat/chat-template.ts';
import { readConversation } from '../../data/chat/conversation.ts';
import { ownTemplate, withTemplate } from '../../data/chat/own-template.ts';
import type { Row } from '../../data/files/dataset-file.ts';
import { fillTemplate, type DatasetFormat } from '../../data/files/dataset-format.ts';
import { columnText } from '../../data/tokens/row-text.ts';
import type { Tokenizer } from '../../data/tokens/tokenizer.ts';
import { invalidInput } from '../../errors.ts';

export interface EncodedPrompt {
  readonly text: string;
  readonly ids: readonly number[];
}

export interface PromptOptions {
  readonly tokenizer: Tokenizer;
  readonly format: DatasetFormat;
  /** As of training. */
  readonly date: Date;
  /** What stands before the prompt: examples. Rows that are conversations have no room for it. */
  readonly before?: string;
}

/**
 * What a model is given of a row, so that it writes the rest: the prompt as training has it, a conversation up to the assistant's last turn.
 * @param place file and line, for errors
 * @throws WorkbenchError for a row in which nothing is left to be written
 */
export const encodePrompt = (
  row: Row,
  { tokenizer, format, date, before = '' }: PromptOptions,
  place: string,
): EncodedPrompt => {
  if (format.kind === 'prompt-completion') {
    const text = before + fillTemplate(format.prompt, (column) => columnText(row, column, place));
    return { text, ids: withoutClosing(tokenizer, text) };
  }
  if (format.kind !== 'chat')
    throw invalidInput(
      `${place}: rows of the format "${format.kind}" have no part that the model is to write`,
    );
  const conversation = readConversation(row, format, place);
  const { messages } = conversation;
  const last = messages.findLastIndex(({ role }) => role === 'assistant');
  const given = messages.slice(0, last === -1 ? undefined : last);
  if (given.length === 0) throw invalidInput(`${place}: nothing stands before the assistant's turn`);
  const asked = { ...conversation, messages: given };
  const text = renderConversation(withTemplate(tokenizer, ownTemplate(format)), asked, {
    date,
    addGenerationPrompt: true,
  });
  return { text, ids: tokenizer.encode(text, { addSpecialTokens: false }) };
};

/** With what the tokenizer puts before a text, and without what it would end it with. */
const withoutClosing = (tokenizer: Tokenizer, text: string): number[] => {
  const { ids, added } = tokenizer.encodeWithOffsets(text);
  const last = added.lastIndexOf(0);
  return last === -1 ? ids : ids.slice(0, last + 1);
};

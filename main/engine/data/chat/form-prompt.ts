import { invalidInput } from '../../errors.ts';
import { promptTokens } from '../tokens/row-tokens.ts';
import type { Tokenizer } from '../tokens/tokenizer.ts';
import { renderChat } from './chat-template.ts';
import type { Prompt } from './prompt.ts';
import { dayOf } from './template-date.ts';
import { templateNotices } from './template-notices.ts';

/** A prompt as the model gets it. */
export interface FormedPrompt {
  /** After the template; as it was given where there is none. */
  readonly text: string;
  readonly ids: readonly number[];
}

/**
 * Writes a prompt as training writes its rows: a text framed by the tokenizer but for its end, a chat through the template.
 * @param date YYYY-MM-DD, for templates that ask for it
 * @throws WorkbenchError where the template refuses the conversation, the last turn is the assistant's own, or there is nothing to go on from
 */
export const formPrompt = (tokenizer: Tokenizer, prompt: Prompt, date: string): FormedPrompt => {
  const formed =
    prompt.form === 'text' ? formText(tokenizer, prompt.text) : formChat(tokenizer, prompt, date);
  if (formed.ids.length > 0) return formed;
  throw invalidInput("the prompt is empty, and the model's tokenizer has no token that opens a text");
};

const formText = (tokenizer: Tokenizer, text: string): FormedPrompt => {
  const ids = promptTokens(tokenizer, text);
  // An empty text has nothing for a post-processor to stand before.
  return ids.length > 0 || tokenizer.bosId === undefined ? { text, ids } : { text, ids: [tokenizer.bosId] };
};

const formChat = (
  tokenizer: Tokenizer,
  { messages, tools, documents }: Extract<Prompt, { form: 'chat' }>,
  date: string,
): FormedPrompt => {
  if (messages.at(-1)!.role === 'assistant')
    throw invalidInput("the last turn is the assistant's: there is nothing to answer");
  const text = renderChat(tokenizer, messages, {
    addGenerationPrompt: true,
    date: dayOf(date),
    tools,
    documents,
  });
  return { text, ids: tokenizer.encode(text, { addSpecialTokens: false }) };
};

/** What a person should know of how prompts become text: the template that stands in for a missing one, and the day that it is told. */
export const promptNotices = (tokenizer: Tokenizer, prompts: readonly Prompt[], date: string): string[] =>
  prompts.some(({ form }) => form === 'chat')
    ? templateNotices(tokenizer, { kind: 'chat' }, date, 'the setting "date" names another')
    : [];

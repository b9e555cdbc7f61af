import { invalidInput, WorkbenchError } from '../../errors.ts';
import { isObject } from '../../json-value.ts';
import { readWeight } from './message-weight.ts';
import { readShareGptMessage } from './sharegpt-message.ts';

export interface TextPart {
  readonly type: 'text';
  readonly text: string;
}

/** A message as a chat template gets it. Keys that a row holds null under are absent. */
export interface ChatMessage {
  readonly role: string;
  /** Absent in a turn of tool calls alone. */
  readonly content?: string | readonly TextPart[];
  /** Whatever else a template may read: tool_calls, tool_call_id, name, reasoning_content ... */
  readonly [key: string]: unknown;
}

/** A message and what its own weight says: true to be learnt, false not to be, undefined where it says nothing. */
export interface WeightedMessage {
  readonly message: ChatMessage;
  readonly learn: boolean | undefined;
}

/**
 * Checks a conversation from a data set: [{role, content, ...}, ...], or the older [{from, value, ...}, ...].
 * @param place the file, line and column, for errors
 * @throws WorkbenchError naming the message and the key
 */
export const readMessages = (value: unknown, place: string): WeightedMessage[] => {
  if (!Array.isArray(value) || value.length === 0) throw invalidInput(`${place}: must be a list of messages`);
  return value.map((entry, index) => readMessage(entry, `${place}, message ${index + 1}`));
};

const readMessage = (entry: unknown, place: string): WeightedMessage => {
  if (!isObject(entry)) throw invalidInput(`${place}: must be an object with a role and a content`);
  const given = withoutNulls(entry);
  const isShareGpt = !Object.hasOwn(given, 'role') && Object.hasOwn(given, 'from');
  const { learn, rest } = readWeight(isShareGpt ? readShareGptMessage(given, place) : given, place);
  const { role, content, tool_calls: calls, ...others } = rest;
  if (typeof role !== 'string' || role === '')
    throw invalidInput(`${place}: must have a role and a content, both text`);
  refuseMedia(others, place);
  const toolCalls = readToolCalls(calls, place);
  if (content === undefined && toolCalls === undefined && !standsForContent.some((key) => key in others))
    throw invalidInput(`${place}: must have a role and a content, both text`);
  // Keys keep the order of the row: templates can write a message whole.
  const read = content === undefined ? {} : { content: readContent(content, place) };
  const message = withoutNulls({ ...rest, ...read, tool_calls: toolCalls });
  return { message: message as unknown as ChatMessage, learn };
};

/** Tables that data sets are kept in fill the keys that a message doesn't have with null; transformers drops those too. */
const withoutNulls = (entry: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== null && value !== undefined));

/** A turn can consist of one of these alone. */
const standsForContent = ['function_call', 'reasoning_content', 'reasoning', 'thinking', 'refusal'];

const media = ['image', 'images', 'audio', 'audios', 'video', 'videos'];

const refuseMedia = (message: Readonly<Record<string, unknown>>, place: string): void => {
  const found = media.find((key) => key in message && !isEmptyList(message[key]));
  if (found !== undefined)
    throw new WorkbenchError('unsupported', `${place}: has "${found}"; only text can be trained on`);
};

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

const readContent = (content: unknown, place: string): string | TextPart[] => {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) throw invalidInput(`${place}: must have a role and a content, both text`);
  return content.map((part, index) => readPart(part, `${place}, part ${index + 1} of the content`));
};

const readPart = (part: unknown, place: string): TextPart => {
  if (!isObject(part)) throw invalidInput(`${place}: must be an object with a type`);
  const given = withoutNulls(part);
  const { type, text, ...others } = given;
  if (typeof type !== 'string') throw invalidInput(`${place}: must be an object with a type`);
  if (type !== 'text')
    throw new WorkbenchError(
      'unsupported',
      `${place}: is of the type "${type}"; only text can be trained on`,
    );
  if (typeof text !== 'string') throw invalidInput(`${place}: must have a text`);
  const [extra] = Object.keys(others);
  if (extra !== undefined)
    throw new WorkbenchError('unsupported', `${place}: has the key "${extra}", which no template reads`);
  return given as unknown as TextPart;
};

/** No calls at all are as good as none: some templates ask only whether the key is there. */
const readToolCalls = (calls: unknown, place: string): Record<string, unknown>[] | undefined => {
  if (calls === undefined || isEmptyList(calls)) return undefined;
  if (!Array.isArray(calls) || !calls.every(isObject))
    throw invalidInput(`${place}: "tool_calls" must be a list of objects`);
  return calls;
};

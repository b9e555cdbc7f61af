import { invalidInput } from '../../errors.ts';
import { isObject } from '../../json-value.ts';
import { parseJsonValue } from '../records/json-row.ts';
import type { TokenFormat } from '../files/dataset-format.ts';
import { readMessages, type ChatMessage } from './messages.ts';

type Row = Readonly<Record<string, unknown>>;
type ChatFormat = Extract<TokenFormat, { kind: 'chat' }>;

/** All that a row says to a chat template. */
export interface Conversation {
  readonly messages: readonly ChatMessage[];
  /** As in the row: in OpenAI's form {type: "function", function: {...}}, or in one that the template knows. */
  readonly tools?: readonly Row[] | undefined;
  readonly documents?: readonly Row[] | undefined;
}

export interface WeightedConversation extends Conversation {
  /** What the weight of each message says: true to be learnt, false not to be, undefined where it says nothing. */
  readonly learn: readonly (boolean | undefined)[];
}

/**
 * Reads the conversation of a row, with the tools, documents and system prompt that stand in columns of their own.
 * @param place the file and line, for errors
 * @throws WorkbenchError naming the column, message and key
 */
export const readConversation = (row: Row, format: ChatFormat, place: string): WeightedConversation => {
  if (!Object.hasOwn(row, format.column))
    throw invalidInput(`${place}: column "${format.column}" is missing`);
  const weighted = readMessages(row[format.column], `${place}, ${format.column}`);
  const messages = weighted.map(({ message }) => message);
  const system = readSystem(row, format.system, messages, place);
  const tools = readObjects(row, format.tools, place);
  const documents = readObjects(row, format.documents, place);
  return {
    messages: [...system, ...messages],
    learn: [...system.map(() => undefined), ...weighted.map(({ learn }) => learn)],
    ...(tools && { tools }),
    ...(documents && { documents }),
  };
};

/** The system prompt as a turn before the others. */
const readSystem = (
  row: Row,
  column: string | undefined,
  [first]: readonly ChatMessage[],
  place: string,
): ChatMessage[] => {
  const content = column === undefined ? undefined : (row[column] ?? '');
  if (content === undefined || content === '') return [];
  if (typeof content !== 'string') throw invalidInput(`${place}: column "${column}" must hold text`);
  if (first?.role !== 'system') return [{ role: 'system', content }];
  if (first.content === content) return [];
  throw invalidInput(`${place}: column "${column}" and the first message are system prompts that differ`);
};

/** A list of objects, or JSON text that holds one; tables have no other way to hold tools that differ in form. */
const readObjects = (row: Row, column: string | undefined, place: string): Row[] | undefined => {
  const value = column === undefined ? undefined : row[column];
  if (value === undefined || value === null || value === '') return undefined;
  const inColumn = `${place}, ${column}`;
  const parsed = typeof value === 'string' ? parseJsonValue(value, inColumn) : value;
  if (parsed === null) return undefined;
  if (!Array.isArray(parsed)) throw invalidInput(`${inColumn}: must be a list of objects`);
  return parsed.map((entry: unknown, index) => {
    const read = typeof entry === 'string' ? parseJsonValue(entry, `${inColumn}, entry ${index + 1}`) : entry;
    if (!isObject(read)) throw invalidInput(`${inColumn}, entry ${index + 1}: must be an object`);
    return read;
  });
};

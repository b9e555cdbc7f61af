import { isObject } from '../../json-value.ts';
import type { Conversation } from './conversation.ts';
import type { ChatMessage } from './messages.ts';

/**
 * Whether a text holds the arguments of a call as text within quotes. OpenAI's interface gives arguments as JSON text; templates that write them with
 * tojson want objects, as transformers' documentation asks for, and write a text as "{\"buoy\": 7}".
 */
export const quotedArguments = (messages: readonly ChatMessage[], text: string): boolean =>
  messages.flatMap(argumentsOf).some((given) => text.includes(JSON.stringify(given)));

const argumentsOf = (message: ChatMessage): string[] => {
  const calls = (message['tool_calls'] ?? []) as readonly Record<string, unknown>[];
  return calls
    .map((call) => (isObject(call['function']) ? call['function'] : call)['arguments'])
    .filter((given) => typeof given === 'string');
};

/** Tables fill the keys that an object doesn't have with null. */
export const holdsNull = ({ messages, tools = [] }: Conversation): boolean =>
  [...tools, ...messages.map((message) => message['tool_calls'] ?? [])].some(hasNull);

const hasNull = (value: unknown): boolean =>
  value === null || (typeof value === 'object' && Object.values(value).some(hasNull));

import { invalidInput } from '../../errors.ts';
import { isObject } from '../../json-value.ts';
import { parseJsonValue } from '../records/json-row.ts';

type Message = Record<string, unknown>;

/** The names that ShareGPT's form has for those who speak, as LLaMA-Factory and axolotl read them. */
const roles: Readonly<Record<string, string>> = {
  human: 'user',
  user: 'user',
  gpt: 'assistant',
  assistant: 'assistant',
  bot: 'assistant',
  system: 'system',
  tool: 'tool',
  observation: 'tool',
};

/** @throws WorkbenchError for a name that nobody reads, and for calls that are no JSON */
export const readShareGptMessage = ({ from, value, ...others }: Message, place: string): Message => {
  if (typeof from !== 'string' || value === undefined)
    throw invalidInput(`${place}: must have a "from" and a "value", both text`);
  if (from === 'function_call') return { role: 'assistant', tool_calls: readCalls(value, place), ...others };
  if (!Object.hasOwn(roles, from))
    throw invalidInput(
      `${place}: nobody is known as "${from}" (known: ${[...Object.keys(roles), 'function_call'].join(', ')})`,
    );
  return { role: roles[from], content: value, ...others };
};

/** A call, or a list of calls, as JSON text: {"name": ..., "arguments": ...}. */
const readCalls = (value: unknown, place: string): Message[] => {
  const parsed = typeof value === 'string' ? parseJsonValue(value, `${place}, value`) : value;
  return (Array.isArray(parsed) ? parsed : [parsed]).map((call) => {
    if (!isObject(call) || typeof call['name'] !== 'string')
      throw invalidInput(`${place}: a function_call must have a name and arguments`);
    return { type: 'function', function: call };
  });
};

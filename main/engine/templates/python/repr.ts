import { spendQuoted, spendValue } from '../work.ts';
import { failed, unsupported } from '../template-error.ts';
import { isPrintable } from './letter-case.ts';
import { floatText } from './numbers.ts';
import { iterate, listOf } from './iterate.ts';
import { isKind, typeName, type Value } from './values.ts';

const escapes: Record<string, string> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** repr(str): in single quotes, unless only they occur in it. */
export const quote = (text: string): string => {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  const body = Array.from(text, (character) => {
    if (character === mark) return `\\${mark}`;
    return escapes[character] ?? (isPrintable(character) ? character : escapeCode(character));
  });
  return mark + body.join('') + mark;
};

export const escapeCode = (character: string): string => {
  const hex = character.codePointAt(0)!.toString(16);
  if (hex.length <= 2) return `\\x${hex.padStart(2, '0')}`;
  return hex.length <= 4 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
};

/** repr(value). @throws TemplateError where Python prints an address in memory */
export const repr = (value: Value): string => {
  spendValue();
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'number') return floatText(value);
  if (typeof value === 'string') {
    spendQuoted(value.length);
    return quote(value);
  }
  switch (value.kind) {
    case 'list':
      return `[${value.items.map(repr).join(', ')}]`;
    case 'tuple':
      return `(${value.items.map(repr).join(', ')}${value.items.length === 1 ? ',' : ''})`;
    case 'dict':
      return `{${[...value.entries.values()].map(([key, entry]) => `${repr(key)}: ${repr(entry)}`).join(', ')}}`;
    case 'view':
      return `dict_${value.of}([${listOf(value).map(repr).join(', ')}])`;
    case 'range':
      return `range(${value.start}, ${value.stop}${value.step === 1n ? '' : `, ${value.step}`})`;
    case 'undefined':
      return 'Undefined';
    case 'markup':
      return `Markup(${quote(value.text)})`;
    case 'iterator':
      throw unsupported('printing a generator, as filters such as map and select give it; add "| list"');
    case 'object':
      if (value.repr === undefined) throw unsupported(`printing a ${value.typeName}`);
      return value.repr();
  }
};

/** str(value). */
export const str = (value: Value): string => {
  if (typeof value === 'string') return value;
  if (isKind(value, 'markup')) return value.text;
  return isKind(value, 'undefined') ? '' : repr(value);
};

/** A str, for an operation that takes nothing else. */
export const textOf = (value: Value, what: string): string => {
  if (typeof value === 'string') return value;
  if (isKind(value, 'markup')) throw unsupported(`${what} of a text that is marked as safe`);
  if (isKind(value, 'undefined')) throw failed(value.message);
  throw failed(`${what} takes text, not ${typeName(value)}`);
};

/** What unpacking `count` names takes. */
export const unpack = (value: Value, count: number): Value[] => {
  const iterator = iterate(value);
  const items: Value[] = [];
  for (let step = iterator.next(); step.done !== true; step = iterator.next()) {
    items.push(step.value);
    if (items.length > count) throw failed(`too many values to unpack (expected ${count})`);
  }
  if (items.length < count)
    throw failed(`not enough values to unpack (expected ${count}, got ${items.length})`);
  return items;
};

import { failed } from '../template-error.ts';
import { sorted } from './compare.ts';
import { spendCharacters, spendQuoted, spendValue } from '../work.ts';
import { floatText } from './numbers.ts';
import { isKind, typeName, type DictValue, type Value } from './values.ts';

export interface JsonStyle {
  readonly ascii: boolean;
  /** What one level is indented by; null for all in one line. */
  readonly indent: string | null;
  readonly between: string;
  readonly behindKey: string;
  readonly sortKeys: boolean;
}

/** json.dumps. @throws TemplateError for values that JSON has no form for */
export const dumps = (value: Value, style: JsonStyle, level = 1): string => {
  spendValue();
  if (value === null) return 'null';
  if (typeof value === 'boolean' || typeof value === 'bigint') return String(value);
  if (typeof value === 'number') return floatJson(value);
  if (typeof value === 'string') {
    spendQuoted(value.length);
    return quoteJson(value, style);
  }
  if (isKind(value, 'markup')) return quoteJson(value.text, style);
  if (isKind(value, 'list') || isKind(value, 'tuple'))
    return enclose(
      '[',
      ']',
      value.items.map((item) => dumps(item, style, level + 1)),
      style,
      level,
    );
  if (!isKind(value, 'dict')) throw failed(`Object of type ${typeName(value)} is not JSON serializable`);
  const entries = entriesOf(value, style).map(
    ([key, entry]) => quoteJson(keyText(key), style) + style.behindKey + dumps(entry, style, level + 1),
  );
  return enclose('{', '}', entries, style, level);
};

const entriesOf = ({ entries }: DictValue, { sortKeys }: JsonStyle): (readonly [Value, Value])[] => {
  const all = [...entries.values()];
  if (!sortKeys) return all;
  const values = new Map(all);
  return sorted(
    all.map(([key]) => key),
    (key) => key,
  ).map((key) => [key, values.get(key)!]);
};

const enclose = (open: string, close: string, parts: string[], style: JsonStyle, level: number): string => {
  if (parts.length === 0) return open + close;
  if (style.indent === null) return open + parts.join(style.between) + close;
  spendCharacters(style.indent.length * level * (parts.length + 1));
  const line = `\n${style.indent.repeat(level)}`;
  return `${open}${line}${parts.join(style.between + line)}\n${style.indent.repeat(level - 1)}${close}`;
};

const keyText = (key: Value): string => {
  if (typeof key === 'string') return key;
  if (isKind(key, 'markup')) return key.text;
  if (key === null) return 'null';
  if (typeof key === 'boolean' || typeof key === 'bigint') return String(key);
  if (typeof key === 'number') return floatJson(key);
  throw failed(`keys must be str, int, float, bool or None, not ${typeName(key)}`);
};

const floatJson = (value: number): string =>
  Number.isFinite(value)
    ? floatText(value)
    : Number.isNaN(value)
      ? 'NaN'
      : value > 0
        ? 'Infinity'
        : '-Infinity';

const escapes: Record<string, string> = {
  '"': '\\"',
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\f': '\\f',
  '\b': '\\b',
};

const quoteJson = (text: string, { ascii }: JsonStyle): string => {
  const special = ascii ? /["\\]|[^\x20-\x7e]/g : /["\\\x00-\x1f]/g;
  const body = text.replaceAll(
    special,
    (unit) => escapes[unit] ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return `"${body}"`;
};

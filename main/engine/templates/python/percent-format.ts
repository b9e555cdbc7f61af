import { failed, unsupported } from '../template-error.ts';
import { sliceText } from './characters.ts';
import { formatFloat, formatInteger, layOut, type Layout } from './format-number.ts';
import { toFloat } from './numbers.ts';
import { escapeCode, repr, str } from './repr.ts';
import {
  hashOf,
  integerOf,
  isInteger,
  isKind,
  isNumber,
  isUndefined,
  typeName,
  type Value,
} from './values.ts';

const directive = /%(?:\(([^()]*)\))?([#0\- +]*)(\*|\d+)?(?:\.(\*|\d+)?)?([hlL])?([\s\S])?/g;

/** text % values: one value, a tuple of them, or a dict for %(name)s. */
export const formatPercent = (text: string, values: Value): string => {
  const queue = isKind(values, 'tuple') ? [...values.items] : [values];
  const next = (): Value => {
    const value = queue.shift();
    if (value === undefined) throw failed('not enough arguments for format string');
    return value;
  };
  const made = text.replaceAll(
    directive,
    (
      whole: string,
      key?: string,
      flags?: string,
      width?: string,
      precision?: string,
      _size?: string,
      type?: string,
    ) => {
      if (type === undefined || flags === undefined) throw failed('incomplete format');
      if (whole === '%%') return '%';
      if (type === '%') throw unsupported(`the format "${whole}"`);
      if (width === '*' || precision === '*') throw unsupported(`the format "${whole}"`);
      const value = key === undefined ? next() : entryOf(values, key);
      const layout: Layout = {
        align: flags.includes('-') ? '<' : flags.includes('0') && !'rsa'.includes(type) ? '=' : '>',
        fill: flags.includes('0') && !flags.includes('-') && !'rsa'.includes(type) ? '0' : ' ',
        width: Number(width ?? 0),
        sign: flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '-',
        alternate: flags.includes('#'),
        grouping: '',
        precision: /%[^.]*\./.test(whole) ? Number(precision ?? 0) : null,
      };
      return convert(value, type, layout);
    },
  );
  const mayStay = isKind(values, 'dict') || isKind(values, 'list') || isKind(values, 'range');
  if (!mayStay && queue.length > 0) throw failed('not all arguments converted during string formatting');
  return made;
};

const entryOf = (values: Value, key: string): Value => {
  if (!isKind(values, 'dict')) throw failed('format requires a mapping');
  const entry = values.entries.get(hashOf(key));
  if (entry === undefined) throw failed(`no key '${key}' for the format`);
  return entry[1];
};

const convert = (value: Value, type: string, layout: Layout): string => {
  switch (type) {
    case 's':
    case 'r':
    case 'a': {
      const text = type === 's' ? str(value) : repr(value);
      const shown = type === 'a' ? asciiOnly(text) : text;
      return layOut(layout.precision === null ? shown : sliceText(shown, 0, layout.precision), '', layout);
    }
    case 'd':
    case 'i':
    case 'u':
    case 'x':
    case 'X':
    case 'o':
      if (layout.precision !== null) throw unsupported(`a precision with the format %${type}`);
      return formatInteger(wholeNumber(value, type), 'iu'.includes(type) ? 'd' : type, layout);
    case 'f':
    case 'F':
    case 'e':
    case 'E':
      if (!isNumber(value)) throw notANumber(value, type);
      return formatFloat(typeof value === 'number' ? value : toFloat(integerOf(value)), type, layout);
    default:
      throw unsupported(`the format %${type}`);
  }
};

const wholeNumber = (value: Value, type: string): bigint => {
  if (isInteger(value)) return integerOf(value);
  if (typeof value === 'number' && 'diu'.includes(type) && Number.isFinite(value))
    return BigInt(Math.trunc(value));
  throw notANumber(value, type);
};

const notANumber = (value: Value, type: string): Error =>
  failed(
    isUndefined(value) ? value.message : `%${type} format: a number is required, not ${typeName(value)}`,
  );

/** ascii(): what is beyond ASCII as an escape. */
export const asciiOnly = (text: string): string =>
  Array.from(text, (character) => (character > '\x7f' ? escapeCode(character) : character)).join('');

import { bind, countOf } from '../python/arguments.ts';
import { binary } from '../python/arithmetic.ts';
import { getAttributeOnly } from '../python/attributes.ts';
import { strip } from '../python/characters.ts';
import { isTrue } from '../python/iterate.ts';
import { dumps, type JsonStyle } from '../python/json.ts';
import { pad } from '../python/letter-case.ts';
import { parseFloat, parseInteger, roundFloat, roundHalfEven, toFloat } from '../python/numbers.ts';
import { textOf, unpack } from '../python/repr.ts';
import {
  integerOf,
  isInteger,
  isKind,
  isNumber,
  isUndefined,
  typeName,
  type Value,
} from '../python/values.ts';
import type { Filter } from './filter-table.ts';
import { failed, unsupported } from '../template-error.ts';

const standard: Filter = (value, args) => {
  const [otherwise = '', boolean = false] = bind('default', 'default_value? boolean?', args);
  return isUndefined(value) || (isTrue(boolean) && !isTrue(value)) ? otherwise : value;
};

export const valueFilters: Readonly<Record<string, Filter>> = {
  abs: (value, args) => {
    bind('abs', '', args);
    if (isUndefined(value)) throw failed(`bad operand type for abs(): 'Undefined'`);
    if (typeof value === 'number') return Math.abs(value);
    if (!isInteger(value)) throw failed(`bad operand type for abs(): '${typeName(value)}'`);
    const whole = integerOf(value);
    return whole < 0n ? -whole : whole;
  },
  attr: (value, args) => {
    const [name] = bind('attr', 'name', args);
    return getAttributeOnly(value, textOf(name!, 'attr'));
  },
  d: standard,
  default: standard,
  float: (value, args) => {
    const [otherwise = 0] = bind('float', 'default?', args);
    return floatOf(value) ?? otherwise;
  },
  int: (value, args) => {
    const [otherwise = 0n, base = 10n] = bind('int', 'default? base?', args);
    return wholeOf(value, countOf(base, 'int')) ?? otherwise;
  },
  round: (value, args) => {
    const [precision = 0n, method = 'common'] = bind('round', 'precision? method?', args);
    return round(value, precision === null ? null : countOf(precision, 'round'), method);
  },
  tojson: (value, args) => {
    const [ascii = false, indent = null, separators = null, sortKeys = false] = bind(
      'tojson',
      'ensure_ascii? indent? separators? sort_keys?',
      args,
    );
    return dumps(value, jsonStyle(isTrue(ascii), indent, separators, isTrue(sortKeys)));
  },
};

const jsonStyle = (ascii: boolean, indent: Value, separators: Value, sortKeys: boolean): JsonStyle => {
  const by =
    indent === null
      ? null
      : typeof indent === 'string'
        ? indent
        : pad('', countOf(indent, 'tojson'), ' ', 'right');
  const [between, behindKey] =
    separators === null
      ? [by === null ? ', ' : ',', ': ']
      : unpack(separators, 2).map((separator) => textOf(separator, 'tojson'));
  return { ascii, indent: by, between: between!, behindKey: behindKey!, sortKeys };
};

const floatOf = (value: Value): number | null => {
  if (isUndefined(value)) throw failed(value.message);
  if (typeof value === 'number') return value;
  if (isInteger(value)) return toFloat(integerOf(value));
  const text = isKind(value, 'markup') ? value.text : value;
  return typeof text === 'string' ? parseFloat(strip(text, null, 'both')) : null;
};

const wholeOf = (value: Value, base: number): bigint | null => {
  if (base !== 0 && (base < 2 || base > 36)) throw unsupported(`int with the base ${base}`);
  if (isUndefined(value)) throw failed(value.message);
  if (isInteger(value)) return integerOf(value);
  if (typeof value === 'number') {
    if (Number.isNaN(value)) return null;
    if (!Number.isFinite(value)) throw failed('cannot convert float infinity to integer');
    return BigInt(Math.trunc(value));
  }
  const text = isKind(value, 'markup') ? value.text : value;
  if (typeof text !== 'string') return null;
  const bare = strip(text, null, 'both');
  const whole = parseInteger(bare, base);
  if (whole !== null) return whole;
  const float = parseFloat(bare);
  return float === null || !Number.isFinite(float) ? null : BigInt(Math.trunc(float));
};

const round = (value: Value, precision: number | null, method: Value): Value => {
  if (method !== 'common' && method !== 'ceil' && method !== 'floor')
    throw failed('method must be common, ceil or floor');
  if (isUndefined(value)) throw failed(`type Undefined doesn't define __round__ method`);
  if (!isNumber(value)) throw failed(`type ${typeName(value)} doesn't define __round__ method`);
  if (method === 'common') {
    if (precision === null) return wholeOf(typeof value === 'number' ? roundFloat(value, 0) : value, 10);
    if (typeof value === 'number') return roundFloat(value, precision);
    const whole = integerOf(value);
    if (precision >= 0) return whole;
    const unit = 10n ** BigInt(-precision);
    return roundHalfEven(whole, unit) * unit;
  }
  if (precision === null) throw failed('round takes a whole number, not NoneType');
  if (precision < 0) throw unsupported('round to less than no digits');
  const scale = 10n ** BigInt(precision);
  const scaled = binary(value, '*', scale);
  if (typeof scaled === 'number' && !Number.isFinite(scaled)) throw failed('cannot convert float to integer');
  const rounded = typeof scaled === 'number' ? BigInt(Math[method](scaled)) : scaled;
  return binary(rounded, '/', scale);
};

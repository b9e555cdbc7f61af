import { failed, unsupported } from '../template-error.ts';
import { sliceText } from './characters.ts';
import { formatFloat, formatInteger, layOut, type Layout } from './format-number.ts';
import { toFloat } from './numbers.ts';
import { asciiOnly } from './percent-format.ts';
import { repr, str } from './repr.ts';
import { integerOf, isInteger, isUndefined, typeName, type Arguments, type Value } from './values.ts';

/** Reads .name and [key] of a field, as the template itself would. */
export interface FieldAccess {
  readonly attribute: (value: Value, name: string) => Value;
  readonly item: (value: Value, key: Value) => Value;
}

/** str.format. */
export const formatBraces = (text: string, args: Arguments, access: FieldAccess): string => {
  let automatic = 0;
  const numbered = { automatic: false, manual: false };
  const valueOf = (first: string): Value => {
    const isNumbered = first === '' || /^\d+$/.test(first);
    if (!isNumbered) {
      const named = args.named.get(first);
      if (named === undefined) throw failed(`format: there is no '${first}'`);
      return named;
    }
    numbered[first === '' ? 'automatic' : 'manual'] = true;
    if (numbered.automatic && numbered.manual)
      throw failed('cannot switch between manual field specification and automatic field numbering');
    const index = first === '' ? automatic++ : Number(first);
    const value = args.positional[index];
    if (value === undefined)
      throw failed(`Replacement index ${index} out of range for positional args tuple`);
    return value;
  };
  return text.replaceAll(/\{\{|\}\}|\{([^{}]*)\}|[{}]/g, (whole, field?: string) => {
    if (whole === '{{' || whole === '}}') return whole[0]!;
    if (field === undefined) throw unsupported('str.format with a field inside a field, or a single brace');
    const { name, conversion, specification } = splitField(field);
    const [, first = '', rest = ''] = /^([^.[]*)(.*)$/s.exec(name)!;
    let value = valueOf(first);
    for (const [, attribute, item] of rest.matchAll(/\.([^.[]+)|\[([^\]]+)\]/g)) {
      if (attribute !== undefined) value = access.attribute(value, attribute);
      else value = access.item(value, /^\d+$/.test(item!) ? BigInt(item!) : item!);
    }
    return formatValue(convert(value, conversion), specification);
  });
};

const splitField = (field: string): { name: string; conversion: string; specification: string } => {
  const match = /^([^!:[]*(?:\[[^\]]*\][^!:[]*)*)(?:!(.))?(?::(.*))?$/s.exec(field);
  if (match === null) throw failed(`format: "{${field}}" can't be read`);
  return { name: match[1]!, conversion: match[2] ?? '', specification: match[3] ?? '' };
};

const convert = (value: Value, conversion: string): Value => {
  switch (conversion) {
    case '':
      return value;
    case 's':
      return str(value);
    case 'r':
      return repr(value);
    case 'a':
      return asciiOnly(repr(value));
    default:
      throw failed(`Unknown conversion specifier ${conversion}`);
  }
};

/** format(value, specification). */
export const formatValue = (value: Value, specification: string): string => {
  if (specification === '') return str(value);
  const match = /^(?:(.)?([<>=^]))?([+\- ])?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([a-zA-Z%])?$/su.exec(
    specification,
  );
  if (match === null) throw unsupported(`the format "${specification}"`);
  const [, fill, align, sign, alternate, zero, width, grouping, precision, type = ''] = match;
  const isText = typeof value === 'string';
  const layout: Layout = {
    align: (align ?? (zero !== undefined && !isText ? '=' : isText ? '<' : '>')) as Layout['align'],
    fill: fill ?? (zero === undefined ? ' ' : '0'),
    width: Number(width ?? 0),
    sign: (sign ?? '-') as Layout['sign'],
    alternate: alternate !== undefined,
    grouping: (grouping ?? '') as Layout['grouping'],
    precision: precision === undefined ? null : Number(precision),
  };
  if (isText) {
    if ((type !== '' && type !== 's') || layout.align === '=' || layout.grouping !== '' || sign !== undefined)
      throw failed(`format: "${specification}" is not for text`);
    if (layout.alternate) throw failed('Alternate form (#) not allowed in string format specifier');
    return layOut(layout.precision === null ? value : sliceText(value, 0, layout.precision), '', layout);
  }
  if (isInteger(value) && (type === '' || 'dbxXo'.includes(type))) {
    if (typeof value === 'boolean' && type === '')
      throw unsupported(`the format "${specification}" of a bool`);
    if (layout.precision !== null) throw failed('Precision not allowed in integer format specifier');
    return formatInteger(integerOf(value), type === '' ? 'd' : type, layout);
  }
  if (isInteger(value) || typeof value === 'number') {
    if (type === '') throw unsupported(`the format "${specification}" of a number with a fraction`);
    return formatFloat(typeof value === 'number' ? value : toFloat(integerOf(value)), type, layout);
  }
  throw failed(
    isUndefined(value) ? value.message : `unsupported format string passed to ${typeName(value)}.__format__`,
  );
};

import { failed, unsupported } from '../template-error.ts';
import { countOf } from './arguments.ts';
import { formatBraces } from './brace-format.ts';
import { changing, dictMethods, listMethods, tupleMethods } from './container-methods.ts';
import { rangeLength } from './iterate.ts';
import { quote, repr } from './repr.ts';
import { bind } from './arguments.ts';
import { characterAt, otherTextMethods, refuseMethod, textMethods, type Method } from './text-methods.ts';
import {
  functionValue,
  hashOf,
  integerOf,
  isInteger,
  isKind,
  isNumber,
  isUndefined,
  typeName,
  undefinedValue,
  type Value,
} from './values.ts';

/** value.name: an attribute of the type first, then the entry of that name. */
export const getAttribute = (value: Value, name: string): Value => {
  if (isUndefined(value) && !isDunder(name)) throw failed(value.message);
  const attribute = attributeOf(value, name);
  if (attribute !== undefined) return attribute;
  const entry = entryOf(value, name);
  return entry === undefined ? missing(value, name) : entry;
};

/** value[key]: the entry first, then for text an attribute of the type. */
export const getItem = (value: Value, key: Value): Value => {
  if (isUndefined(value)) throw failed(value.message);
  const entry = entryOf(value, key);
  if (entry !== undefined) return entry;
  const attribute = typeof key === 'string' ? attributeOf(value, key) : undefined;
  return attribute === undefined ? missing(value, key) : attribute;
};

/** As the filter attr: an attribute of the type, never an entry. */
export const getAttributeOnly = (value: Value, name: string): Value => {
  if (isUndefined(value)) throw unsupported('the filter attr of an undefined value');
  const attribute = attributeOf(value, name);
  return attribute === undefined ? missing(value, name) : attribute;
};

const missing = (value: Value, key: Value): Value => {
  const type =
    value === null ? 'None' : `${isKind(value, 'object') ? value.typeName : typeName(value)} object`;
  return undefinedValue(
    typeof key === 'string'
      ? `'${type}' has no attribute ${quote(key)}`
      : `${type} has no element ${shown(key)}`,
  );
};

const shown = (key: Value): string => {
  try {
    return repr(key);
  } catch {
    return typeName(key);
  }
};

const isDunder = (name: string): boolean => name.startsWith('__') && name.endsWith('__');

const entryOf = (value: Value, key: Value): Value | undefined => {
  if (typeof value === 'string' || isKind(value, 'markup')) {
    if (!isInteger(key)) return undefined;
    const text = typeof value === 'string' ? value : value.text;
    return characterAt(text, Number(integerOf(key)));
  }
  if (isKind(value, 'list') || isKind(value, 'tuple'))
    return isInteger(key) ? value.items.at(Number(integerOf(key))) : undefined;
  if (isKind(value, 'range')) {
    if (!isInteger(key)) return undefined;
    const length = rangeLength(value);
    const index = integerOf(key) < 0n ? integerOf(key) + length : integerOf(key);
    return index >= 0n && index < length ? value.start + index * value.step : undefined;
  }
  if (!isKind(value, 'dict')) return undefined;
  return isHashable(key) ? value.entries.get(hashOf(key))?.[1] : undefined;
};

const isHashable = (key: Value): boolean =>
  isKind(key, 'tuple') ? key.items.every(isHashable) : !isKind(key, 'list') && !isKind(key, 'dict');

/** Attributes of numbers, views and the like: known to Python, of no use in a template. */
const otherAttributes: Readonly<Record<string, readonly string[]>> = {
  int: ['as_integer_ratio', 'bit_count', 'bit_length', 'conjugate', 'from_bytes', 'to_bytes'],
  float: ['as_integer_ratio', 'conjugate', 'fromhex', 'hex', 'is_integer'],
  range: ['count', 'index'],
  generator: ['close', 'send', 'throw', 'gi_code', 'gi_frame', 'gi_running', 'gi_yieldfrom', 'gi_suspended'],
  dict_keys: ['isdisjoint', 'mapping'],
  dict_items: ['isdisjoint', 'mapping'],
  dict_values: ['mapping'],
  str: otherTextMethods,
};

const attributeOf = (value: Value, name: string): Value | undefined => {
  if (isKind(value, 'object')) {
    const own = value.attribute?.(name);
    if (own !== undefined) return own;
  }
  if (isDunder(name)) {
    // Most of them exist, and the sandbox keeps them from the template.
    if (
      /^__(?:class|doc|init|new|str|repr|eq|ne|hash|dir|getattribute|reduce|sizeof|module|dict)__$/.test(name)
    )
      return undefinedValue(`access to attribute '${name}' of '${typeName(value)}' object is unsafe.`);
    throw unsupported(`the attribute ${name}`);
  }
  const type = typeName(value);
  if (changing[type]?.includes(name) === true)
    return undefinedValue(`access to attribute '${name}' of '${type}' object is unsafe.`);
  if (typeof value === 'string') return textAttribute(value, name);
  if (isKind(value, 'markup')) {
    if (Object.hasOwn(textMethods, name) || otherTextMethods.includes(name))
      throw unsupported(`the method ${name} of a text that is marked as safe`);
    return undefined;
  }
  if (isKind(value, 'dict')) return methodOf(dictMethods, value, name);
  if (isKind(value, 'list')) return methodOf(listMethods, value, name);
  if (isKind(value, 'tuple')) {
    const field = value.fields?.indexOf(name) ?? -1;
    return field === -1 ? methodOf(tupleMethods, value, name) : value.items[field];
  }
  if (isKind(value, 'range') && ['start', 'stop', 'step'].includes(name))
    return value[name as 'start' | 'stop' | 'step'];
  if (isNumber(value)) {
    if (name === 'real') return isInteger(value) ? integerOf(value) : value;
    if (name === 'imag') return isInteger(value) ? 0n : 0;
    if (isInteger(value) && name === 'numerator') return integerOf(value);
    if (isInteger(value) && name === 'denominator') return 1n;
  }
  if (otherAttributes[type === 'bool' ? 'int' : type]?.includes(name) === true)
    throw unsupported(`the attribute ${name} of ${type}`);
  return undefined;
};

const textAttribute = (text: string, name: string): Value | undefined => {
  if (name === 'format')
    return functionValue('format', (args) =>
      formatBraces(text, args, { attribute: getAttribute, item: getItem }),
    );
  if (name === 'format_map')
    return functionValue('format_map', (args) => {
      const [mapping] = bind('format_map', '/mapping', args);
      if (!isKind(mapping!, 'dict')) throw unsupported('format_map with what is not a dict');
      const named = new Map(
        [...mapping.entries.values()].map(([key, entry]) => [String(key as string), entry]),
      );
      return formatBraces(text, { positional: [], named }, { attribute: getAttribute, item: getItem });
    });
  if (otherTextMethods.includes(name))
    return functionValue(name, () => {
      throw refuseMethod('text', name);
    });
  return methodOf(textMethods, text, name);
};

const methodOf = <Self extends Value>(
  methods: Readonly<Record<string, Method<Self>>>,
  self: Self,
  name: string,
): Value | undefined => {
  if (!Object.hasOwn(methods, name)) return undefined;
  const method = methods[name]!;
  return { ...functionValue(name, (args) => method(self, args)), typeName: 'builtin_function_or_method' };
};

/** value[start:stop:step] */
export const getSlice = (value: Value, start: Value, stop: Value, step: Value): Value => {
  if (isUndefined(value)) throw failed(value.message);
  const indices = (length: number): number[] => sliceIndices(length, start, stop, step);
  if (typeof value === 'string') {
    if (start === null && stop === null && step === null) return value;
    const characters = Array.from(value);
    return indices(characters.length)
      .map((index) => characters[index]!)
      .join('');
  }
  if (isKind(value, 'list') || isKind(value, 'tuple'))
    return { kind: value.kind, items: indices(value.items.length).map((index) => value.items[index]!) };
  if (isKind(value, 'range') || isKind(value, 'markup')) throw unsupported(`a slice of ${typeName(value)}`);
  if (isKind(value, 'dict')) throw failed("unhashable type: 'slice'");
  throw failed(`'${typeName(value)}' object is not subscriptable`);
};

/** What slice.indices gives, spelled out. */
const sliceIndices = (length: number, start: Value, stop: Value, step: Value): number[] => {
  const what = 'a slice';
  const stride = step === null ? 1 : countOf(step, what);
  if (stride === 0) throw failed('slice step cannot be zero');
  const [lowest, highest] = stride > 0 ? [0, length] : [-1, length - 1];
  const clipped = (value: Value, absent: number): number => {
    if (value === null) return absent;
    const index = countOf(value, what);
    return Math.min(highest, Math.max(lowest, index < 0 ? index + length : index));
  };
  const from = clipped(start, stride > 0 ? lowest : highest);
  const to = clipped(stop, stride > 0 ? highest : lowest);
  const indices: number[] = [];
  for (let index = from; stride > 0 ? index < to : index > to; index += stride) indices.push(index);
  return indices;
};

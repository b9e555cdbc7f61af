import { ignoreCase, pathGetter, pathsGetter } from './attribute-path.ts';
import { bind, countOf } from '../python/arguments.ts';
import { binary } from '../python/arithmetic.ts';
import { equals, ordered, sorted } from '../python/compare.ts';
import { each, isTrue, iterate, iteratorOf, listOf, size } from '../python/iterate.ts';
import { str } from '../python/repr.ts';
import { joinTexts } from '../python/text-methods.ts';
import { spendItems } from '../work.ts';
import {
  hashOf,
  isKind,
  isUndefined,
  iteratorValue,
  list,
  tuple,
  typeName,
  undefinedValue,
  type Arguments,
  type Value,
} from '../python/values.ts';
import { filterNamed, type Filter } from './filter-table.ts';
import { failed, unsupported } from '../template-error.ts';
import { tests } from './tests.ts';

const length: Filter = (value, args) => {
  bind('length', '', args);
  return BigInt(size(value));
};

/** A filter that gives a generator: nothing happens before the first item is asked for. */
const lazily =
  (generate: (value: Value, args: Arguments) => Generator<Value>): Filter =>
  (value, args) =>
    iteratorValue(generate(value, args));

const selecting = (name: string, wanted: boolean, byAttribute: boolean): Filter =>
  lazily(function* (value, { positional, named }) {
    if (!isTrue(value)) return;
    const [path, ...rest] = byAttribute ? positional : [null, ...positional];
    if (path === undefined) throw failed('Missing parameter for attribute name');
    const get = byAttribute ? pathGetter(path) : (item: Value): Value => item;
    const [testName, ...args] = rest;
    const holds =
      testName === undefined
        ? isTrue
        : (item: Value): boolean => testNamed(testName, name)(item, { positional: args, named });
    for (const item of each(value)) if (holds(get(item)) === wanted) yield item;
  });

const testNamed = (name: Value, what: string): (typeof tests)[string] => {
  if (typeof name !== 'string') throw failed(`${what} takes the name of a test`);
  if (!Object.hasOwn(tests, name)) throw failed(`No test named '${name}'.`);
  return tests[name]!;
};

const extreme =
  (name: 'min' | 'max'): Filter =>
  (value, args) => {
    const [caseSensitive = false, attribute = null] = bind(name, 'case_sensitive? attribute?', args);
    const key = keyed(attribute, isTrue(caseSensitive));
    const items = listOf(value);
    if (items.length === 0) return undefinedValue('No aggregated item, sequence was empty.');
    let best: Value = items[0]!;
    let bestKey: Value = key(best);
    for (const item of items.slice(1)) {
      const itemKey = key(item);
      if (!ordered(itemKey, name === 'min' ? '<' : '>', bestKey)) continue;
      best = item;
      bestKey = itemKey;
    }
    return best;
  };

const keyed = (attribute: Value, caseSensitive: boolean): ((item: Value) => Value) => {
  const get = pathGetter(attribute);
  return caseSensitive ? get : (item) => ignoreCase(get(item));
};

export const sequenceFilters: Readonly<Record<string, Filter>> = {
  batch: lazily(function* (value, args) {
    const [count, fill = null] = bind('batch', 'linecount fill_with?', args);
    let batch: Value[] = [];
    for (const item of each(value)) {
      if (equals(BigInt(batch.length), count!)) {
        yield list(batch);
        batch = [];
      }
      batch.push(item);
    }
    if (batch.length === 0) return;
    if (fill !== null) spendItems(countOf(count!, 'batch'));
    if (fill !== null)
      for (let missing = countOf(count!, 'batch') - batch.length; missing > 0; missing -= 1) batch.push(fill);
    yield list(batch);
  }),
  count: length,
  dictsort: (value, args) => {
    const [caseSensitive = false, by = 'key', reverse = false] = bind(
      'dictsort',
      'case_sensitive? by? reverse?',
      args,
    );
    if (by !== 'key' && by !== 'value') throw failed('You can only sort by either "key" or "value"');
    if (isUndefined(value)) throw failed(value.message);
    if (!isKind(value, 'dict')) throw failed(`'${typeName(value)}' object has no attribute 'items'`);
    const keyOf = (pair: Value): Value => {
      const part = isKind(pair, 'tuple') ? pair.items[by === 'key' ? 0 : 1]! : pair;
      return isTrue(caseSensitive) ? part : ignoreCase(part);
    };
    const pairs = [...value.entries.values()].map(([key, entry]) => tuple(key, entry));
    return list(sorted(pairs, keyOf, countOf(reverse, 'dictsort') !== 0));
  },
  first: (value, args) => {
    bind('first', '', args);
    const step = iterate(value).next();
    return step.done === true ? undefinedValue('No first item, sequence was empty.') : step.value;
  },
  groupby: (value, args) => {
    const [attribute, standard = null, caseSensitive = false] = bind(
      'groupby',
      'attribute default? case_sensitive?',
      args,
    );
    const get = pathGetter(attribute!, standard);
    const key = isTrue(caseSensitive) ? get : (item: Value): Value => ignoreCase(get(item));
    const groups: { key: Value; items: Value[] }[] = [];
    for (const item of sorted(listOf(value), key)) {
      const last = groups.at(-1);
      if (last !== undefined && equals(last.key, key(item))) last.items.push(item);
      else groups.push({ key: key(item), items: [item] });
    }
    return list(
      groups.map(({ items }) => ({
        kind: 'tuple' as const,
        items: [get(items[0]!), list(items)],
        fields: ['grouper', 'list'],
      })),
    );
  },
  items: lazily(function* (value, args) {
    bind('items', '', args);
    if (isUndefined(value)) return;
    if (!isKind(value, 'dict')) throw failed('Can only get item pairs from a mapping.');
    for (const [key, entry] of value.entries.values()) yield tuple(key, entry);
  }),
  join: (value, args) => {
    const [separator = '', attribute = null] = bind('join', 'd? attribute?', args);
    const get = pathGetter(attribute);
    return joinTexts(
      [...each(value)].map((item) => str(get(item))),
      str(separator),
    );
  },
  last: (value, args) => {
    bind('last', '', args);
    const item = reversed(value)[0];
    return item === undefined ? undefinedValue('No last item, sequence was empty.') : item;
  },
  length,
  list: (value, args) => {
    bind('list', '', args);
    return list(listOf(value));
  },
  map: lazily(function* (value, { positional, named }) {
    if (!isTrue(value)) return;
    const apply = mapping(positional, named);
    for (const item of each(value)) yield apply(item);
  }),
  max: extreme('max'),
  min: extreme('min'),
  reject: selecting('reject', false, false),
  rejectattr: selecting('rejectattr', false, true),
  reverse: (value, args) => {
    bind('reverse', '', args);
    if (typeof value === 'string') return Array.from(value).reverse().join('');
    if (isKind(value, 'iterator')) return list(listOf(value).reverse());
    if (iteratorOf(value) === null) throw failed('argument must be iterable');
    return iteratorValue(listOf(value).reverse());
  },
  select: selecting('select', true, false),
  selectattr: selecting('selectattr', true, true),
  slice: lazily(function* (value, args) {
    const [slices, fill = null] = bind('slice', 'slices fill_with?', args);
    const items = listOf(value);
    const count = countOf(slices!, 'slice');
    if (count === 0) throw failed('integer division or modulo by zero');
    spendItems(count);
    const [each, extra] = [Math.floor(items.length / count), ((items.length % count) + count) % count];
    let at = 0;
    for (let index = 0; index < count; index += 1) {
      const part = items.slice(at, at + each + (index < extra ? 1 : 0));
      at += part.length;
      yield list(fill !== null && index >= extra ? [...part, fill] : part);
    }
  }),
  sort: (value, args) => {
    const [reverse = false, caseSensitive = false, attribute = null] = bind(
      'sort',
      'reverse? case_sensitive? attribute?',
      args,
    );
    const key = pathsGetter(attribute, isTrue(caseSensitive) ? (part) => part : ignoreCase);
    return list(sorted(listOf(value), key, countOf(reverse, 'sort') !== 0));
  },
  sum: (value, args) => {
    const [attribute = null, start = 0n] = bind('sum', 'attribute? start?', args);
    const get = attribute === null ? (item: Value): Value => item : pathGetter(attribute);
    const parts = [start, ...[...each(value)].map(get)];
    if (typeof start === 'string') throw failed("sum() can't sum strings [use ''.join(seq) instead]");
    // From Python 3.12 on, sum makes up for what rounding loses.
    if (parts.filter((part) => typeof part === 'number').length > 1 && parts.length > 2)
      throw unsupported('the sum of several numbers with a fraction');
    return parts.reduce((left, right) => binary(left, '+', right));
  },
  unique: lazily(function* (value, args) {
    const [caseSensitive = false, attribute = null] = bind('unique', 'case_sensitive? attribute?', args);
    const key = keyed(attribute, isTrue(caseSensitive));
    const seen = new Set<string>();
    for (const item of each(value)) {
      const hash = hashOf(key(item));
      if (seen.has(hash)) continue;
      seen.add(hash);
      yield item;
    }
  }),
};

/** reversed(value): of what has an order of its own, not of a generator. */
const reversed = (value: Value): Value[] => {
  if (isKind(value, 'iterator') || iteratorOf(value) === null)
    throw failed(`'${typeName(value)}' object is not reversible`);
  return listOf(value).reverse();
};

const mapping = (
  positional: readonly Value[],
  named: ReadonlyMap<string, Value>,
): ((item: Value) => Value) => {
  const attribute = named.get('attribute');
  if (positional.length === 0 && attribute !== undefined) {
    const unknown = [...named.keys()].find((name) => name !== 'attribute' && name !== 'default');
    if (unknown !== undefined) throw failed(`Unexpected keyword argument '${unknown}'`);
    return pathGetter(attribute, named.get('default') ?? null);
  }
  const [name, ...rest] = positional;
  if (name === undefined) throw failed('map requires a filter argument');
  const filter = typeof name === 'string' ? filterNamed(name) : undefined;
  if (filter === undefined) throw failed(`No filter named '${str(name)}'.`);
  return (item) => filter(item, { positional: rest, named });
};

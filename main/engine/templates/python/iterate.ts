import { failed } from '../template-error.ts';
import { lengthOf } from './characters.ts';
import { isKind, tuple, typeName, type RangeValue, type Value } from './values.ts';

export const rangeLength = ({ start, stop, step }: RangeValue): bigint => {
  const span = step > 0n ? stop - start : start - stop;
  const size = step > 0n ? step : -step;
  return span <= 0n ? 0n : (span + size - 1n) / size;
};

function* rangeItems(range: RangeValue): Generator<Value> {
  const count = rangeLength(range);
  for (let index = 0n; index < count; index += 1n) yield range.start + index * range.step;
}

/** iter(value). A generator goes on from where it stands. */
export const iterate = (value: Value): Iterator<Value> => {
  const found = iteratorOf(value);
  if (found === null) throw failed(`'${typeName(value)}' object is not iterable`);
  return found;
};

/** null for what Python can't iterate over. */
export const iteratorOf = (value: Value): Iterator<Value> | null => {
  if (typeof value === 'string') return value[Symbol.iterator]();
  if (typeof value !== 'object' || value === null) return null;
  switch (value.kind) {
    case 'list':
    case 'tuple':
      return value.items[Symbol.iterator]();
    case 'markup':
      return value.text[Symbol.iterator]();
    case 'dict':
      return [...value.entries.values()].map(([key]) => key)[Symbol.iterator]();
    case 'view': {
      const pairs = [...value.dict.entries.values()];
      const items =
        value.of === 'items'
          ? pairs.map(([key, entry]) => tuple(key, entry))
          : pairs.map(([key, entry]) => (value.of === 'keys' ? key : entry));
      return items[Symbol.iterator]();
    }
    case 'range':
      return rangeItems(value);
    case 'iterator':
      return value.iterator;
    case 'undefined':
      return [][Symbol.iterator]();
    case 'object':
      return value.iterator?.() ?? null;
  }
};

/** For use in `for ... of`. */
export const each = (value: Value): Iterable<Value> => {
  const iterator = iterate(value);
  return { [Symbol.iterator]: () => iterator };
};

export const listOf = (value: Value): Value[] => [...each(value)];

/** len(value), or null for what has none. */
export const sizeOf = (value: Value): number | null => {
  if (typeof value === 'string') return lengthOf(value);
  if (typeof value !== 'object' || value === null) return null;
  switch (value.kind) {
    case 'list':
    case 'tuple':
      return value.items.length;
    case 'markup':
      return lengthOf(value.text);
    case 'dict':
      return value.entries.size;
    case 'view':
      return value.dict.entries.size;
    case 'range':
      return Number(rangeLength(value));
    case 'undefined':
      return 0;
    case 'object':
      return value.length?.() ?? null;
    case 'iterator':
      return null;
  }
};

export const size = (value: Value): number => {
  const found = sizeOf(value);
  if (found === null) throw failed(`object of type '${typeName(value)}' has no len()`);
  return found;
};

/** bool(value). */
export const isTrue = (value: Value): boolean => {
  if (value === null || value === false || value === true) return value === true;
  if (typeof value === 'bigint') return value !== 0n;
  if (typeof value === 'number') return value !== 0; // NaN too is true
  if (typeof value === 'string') return value !== '';
  if (isKind(value, 'undefined')) return false;
  return sizeOf(value) !== 0;
};

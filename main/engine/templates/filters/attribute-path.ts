import { getItem } from '../python/attributes.ts';
import { isDigit } from '../python/letter-case.ts';
import { isUndefined, list, type Value } from '../python/values.ts';
import { unsupported } from '../template-error.ts';

/** What "a.b.0" finds in a value: each part an entry or an attribute, whole numbers as positions. @param standard for what is undefined */
export const pathGetter = (path: Value, standard: Value = null): ((item: Value) => Value) => {
  const parts = partsOf(path);
  return (item) => {
    let found = item;
    for (const part of parts) {
      found = getItem(found, part);
      if (standard !== null && isUndefined(found)) found = standard;
    }
    return found;
  };
};

/** Of several paths with commas between them: the list of what each finds. */
export const pathsGetter = (paths: Value, each: (value: Value) => Value): ((item: Value) => Value) => {
  const getters = (typeof paths === 'string' ? paths.split(',') : [paths]).map((path) => pathGetter(path));
  return (item) => list(getters.map((getter) => each(getter(item))));
};

const partsOf = (path: Value): Value[] => {
  if (path === null) return [];
  if (typeof path !== 'string') return [path];
  return path.split('.').map((part) => {
    if (!isDigit(part)) return part;
    if (!/^[0-9]+$/.test(part)) throw unsupported(`the attribute "${part}"`);
    return BigInt(part);
  });
};

/** What comparisons that ignore case compare. */
export const ignoreCase = (value: Value): Value => (typeof value === 'string' ? value.toLowerCase() : value);

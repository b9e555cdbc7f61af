import { failed } from '../template-error.ts';
import { bind } from './arguments.ts';
import { equals } from './compare.ts';
import { each } from './iterate.ts';
import { clip, type Method } from './text-methods.ts';
import { dict, hashOf, list, type DictValue, type ListValue, type TupleValue } from './values.ts';

/** The methods of dict that do not change it. */
export const dictMethods: Readonly<Record<string, Method<DictValue>>> = {
  copy: (self, args) => {
    bind('copy', '', args);
    return dict(self.entries.values());
  },
  fromkeys: (_self, args) => fromKeys(args),
  get: (self, args) => {
    const [key, otherwise = null] = bind('get', '/key /default?', args);
    const entry = self.entries.get(hashOf(key!));
    return entry === undefined ? otherwise : entry[1];
  },
  items: (self, args) => {
    bind('items', '', args);
    return { kind: 'view', of: 'items', dict: self };
  },
  keys: (self, args) => {
    bind('keys', '', args);
    return { kind: 'view', of: 'keys', dict: self };
  },
  values: (self, args) => {
    bind('values', '', args);
    return { kind: 'view', of: 'values', dict: self };
  },
};

/** dict.fromkeys. */
export const fromKeys: (args: Parameters<Method<DictValue>>[1]) => DictValue = (args) => {
  const [keys, value = null] = bind('fromkeys', '/iterable /value?', args);
  return dict([...each(keys!)].map((key) => [key, value]));
};

const sequenceMethods: Readonly<Record<string, Method<ListValue | TupleValue>>> = {
  count: ({ items }, args) => {
    const [wanted] = bind('count', '/value', args);
    return BigInt(items.filter((item) => equals(item, wanted!)).length);
  },
  index: ({ items }, args) => {
    const [wanted, start, stop] = bind('index', '/value /start? /stop?', args);
    const from = clip(start, items.length, 0);
    const to = clip(stop, items.length, items.length);
    const found = items.findIndex((item, index) => index >= from && index < to && equals(item, wanted!));
    if (found === -1) throw failed('the value is not in the list');
    return BigInt(found);
  },
};

export const tupleMethods = sequenceMethods;

/** The methods of list that do not change it. */
export const listMethods: Readonly<Record<string, Method<ListValue | TupleValue>>> = {
  ...sequenceMethods,
  copy: ({ items }, args) => {
    bind('copy', '', args);
    return list(items);
  },
};

/** What the sandbox refuses, because it changes the object. Naming them gives an undefined value. */
export const changing: Readonly<Record<string, readonly string[]>> = {
  list: ['append', 'clear', 'extend', 'insert', 'pop', 'remove', 'reverse', 'sort'],
  dict: ['clear', 'pop', 'popitem', 'setdefault', 'update'],
};

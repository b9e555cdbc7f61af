import { equals } from '../python/compare.ts';
import { sizeOf } from '../python/iterate.ts';
import { functionValue, tuple, undefinedValue, type ObjectValue, type Value } from '../python/values.ts';
import { failed } from '../template-error.ts';

/** A loop on its way: gives the items one by one, and the variable `loop` that tells where it stands. */
export interface Loop {
  readonly next: () => Value | undefined;
  readonly variable: ObjectValue;
}

/**
 * Jinja2's LoopContext. Looking ahead (last, nextitem, length) takes items from the iterable early.
 * @param recurse what calling `loop` does, for loops marked recursive
 */
export const startLoop = (
  iterable: Value,
  items: Iterator<Value>,
  recurse: ((iterable: Value, depth: number) => string) | null,
  depth0: number,
): Loop => {
  let source = items;
  let index0 = -1;
  let length: number | null = null;
  let ahead: Value | undefined;
  let current: Value | undefined;
  let before: Value | undefined;
  let lastChanged: Value | null = null;

  const take = (): Value | undefined => {
    const step = source.next();
    return step.done === true ? undefined : step.value;
  };
  const peek = (): Value | undefined => {
    if (ahead === undefined) ahead = take();
    return ahead;
  };
  const count = (): number => {
    if (length !== null) return length;
    length = sizeOf(iterable);
    if (length !== null) return length;
    const rest: Value[] = [];
    for (let item = take(); item !== undefined; item = take()) rest.push(item);
    source = rest[Symbol.iterator]();
    length = rest.length + index0 + 1 + (ahead === undefined ? 0 : 1);
    return length;
  };

  const attributes: Record<string, () => Value> = {
    index: () => BigInt(index0 + 1),
    index0: () => BigInt(index0),
    revindex: () => BigInt(count() - index0),
    revindex0: () => BigInt(count() - index0 - 1),
    first: () => index0 === 0,
    last: () => peek() === undefined,
    length: () => BigInt(count()),
    depth: () => BigInt(depth0 + 1),
    depth0: () => BigInt(depth0),
    previtem: () => (index0 === 0 ? undefinedValue('there is no previous item') : before!),
    nextitem: () => {
      const next = peek();
      return next === undefined ? undefinedValue('there is no next item') : next;
    },
    cycle: () =>
      functionValue('cycle', ({ positional }) => {
        if (positional.length === 0) throw failed('no items for cycling given');
        return positional[index0 % positional.length]!;
      }),
    changed: () =>
      functionValue('changed', ({ positional }) => {
        const value = tuple(...positional);
        if (lastChanged !== null && equals(lastChanged, value)) return false;
        lastChanged = value;
        return true;
      }),
  };

  return {
    next: () => {
      const item = peek();
      ahead = undefined;
      if (item === undefined) return undefined;
      index0 += 1;
      before = current;
      current = item;
      return item;
    },
    variable: {
      kind: 'object',
      typeName: 'LoopContext',
      attribute: (name) => (Object.hasOwn(attributes, name) ? attributes[name]!() : undefined),
      length: count,
      call: ({ positional: [value] }) => {
        if (recurse === null)
          throw failed("The loop must have the 'recursive' marker to be called recursively.");
        if (value === undefined) throw failed('loop() needs what to go through');
        return recurse(value, depth0 + 1);
      },
      repr: () => `<LoopContext ${index0 + 1}/${count()}>`,
    },
  };
};

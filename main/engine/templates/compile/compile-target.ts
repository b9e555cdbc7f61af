import type { Target } from '../syntax/nodes.ts';
import { unpack } from '../python/repr.ts';
import { isKind, tuple, type Value } from '../python/values.ts';
import { readSlot, type Scope } from './scope.ts';
import { slotOf, type Symbols } from '../syntax/symbols.ts';
import { failed, unsupported } from '../template-error.ts';

type Assign = (scope: Scope, value: Value) => void;

export const compileTarget = (target: Target, symbols: Symbols): Assign => {
  switch (target.type) {
    case 'name': {
      const slot = slotOf(symbols, target.name);
      return (scope, value) => void scope.slots.set(slot, value);
    }
    case 'member': {
      const slot = slotOf(symbols, target.name);
      const { attribute } = target;
      return (scope, value) => {
        const namespace = readSlot(scope, slot)!;
        if (!isKind(namespace, 'object') || namespace.assign === undefined)
          throw unsupported('assigning to a member of what is no namespace');
        namespace.assign(attribute, value);
      };
    }
    case 'targets': {
      const parts = target.items.map((item) => compileTarget(item, symbols));
      return (scope, value) => {
        const values = unpack(value, parts.length);
        for (const [index, part] of parts.entries()) part(scope, values[index]!);
      };
    }
  }
};

export const checkNamespaces = (target: Target, symbols: Symbols): ((scope: Scope) => void) => {
  const names = membersOf(target).map((name) => slotOf(symbols, name));
  return (scope) => {
    for (const slot of names) {
      const value = readSlot(scope, slot);
      if (value === undefined || !isKind(value, 'object') || value.assign === undefined)
        throw failed('cannot assign attribute on non-namespace object');
    }
  };
};

const membersOf = (target: Target): string[] =>
  target.type === 'member' ? [target.name] : target.type === 'targets' ? target.items.flatMap(membersOf) : [];

/** Several names come back as a tuple, whatever they were unpacked from. */
export const compileRepack = (target: Target, symbols: Symbols): ((scope: Scope) => Value) => {
  if (target.type === 'targets') {
    const parts = target.items.map((item) => compileRepack(item, symbols));
    return (scope) => tuple(...parts.map((part) => part(scope)));
  }
  const slot = slotOf(symbols, target.name);
  return (scope) => readSlot(scope, slot)!;
};

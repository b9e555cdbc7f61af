import { bind } from '../python/arguments.ts';
import { fromKeys } from '../python/container-methods.ts';
import { each, rangeLength } from '../python/iterate.ts';
import { repr, str, textOf, unpack } from '../python/repr.ts';
import { strftime } from '../python/strftime.ts';
import {
  dict,
  functionValue,
  integerOf,
  isInteger,
  isKind,
  isUndefined,
  typeName,
  type Arguments,
  type ObjectValue,
  type Value,
} from '../python/values.ts';
import { failed, TemplateError, unsupported } from '../template-error.ts';

/** What a template finds beside its variables: Jinja2's globals and those that transformers adds. */
export const globals = (date: Date | null): ReadonlyMap<string, Value> =>
  new Map<string, Value>([
    ...fixedGlobals,
    [
      'strftime_now',
      functionValue('strftime_now', (args) => {
        const [format] = bind('strftime_now', 'format', args);
        if (date === null) throw unsupported('strftime_now, as no date is given');
        return strftime(date, textOf(format!, 'strftime_now'));
      }),
    ],
  ]);

/** dict(mapping or pairs, **named) */
const makeDict = (args: Arguments): ReturnType<typeof dict> => {
  const [source, ...more] = args.positional;
  if (more.length > 0) throw failed(`dict expected at most 1 argument, got ${args.positional.length}`);
  const pairs =
    source === undefined
      ? []
      : isKind(source, 'dict')
        ? [...source.entries.values()]
        : [...each(source)].map((pair) => unpack(pair, 2) as [Value, Value]);
  return dict([...pairs, ...args.named]);
};

const makeNamespace = (args: Arguments): ObjectValue => {
  const attributes = new Map<string, Value>();
  const set = (name: string, value: Value): void => {
    if (name.startsWith('_'))
      throw failed(
        `Chat templates cannot store underscore-prefixed attributes on a namespace, but got '${name}'.`,
      );
    attributes.set(name, value);
  };
  for (const [key, value] of makeDict(args).entries.values()) {
    if (typeof key !== 'string') throw unsupported('a namespace with a name that is no text');
    set(key, value);
  }
  return {
    kind: 'object',
    typeName: 'Namespace',
    attribute: (name) => attributes.get(name),
    assign: set,
    repr: () => `<Namespace ${repr(dict(attributes))}>`,
  };
};

const longestRange = 100_000n;

const makeRange = ({ positional, named }: Arguments): Value => {
  if (named.size > 0) throw failed('range() takes no keyword arguments');
  if (positional.length === 0 || positional.length > 3) throw failed('range takes 1 to 3 arguments');
  const numbers = positional.map((value) => {
    if (isUndefined(value)) throw failed(value.message);
    if (!isInteger(value)) throw failed(`'${typeName(value)}' object cannot be interpreted as an integer`);
    return integerOf(value);
  });
  const [start, stop, step = 1n] =
    numbers.length === 1 ? [0n, numbers[0]!] : (numbers as [bigint, bigint, bigint?]);
  if (step === 0n) throw failed('range() arg 3 must not be zero');
  const range = { kind: 'range', start, stop, step } as const;
  if (rangeLength(range) > longestRange) throw failed(`Range too big: more than ${longestRange} items`);
  return range;
};

const makeCycler = ({ positional: items, named }: Arguments): Value => {
  if (items.length === 0 || named.size > 0) throw failed('at least one item has to be provided');
  let position = 0;
  const next = functionValue('next', () => {
    const item = items[position]!;
    position = (position + 1) % items.length;
    return item;
  });
  const reset = functionValue('reset', () => {
    position = 0;
    return null;
  });
  const attributes: Record<string, () => Value> = {
    next: () => next,
    reset: () => reset,
    current: () => items[position]!,
    pos: () => BigInt(position),
    items: () => ({ kind: 'tuple', items }),
  };
  return {
    kind: 'object',
    typeName: 'Cycler',
    attribute: (name) => (Object.hasOwn(attributes, name) ? attributes[name]!() : undefined),
  };
};

const makeJoiner = (args: Arguments): Value => {
  const [separator = ', '] = bind('joiner', 'sep?', args);
  let used = false;
  return {
    kind: 'object',
    typeName: 'Joiner',
    attribute: (name) => (name === 'sep' ? separator : name === 'used' ? used : undefined),
    call: () => {
      if (used) return separator;
      used = true;
      return '';
    },
  };
};

const fixedGlobals: (readonly [string, Value])[] = [
  [
    'raise_exception',
    functionValue('raise_exception', (args) => {
      const [message] = bind('raise_exception', 'message', args);
      throw new TemplateError('raised', str(message!));
    }),
  ],
  ['range', functionValue('range', makeRange)],
  [
    'dict',
    {
      kind: 'object',
      typeName: 'TemplateDict',
      attribute: (name) => (name === 'fromkeys' ? functionValue('fromkeys', fromKeys) : undefined),
      call: makeDict,
    },
  ],
  ['namespace', functionValue('namespace', makeNamespace)],
  ['cycler', functionValue('cycler', makeCycler)],
  ['joiner', functionValue('joiner', makeJoiner)],
  [
    'lipsum',
    functionValue('lipsum', () => {
      throw unsupported('the random text of lipsum');
    }),
  ],
];

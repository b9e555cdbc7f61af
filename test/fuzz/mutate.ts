import type { Random } from '../../main/engine/random.ts';

const oneOf = <Item>(random: Random, items: readonly Item[]): Item => items[random.integer(items.length)]!;

/** Values that have broken readers before: ends of ranges, other kinds, names that JavaScript knows, texts that are patterns. */
const values: readonly (() => unknown)[] = [
  ...[
    null,
    true,
    false,
    0,
    -1,
    1,
    2,
    0.5,
    1e9,
    2 ** 31,
    2 ** 53,
    1e308,
    '',
    'x',
    '\ud800',
    '\u0000',
    '../x',
    '/dev/zero',
  ].map((value) => () => value),
  () => [],
  () => ({}),
  () => ({ toString: 1 }),
  () => JSON.parse('{"__proto__":{"polluted":1}}') as unknown,
  () => Array<number>(2000).fill(7),
  () => 'a'.repeat(100_000),
  () => '('.repeat(1500),
  () => '(a+)+$',
  () => '(?:(?:\\s|\\s\\s)+)+x',
  () => '\u202e\n\u001b[2J',
  () => {
    let deep: unknown = 1;
    for (let level = 0; level < 400; level++) deep = [deep];
    return deep;
  },
];

const keys = ['__proto__', 'constructor', 'toString', 'length', '', 'type', 'x', '\ud800'];

interface Place {
  readonly holder: Record<string, unknown> | unknown[];
  readonly key: string | number;
}

const placesOf = (value: unknown, places: Place[] = []): Place[] => {
  if (typeof value !== 'object' || value === null || places.length > 3000) return places;
  for (const key of Object.keys(value)) {
    const at = Array.isArray(value) ? Number(key) : key;
    places.push({ holder: value as Place['holder'], key: at });
    placesOf((value as Record<string, unknown>)[key], places);
  }
  return places;
};

const set = ({ holder, key }: Place, value: unknown): void => {
  Object.defineProperty(holder, key, { value, enumerable: true, writable: true, configurable: true });
};
const get = ({ holder, key }: Place): unknown => (holder as Record<string | number, unknown>)[key];

/** A JSON value with one to four of its parts changed, dropped, doubled, moved or renamed. */
export const mutateJson = (value: unknown, random: Random): unknown => {
  const copy = { root: structuredClone(value) };
  for (let changes = 1 + random.integer(4); changes > 0; changes--) {
    const places = placesOf(copy);
    const place = oneOf(random, places);
    const other = oneOf(random, places);
    const { holder, key } = place;
    switch (random.integer(7)) {
      case 0:
      case 1:
        set(place, oneOf(random, values)());
        break;
      case 2:
        if (holder !== copy) Reflect.deleteProperty(holder, key);
        break;
      case 3:
        set(place, structuredClone(get(other)));
        break;
      case 4:
        if (holder !== copy && !Array.isArray(holder)) set({ holder, key: oneOf(random, keys) }, get(place));
        break;
      case 5:
        if (Array.isArray(holder))
          holder.splice(Number(key), 0, ...Array<unknown>(1 + random.integer(20)).fill(get(place)));
        else set(place, [get(place)]);
        break;
      default:
        if (typeof get(place) === 'number')
          set(place, (get(place) as number) * oneOf(random, [-1, 2, 1000, 1e6, 0.5]));
        else if (typeof get(place) === 'string') set(place, mutateText(get(place) as string, random));
    }
  }
  return copy.root;
};

const marks = [
  '{',
  '}',
  '[',
  ']',
  '(',
  ')',
  '"',
  "'",
  ',',
  ':',
  '\\',
  '\n',
  '\r',
  '\t',
  '\0',
  '\ufeff',
  '%}',
  '{{',
  '{%',
  '- ',
  '&a ',
  '*a',
  '1e999',
  'NaN',
  '𝒳',
  '|',
  '<',
  '#',
];

/** A text with parts dropped, doubled, moved, or marks put in. */
export const mutateText = (text: string, random: Random): string => {
  let made = text;
  for (let changes = 1 + random.integer(4); changes > 0; changes--) {
    const at = random.integer(made.length + 1);
    const end = Math.min(made.length, at + random.integer(20));
    switch (random.integer(5)) {
      case 0:
        made = made.slice(0, at) + made.slice(end);
        break;
      case 1:
        made = made.slice(0, at) + made.slice(at, end).repeat(1 + random.integer(50)) + made.slice(end);
        break;
      case 2:
        made =
          made.slice(0, at) +
          oneOf(random, marks).repeat(1 + random.integer(random.integer(20) === 0 ? 3000 : 3)) +
          made.slice(at);
        break;
      case 3: {
        const from = random.integer(made.length + 1);
        made = made.slice(0, at) + made.slice(from, from + random.integer(60)) + made.slice(end);
        break;
      }
      default:
        made =
          made.slice(0, at) +
          String.fromCharCode(random.integer(random.integer(8) === 0 ? 0x10000 : 0x7f)) +
          made.slice(at + 1);
    }
  }
  return made;
};

/** Bytes with some of them changed, cut off, or put in again elsewhere. */
export const mutateBytes = (bytes: Uint8Array, random: Random): Buffer => {
  let made = Buffer.from(bytes);
  for (let changes = 1 + random.integer(4); changes > 0; changes--) {
    const at = random.integer(made.length + 1);
    const end = Math.min(made.length, at + random.integer(64));
    switch (random.integer(4)) {
      case 0:
        if (at < made.length) made[at] = random.integer(256);
        break;
      case 1:
        made = made.subarray(0, at);
        break;
      case 2:
        made = Buffer.concat([made.subarray(0, at), made.subarray(at, end), made.subarray(at)]);
        break;
      default:
        made = Buffer.concat([made.subarray(0, at), made.subarray(end)]);
    }
  }
  return made;
};

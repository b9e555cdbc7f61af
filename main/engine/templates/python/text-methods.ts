import { failed, unsupported } from '../template-error.ts';
import { bind, countOf } from './arguments.ts';
import { listOf } from './iterate.ts';
import {
  isSpace,
  lengthOf,
  sliceText,
  split,
  splitFromEnd,
  splitLines,
  strip,
  unitIndexOf,
  type Side,
} from './characters.ts';
import {
  capitalize,
  isAlphabetic,
  isAlphanumeric,
  isAscii,
  isDecimal,
  isDigit,
  isLower,
  isPrintable,
  isTitle,
  isUpper,
  pad,
  swapCase,
  titleCase,
} from './letter-case.ts';
import { spendCharacters } from '../work.ts';
import { textOf } from './repr.ts';
import { isKind, list, tuple, typeName, type Arguments, type Value } from './values.ts';

export type Method<Self> = (self: Self, args: Arguments) => Value;

/** Positions from..to as Python clips them. @param length of what they count in */
export const clip = (value: Value | undefined, length: number, absent: number): number => {
  if (value === undefined || value === null) return absent;
  const index = countOf(value, 'a position');
  return index < 0 ? Math.max(0, index + length) : index;
};

/** The part of a text that start and end select, and the code point it begins at; null where start is behind the end. */
const part = (text: string, start: Value | undefined, end: Value | undefined): [string, number] | null => {
  const length = lengthOf(text);
  const from = clip(start, length, 0);
  const to = Math.min(length, clip(end, length, length));
  return from > to ? null : [sliceText(text, from, to), from];
};

const plain =
  (name: string, make: (text: string) => Value): Method<string> =>
  (text, args) => {
    bind(name, '', args);
    return make(text);
  };

const stripping =
  (name: string, side: Side): Method<string> =>
  (text, args) => {
    const [characters = null] = bind(name, '/characters?', args);
    return strip(text, characters === null ? null : textOf(characters, name), side);
  };

const splitting =
  (name: string, cut: typeof split): Method<string> =>
  (text, args) => {
    const [separator = null, limit] = bind(name, 'sep? maxsplit?', args);
    const by = separator === null ? null : textOf(separator, name);
    if (by === '') throw failed('empty separator');
    return list(cut(text, by, limit === undefined ? -1 : countOf(limit, name)));
  };

const finding =
  (name: string, find: (text: string, what: string) => number, strict: boolean): Method<string> =>
  (text, args) => {
    const [what, start, end] = bind(name, '/sub /start? /end?', args);
    const wanted = textOf(what!, name);
    const within = part(text, start, end);
    const found = within === null ? -1 : find(within[0], wanted);
    if (found !== -1) return BigInt(within![1] + lengthOf(within![0].slice(0, found)));
    if (strict) throw failed('substring not found');
    return -1n;
  };

const matching =
  (name: string, matches: (text: string, affix: string) => boolean): Method<string> =>
  (text, args) => {
    const [affix, start, end] = bind(name, '/prefix /start? /end?', args);
    const affixes = isKind(affix!, 'tuple') ? affix.items : [affix!];
    const wanted = affixes.map((item) => textOf(item, name));
    const within = part(text, start, end);
    return within !== null && wanted.some((item) => matches(within[0], item));
  };

const partitioning =
  (
    name: string,
    find: (text: string, what: string) => number,
    absent: (text: string) => Value,
  ): Method<string> =>
  (text, args) => {
    const by = textOf(bind(name, '/sep', args)[0]!, name);
    if (by === '') throw failed('empty separator');
    const at = find(text, by);
    return at === -1 ? absent(text) : tuple(text.slice(0, at), by, text.slice(at + by.length));
  };

const padding =
  (name: string, where: 'left' | 'right' | 'center'): Method<string> =>
  (text, args) => {
    const [width, fill = ' '] = bind(name, '/width /fillchar?', args);
    const filler = textOf(fill, name);
    if (lengthOf(filler) !== 1) throw failed('The fill character must be exactly one character long');
    return pad(text, countOf(width!, name), filler, where);
  };

const every = (test: (text: string) => boolean) => (text: string) => test(text);

/** The methods of str. What Python has beyond these is refused by its name. */
export const textMethods: Readonly<Record<string, Method<string>>> = {
  capitalize: plain('capitalize', capitalize),
  center: padding('center', 'center'),
  count: (text, args) => {
    const [what, start, end] = bind('count', '/sub /start? /end?', args);
    const wanted = textOf(what!, 'count');
    const within = part(text, start, end);
    if (within === null) return 0n;
    if (wanted === '') return BigInt(lengthOf(within[0]) + 1);
    return BigInt(within[0].split(wanted).length - 1);
  },
  endswith: matching('endswith', (text, suffix) => text.endsWith(suffix)),
  expandtabs: (text, args) => {
    const [size = 8n] = bind('expandtabs', 'tabsize?', args);
    return expandTabs(text, countOf(size, 'expandtabs'));
  },
  find: finding('find', (text, what) => text.indexOf(what), false),
  index: finding('index', (text, what) => text.indexOf(what), true),
  isalnum: plain('isalnum', every(isAlphanumeric)),
  isalpha: plain('isalpha', every(isAlphabetic)),
  isascii: plain('isascii', isAscii),
  isdecimal: plain('isdecimal', isDecimal),
  isdigit: plain('isdigit', isDigit),
  islower: plain('islower', isLower),
  isprintable: plain('isprintable', isPrintable),
  isspace: plain('isspace', isSpace),
  istitle: plain('istitle', isTitle),
  isupper: plain('isupper', isUpper),
  join: (text, args) => {
    const [items] = bind('join', '/iterable', args);
    const texts = listOf(items!).map((item, index) => {
      if (typeof item !== 'string' && !isKind(item, 'markup'))
        throw failed(`sequence item ${index}: expected str instance, ${typeName(item)} found`);
      return textOf(item, 'join');
    });
    return joinTexts(texts, text);
  },
  ljust: padding('ljust', 'right'),
  lower: plain('lower', (text) => text.toLowerCase()),
  lstrip: stripping('lstrip', 'left'),
  partition: partitioning(
    'partition',
    (text, by) => text.indexOf(by),
    (text) => tuple(text, '', ''),
  ),
  removeprefix: (text, args) => {
    const prefix = textOf(bind('removeprefix', '/prefix', args)[0]!, 'removeprefix');
    return text.startsWith(prefix) ? text.slice(prefix.length) : text;
  },
  removesuffix: (text, args) => {
    const suffix = textOf(bind('removesuffix', '/suffix', args)[0]!, 'removesuffix');
    return suffix !== '' && text.endsWith(suffix) ? text.slice(0, -suffix.length) : text;
  },
  replace: (text, args) => {
    const [old, replacement, count] = bind('replace', '/old /new /count?', args);
    return replaceText(
      text,
      textOf(old!, 'replace'),
      textOf(replacement!, 'replace'),
      count === undefined ? -1 : countOf(count, 'replace'),
    );
  },
  rfind: finding('rfind', (text, what) => text.lastIndexOf(what), false),
  rindex: finding('rindex', (text, what) => text.lastIndexOf(what), true),
  rjust: padding('rjust', 'left'),
  rpartition: partitioning(
    'rpartition',
    (text, by) => text.lastIndexOf(by),
    (text) => tuple('', '', text),
  ),
  rsplit: splitting('rsplit', splitFromEnd),
  rstrip: stripping('rstrip', 'right'),
  split: splitting('split', split),
  splitlines: (text, args) => {
    const [keepEnds = false] = bind('splitlines', 'keepends?', args);
    return list(splitLines(text, countOf(keepEnds, 'splitlines') !== 0));
  },
  startswith: matching('startswith', (text, prefix) => text.startsWith(prefix)),
  strip: stripping('strip', 'both'),
  swapcase: plain('swapcase', swapCase),
  title: plain('title', titleCase),
  upper: plain('upper', (text) => text.toUpperCase()),
  zfill: (text, args) => {
    const width = countOf(bind('zfill', '/width', args)[0]!, 'zfill');
    const sign = /^[+-]/.exec(text)?.[0] ?? '';
    return sign + pad(text.slice(sign.length), width - sign.length, '0', 'left');
  },
};

/** Known to Python, but not done here. */
export const otherTextMethods = ['casefold', 'encode', 'isidentifier', 'isnumeric', 'maketrans', 'translate'];

/** Joins texts that may be long with one that may be long. */
export const joinTexts = (texts: readonly string[], between: string): string => {
  spendCharacters(texts.reduce((sum, text) => sum + text.length + between.length, 0));
  return texts.join(between);
};

/** str.replace. @param limit replacements at most; below 0 for all */
export const replaceText = (text: string, old: string, replacement: string, limit: number): string => {
  if (limit === 0) return text;
  if (old !== '') return joinTexts(split(text, old, limit), replacement);
  // Between all characters, and at both ends.
  const characters = Array.from(text);
  spendCharacters(text.length + replacement.length * (characters.length + 1));
  const places = limit < 0 ? characters.length + 1 : Math.min(limit, characters.length + 1);
  return characters
    .map((character, index) => (index < places ? replacement : '') + character)
    .join('')
    .concat(places > characters.length ? replacement : '');
};

const expandTabs = (text: string, tabSize: number): string => {
  let column = 0;
  return Array.from(text, (character) => {
    if (character === '\t') {
      const width = tabSize > 0 ? tabSize - (column % tabSize) : 0;
      spendCharacters(width);
      column += width;
      return ' '.repeat(width);
    }
    column = character === '\n' || character === '\r' ? 0 : column + 1;
    return character;
  }).join('');
};

export const characterAt = (text: string, index: number): string | undefined => {
  const length = lengthOf(text);
  const at = index < 0 ? index + length : index;
  if (at < 0 || at >= length) return undefined;
  const unit = unitIndexOf(text, at);
  return String.fromCodePoint(text.codePointAt(unit)!);
};

export const refuseMethod = (type: string, name: string): Error =>
  unsupported(`the method ${name} of ${type}`);

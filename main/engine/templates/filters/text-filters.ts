import { bind, countOf } from '../python/arguments.ts';
import { escapeText } from '../python/arithmetic.ts';
import { lengthOf, sliceText, spaceClass, splitFromEnd, splitLines, strip } from '../python/characters.ts';
import { each, isTrue } from '../python/iterate.ts';
import { capitalize, pad } from '../python/letter-case.ts';
import { formatPercent } from '../python/percent-format.ts';
import { str, textOf, unpack } from '../python/repr.ts';
import { replaceText } from '../python/text-methods.ts';
import { dict, isKind, markup, tuple, type Value } from '../python/values.ts';
import type { Filter } from './filter-table.ts';
import { failed, unsupported } from '../template-error.ts';
import { spendCharacters } from '../work.ts';

/** What filters that begin with soft_str take: anything, as text. */
const softText = (value: Value, what: string): string => {
  if (isKind(value, 'markup')) throw unsupported(`${what} of a text that is marked as safe`);
  return str(value);
};

const plain =
  (name: string, make: (text: string) => Value): Filter =>
  (value, args) => {
    bind(name, '', args);
    return make(softText(value, name));
  };

const escape: Filter = (value, args) => {
  bind('escape', '', args);
  return isKind(value, 'markup') ? value : markup(escapeText(str(value)));
};

const wordStart = new RegExp(`([-${spaceClass}({[<]+)`);

export const textFilters: Readonly<Record<string, Filter>> = {
  capitalize: plain('capitalize', capitalize),
  center: (value, args) => {
    const [width = 80n] = bind('center', 'width?', args);
    return pad(softText(value, 'center'), countOf(width, 'center'), ' ', 'center');
  },
  e: escape,
  escape,
  format: (value, { positional, named }) => {
    if (positional.length > 0 && named.size > 0)
      throw failed("can't handle positional and keyword arguments at the same time");
    return formatPercent(softText(value, 'format'), named.size > 0 ? dict(named) : tuple(...positional));
  },
  indent: (value, args) => {
    const [width = 4n, first = false, blank = false] = bind('indent', 'width? first? blank?', args);
    const by = typeof width === 'string' ? width : pad('', countOf(width, 'indent'), ' ', 'right');
    return indent(textOf(value, 'indent'), by, isTrue(first), isTrue(blank));
  },
  lower: plain('lower', (text) => text.toLowerCase()),
  replace: (value, args) => {
    const [old, replacement, count = null] = bind('replace', 'old new count?', args);
    const limit = count === null ? -1 : countOf(count, 'replace');
    return replaceText(softText(value, 'replace'), str(old!), str(replacement!), limit);
  },
  safe: (value, args) => {
    bind('safe', '', args);
    return isKind(value, 'markup') ? value : markup(str(value));
  },
  string: (value, args) => {
    bind('string', '', args);
    return isKind(value, 'markup') ? value : str(value);
  },
  title: plain('title', (text) =>
    text
      .split(wordStart)
      .filter((part) => part !== '')
      .map((part) => {
        const [first = ''] = Array.from(part);
        return first.toUpperCase() + part.slice(first.length).toLowerCase();
      })
      .join(''),
  ),
  trim: (value, args) => {
    const [characters = null] = bind('trim', 'chars?', args);
    return strip(softText(value, 'trim'), characters === null ? null : textOf(characters, 'trim'), 'both');
  },
  truncate: (value, args) => {
    const [length = 255n, killWords = false, end = '...', leeway = null] = bind(
      'truncate',
      'length? killwords? end? leeway?',
      args,
    );
    const text = textOf(value, 'truncate');
    const ending = textOf(end, 'truncate');
    const keep = countOf(length, 'truncate') - lengthOf(ending);
    const spare = leeway === null ? 5 : countOf(leeway, 'truncate');
    if (keep < 0 || spare < 0) throw failed('truncate: the length is less than that of its end');
    if (lengthOf(text) <= keep + lengthOf(ending) + spare) return text;
    const cut = sliceText(text, 0, keep);
    return (isTrue(killWords) ? cut : splitFromEnd(cut, ' ', 1)[0]!) + ending;
  },
  upper: plain('upper', (text) => text.toUpperCase()),
  urlencode: (value, args) => {
    bind('urlencode', '', args);
    return urlEncode(value);
  },
  wordcount: plain('wordcount', (text) => BigInt(text.match(/[\p{L}\p{N}_]+/gu)?.length ?? 0)),
};

const indent = (text: string, by: string, first: boolean, blank: boolean): string => {
  const lines = splitLines(`${text}\n`);
  spendCharacters(text.length + by.length * (lines.length + 1));
  const made = blank
    ? lines.join(`\n${by}`)
    : lines.map((line, index) => (index === 0 || line === '' ? line : by + line)).join('\n');
  return first ? by + made : made;
};

const urlEncode = (value: Value): Value => {
  const isPlain =
    typeof value !== 'object' || value === null || isKind(value, 'markup') || isKind(value, 'object');
  if (isPlain) return quoteUrl(str(value), '/');
  const pairs = isKind(value, 'dict')
    ? [...value.entries.values()]
    : [...each(value)].map((pair) => unpack(pair, 2));
  return pairs
    .map((pair) => pair.map((part) => quoteUrl(str(part), '').replaceAll('%20', '+')).join('='))
    .join('&');
};

const quoteUrl = (text: string, safe: string): string => {
  if (!text.isWellFormed()) throw failed('surrogates not allowed');
  return Array.from(new TextEncoder().encode(text), (byte) => {
    const character = String.fromCharCode(byte);
    return /[\w.~-]/.test(character) || safe.includes(character)
      ? character
      : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }).join('');
};

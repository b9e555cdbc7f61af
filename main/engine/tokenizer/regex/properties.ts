import { decodeRanges, tableRanges, type CodePointRanges } from '../unicode/code-point-set.ts';
import tables from '../unicode/tables.json' with { type: 'json' };
import { complement, intersection, rangesOf, union } from './ranges.ts';

/*
 * The classes of characters that Oniguruma 6.9 knows by name, with Unicode 16's general categories. Names are compared without
 * case, spaces, hyphens and underscores.
 */

const categories = new Map(
  Object.entries(tables.categories).map(([name, encoded]) => [name, decodeRanges(encoded)]),
);

const category = (...names: readonly string[]): CodePointRanges =>
  union([...categories].filter(([name]) => names.some((start) => name.startsWith(start))).map(([, r]) => r));

const ascii = (first: string, last: string): CodePointRanges => [[first.charCodeAt(0), last.charCodeAt(0)]];

const unassigned = (): CodePointRanges => complement(union([...categories.values(), [[0xd800, 0xdfff]]]));
const whiteSpace = (): CodePointRanges => tableRanges('whiteSpace');
const word = (): CodePointRanges => tableRanges('regexWord');
// U+0295 was a small letter until Unicode 17
const lowercase = (): CodePointRanges => union([engineRanges('Lowercase'), category('Ll')]);
const hexDigits = (): CodePointRanges => union([ascii('0', '9'), ascii('a', 'f'), ascii('A', 'F')]);

/** Each with its category letters. */
const categoryNames: Readonly<Record<string, readonly string[]>> = {
  letter: ['L'],
  uppercaseletter: ['Lu'],
  lowercaseletter: ['Ll'],
  titlecaseletter: ['Lt'],
  casedletter: ['Lu', 'Ll', 'Lt'],
  lc: ['Lu', 'Ll', 'Lt'],
  modifierletter: ['Lm'],
  otherletter: ['Lo'],
  mark: ['M'],
  nonspacingmark: ['Mn'],
  spacingmark: ['Mc'],
  enclosingmark: ['Me'],
  number: ['N'],
  decimalnumber: ['Nd'],
  letternumber: ['Nl'],
  othernumber: ['No'],
  punctuation: ['P'],
  connectorpunctuation: ['Pc'],
  dashpunctuation: ['Pd'],
  openpunctuation: ['Ps'],
  closepunctuation: ['Pe'],
  initialpunctuation: ['Pi'],
  finalpunctuation: ['Pf'],
  otherpunctuation: ['Po'],
  symbol: ['S'],
  mathsymbol: ['Sm'],
  currencysymbol: ['Sc'],
  modifiersymbol: ['Sk'],
  othersymbol: ['So'],
  separator: ['Z'],
  spaceseparator: ['Zs'],
  lineseparator: ['Zl'],
  paragraphseparator: ['Zp'],
  control: ['Cc'],
  format: ['Cf'],
  privateuse: ['Co'],
};

const letters = ['L', 'M', 'N', 'P', 'S', 'Z', ...categories.keys()];

const named: Readonly<Record<string, () => CodePointRanges>> = {
  ...Object.fromEntries(letters.map((name) => [name.toLowerCase(), () => category(name)])),
  ...Object.fromEntries(
    Object.entries(categoryNames).map(([name, starts]) => [name, () => category(...starts)]),
  ),
  any: () => complement([]),
  ascii: () => [[0, 0x7f]],
  assigned: () => complement(unassigned()),
  cn: unassigned,
  unassigned,
  digit: () => category('Nd'),
  space: whiteSpace,
  whitespace: whiteSpace,
  xdigit: hexDigits,
  cntrl: () => category('Cc'),
  blank: () => union([category('Zs'), rangesOf(9)]),
  alpha: () => engineRanges('Alphabetic'),
  alphabetic: () => engineRanges('Alphabetic'),
  alnum: () => union([engineRanges('Alphabetic'), category('Nd')]),
  upper: () => engineRanges('Uppercase'),
  uppercase: () => engineRanges('Uppercase'),
  lower: lowercase,
  lowercase,
  punct: () => category('P'),
};

const scripts = [
  'Arabic', 'Armenian', 'Bengali', 'Bopomofo', 'Common', 'Cyrillic', 'Devanagari', 'Ethiopic', 'Georgian', 'Greek',
  'Gujarati', 'Gurmukhi', 'Han', 'Hangul', 'Hebrew', 'Hiragana', 'Inherited', 'Kannada', 'Katakana', 'Khmer', 'Lao',
  'Latin', 'Malayalam', 'Mongolian', 'Myanmar', 'Oriya', 'Sinhala', 'Tamil', 'Telugu', 'Thaana', 'Thai', 'Tibetan',
]; // prettier-ignore

const scriptNames = new Map(scripts.map((name) => [name.toLowerCase(), name]));

/** The characters of a class, or undefined where the name is not known. */
export const propertyRanges = (name: string): CodePointRanges | undefined => {
  const plain = name.toLowerCase().replaceAll(/[\s_-]/g, '');
  const ranges = Object.hasOwn(named, plain) ? named[plain] : undefined;
  if (ranges !== undefined) return ranges();
  const script = scriptNames.get(plain);
  return script === undefined ? undefined : engineRanges(`Script=${script}`);
};

const bracketNames = [
  'alnum', 'alpha', 'blank', 'cntrl', 'digit', 'lower', 'punct', 'space', 'upper', 'xdigit',
]; // prettier-ignore

/** What [[:name:]] stands for: as the property, but for punct, which takes in symbols. */
export const bracketRanges = (name: string): CodePointRanges | undefined => {
  if (!bracketNames.includes(name)) return undefined;
  return name === 'punct' ? category('P', 'S') : propertyRanges(name);
};

/** Characters hardly ever change, new ones come: so of the JavaScript engine's those that Unicode 16 has. */
const engineRanges = (property: string): CodePointRanges => {
  const holds = new RegExp(`\\p{${property}}`, 'u');
  const ranges: [number, number][] = [];
  for (const [first, last] of complement(unassigned()))
    for (let codePoint = first; codePoint <= last; codePoint++) {
      if (!holds.test(String.fromCodePoint(codePoint))) continue;
      const previous = ranges.at(-1);
      if (previous?.[1] === codePoint - 1) previous[1] = codePoint;
      else ranges.push([codePoint, codePoint]);
    }
  return ranges;
};

/** Does a class hold with each letter all its other cases? */
export const isClosedUnderCase = (ranges: CodePointRanges): boolean => {
  const cased = category('Lu', 'Ll', 'Lt');
  const inside = intersection(ranges, cased);
  return inside.length === 0 || intersection(complement(ranges), cased).length === 0;
};

/** What \s, \d, \w and \h stand for, and in capitals their opposites. */
export const shorthandRanges: Readonly<Record<string, () => CodePointRanges>> = {
  s: whiteSpace,
  d: () => category('Nd'),
  w: word,
  h: hexDigits,
  S: () => complement(whiteSpace()),
  D: () => complement(category('Nd')),
  W: () => complement(word()),
  H: () => complement(hexDigits()),
};

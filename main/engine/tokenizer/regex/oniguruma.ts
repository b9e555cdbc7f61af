import { WorkbenchError } from '../../errors.ts';
import { parseClass, propertyEscape, type Cursor } from './class-syntax.ts';
import { foldLetter, foldRanges, refuseLongFolds } from './case-folding.ts';
import { shorthandRanges } from './properties.ts';
import { classSource, complement, rangesOf, spell } from './ranges.ts';
import { readEscapedCharacter } from './escapes.ts';
import type { CodePointRanges } from '../unicode/code-point-set.ts';

interface Options {
  /** (?i) */
  readonly ignoresCase: boolean;
  /** (?m), Ruby's: the dot matches line breaks */
  readonly dotMatchesAll: boolean;
}

/** In characters. Classes within classes are read by functions within functions, whose depth is bounded by this. */
const longestPattern = 2000;
const deepestNesting = 100;

const start = '(?<![^])';
const end = '(?![^])';

const anchors: Readonly<Record<string, string>> = {
  '^': `(?:${start}|(?<=\\n)(?=[^]))`,
  $: `(?=\\n|${end})`,
};

const wordSource = (): string => classSource(shorthandRanges['w']!());

const escapedAnchors: Readonly<Record<string, () => string>> = {
  A: () => start,
  z: () => end,
  Z: () => `(?=\\n?${end})`,
  b: () => `(?:(?<=${wordSource()})(?!${wordSource()})|(?<!${wordSource()})(?=${wordSource()}))`,
  B: () => `(?:(?<=${wordSource()})(?=${wordSource()})|(?<!${wordSource()})(?!${wordSource()}))`,
};

/**
 * A regular expression in Oniguruma's Ruby syntax, which the `tokenizers` crate uses, as one of JavaScript: with Unicode 16's
 * classes spelled out, possessive quantifiers and atomic groups as a lookahead and a reference back to what it took. No captures
 * are left.
 * @throws WorkbenchError for constructs that are not translated, naming them
 */
export const translateOniguruma = (pattern: string): RegExp => {
  if (pattern.length > longestPattern)
    throw new WorkbenchError(
      'unsupported',
      `a regular expression has ${pattern.length} characters; ${longestPattern} are read`,
    );
  const cursor: Cursor = { characters: Array.from(pattern), at: 0 };
  let atomicCount = 0;
  let nesting = 0;

  const atomic = (source: string): string => {
    const name = `atomic${++atomicCount}`;
    return `(?:(?=(?<${name}>${source}))\\k<${name}>)`;
  };

  const refuse = (construct: string): WorkbenchError =>
    new WorkbenchError(
      'unsupported',
      `the regular expression ${JSON.stringify(pattern)} uses ${construct}, which this version does not translate`,
    );

  const peek = (ahead = 0): string | undefined => cursor.characters[cursor.at + ahead];
  const follows = (text: string): boolean =>
    cursor.characters.slice(cursor.at, cursor.at + text.length).join('') === text;

  const setSource = (ranges: CodePointRanges, options: Options): string =>
    classSource(options.ignoresCase ? foldRanges(ranges, refuse) : ranges);

  /** Options that a group such as (?i) sets hold to the end of the group around it. */
  const alternatives = (options: Options, depth: number): string => {
    nesting += 1;
    if (nesting > deepestNesting) throw refuse(`groups more than ${deepestNesting} deep`);
    let current = options;
    let source = '';
    let lastLetter = '';
    while (cursor.at < cursor.characters.length) {
      if (peek() === ')') {
        if (depth === 0) throw refuse('a bracket ) without its opening one');
        break;
      }
      if (peek() === '|') {
        source += '|';
        lastLetter = '';
        cursor.at += 1;
        continue;
      }
      if (follows('(?')) {
        const switched = optionSwitch(current);
        if (switched !== null) {
          // (?i)a|b is (?i:a|b) in Ruby: what follows is a group of its own
          source += `(?:${alternatives(switched, depth)})`;
          current = switched;
          continue;
        }
      }
      const from = cursor.at;
      const term = atom(current, depth);
      const quantified = quantifiers(term);
      const letter = quantified === term && cursor.at === from + 1 ? cursor.characters[from]! : '';
      if (current.ignoresCase) refuseLongFolds(lastLetter, letter, refuse);
      lastLetter = letter;
      source += quantified;
    }
    nesting -= 1;
    return source;
  };

  const optionSwitch = (options: Options): Options | null => {
    const text = cursor.characters.slice(cursor.at, cursor.at + 12).join('');
    const match = /^\(\?([imx]*)(?:-([imx]*))?\)/.exec(text);
    if (match === null) return null;
    cursor.at += match[0].length;
    return withOptions(options, match[1]!, match[2] ?? '');
  };

  const withOptions = (options: Options, on: string, off: string): Options => {
    if (on.includes('x')) throw refuse('extended syntax (?x)');
    return {
      ignoresCase: (options.ignoresCase || on.includes('i')) && !off.includes('i'),
      dotMatchesAll: (options.dotMatchesAll || on.includes('m')) && !off.includes('m'),
    };
  };

  const atom = (options: Options, depth: number): string => {
    const character = peek()!;
    if (character === '(') return group(options, depth);
    if (character === '[') {
      const ranges = parseClass(cursor, refuse, options.ignoresCase ? foldRanges : undefined);
      return classSource(ranges);
    }
    if (character === '\\') return escape(options);
    cursor.at += 1;
    if (character === '.') return options.dotMatchesAll ? '[^]' : classSource(complement(rangesOf(0x0a)));
    const anchor = Object.hasOwn(anchors, character) ? anchors[character] : undefined;
    if (anchor !== undefined) return anchor;
    if ('*+?'.includes(character)) throw refuse(`the quantifier ${character} without something before it`);
    return literal(character.codePointAt(0)!, options);
  };

  const literal = (codePoint: number, { ignoresCase }: Options): string =>
    ignoresCase ? classSource(foldLetter(codePoint, refuse)) : spell(codePoint);

  const group = (options: Options, depth: number): string => {
    const openings: readonly [string, (inside: string) => string][] = [
      ['(?:', (inside) => `(?:${inside})`],
      ['(?=', (inside) => `(?=${inside})`],
      ['(?!', (inside) => `(?!${inside})`],
      ['(?<=', (inside) => lookBehind('(?<=', inside)],
      ['(?<!', (inside) => lookBehind('(?<!', inside)],
      ['(?>', atomic],
    ];
    const found = openings.find(([opening]) => follows(opening));
    if (found !== undefined) {
      cursor.at += found[0].length;
      return found[1](closed(options, depth));
    }
    const text = cursor.characters.slice(cursor.at, cursor.at + 60).join('');
    const switching = /^\(\?([imx]*)(?:-([imx]*))?:/.exec(text);
    if (switching !== null) {
      cursor.at += switching[0].length;
      return `(?:${closed(withOptions(options, switching[1]!, switching[2] ?? ''), depth)})`;
    }
    const comment = /^\(\?#[^)]*\)/.exec(text);
    if (comment !== null) {
      cursor.at += comment[0].length;
      return '(?:)';
    }
    const name = /^\(\?<\w+>/.exec(text);
    if (name === null && follows('(?')) throw refuse(`the group ${text.slice(0, 4)}`);
    cursor.at += name === null ? 1 : name[0].length;
    return `(?:${closed(options, depth)})`;
  };

  const lookBehind = (opening: string, inside: string): string => {
    // JavaScript matches these from right to left, which an atomic group would notice
    if (inside.includes('(?<atomic')) throw refuse('an atomic group in a look-behind');
    return `${opening}${inside})`;
  };

  const closed = (options: Options, depth: number): string => {
    const inside = alternatives(options, depth + 1);
    if (peek() !== ')') throw refuse('a bracket ( that is not closed');
    cursor.at += 1;
    return inside;
  };

  const escape = (options: Options): string => {
    const letter = peek(1);
    if (letter === undefined) throw refuse('a backslash at the end');
    if (Object.hasOwn(escapedAnchors, letter)) {
      cursor.at += 2;
      return escapedAnchors[letter]!();
    }
    if (letter === 'R') {
      cursor.at += 2;
      return atomic('(?:\\r\\n|[\\n-\\r\\u{85}\\u{2028}\\u{2029}])');
    }
    if (Object.hasOwn(shorthandRanges, letter)) {
      cursor.at += 2;
      return classSource(shorthandRanges[letter]!());
    }
    if (letter === 'p' || letter === 'P') return setSource(propertyEscape(cursor, refuse), options);
    return literal(readEscapedCharacter(cursor, refuse), options);
  };

  const quantifiers = (term: string): string => {
    let source = term;
    for (;;) {
      const sign = peek();
      if (sign === '*' || sign === '+' || sign === '?') {
        cursor.at += 1;
        source = closedQuantifier(source, sign);
        continue;
      }
      const interval = sign === '{' ? readInterval() : null;
      if (interval === null) return source;
      source = interval(source);
    }
  };

  /** Ruby's: a further + makes the quantifier possessive, a further ? reluctant. */
  const closedQuantifier = (term: string, sign: string): string => {
    if (peek() === '+') {
      cursor.at += 1;
      return atomic(`(?:${term})${sign}`);
    }
    if (peek() === '?') {
      cursor.at += 1;
      return `(?:${term})${sign}?`;
    }
    return `(?:${term})${sign}`;
  };

  /** {n}, {n,}, {n,m} and {,m}; anything else in braces is text. A + behind it is a quantifier of its own in Ruby. */
  const readInterval = (): ((term: string) => string) | null => {
    const text = cursor.characters.slice(cursor.at, cursor.at + 16).join('');
    const match = /^\{(\d*)(?:(,)(\d*))?\}(\??)/.exec(text);
    if (match === null || (match[1] === '' && (match[3] ?? '') === '')) return null;
    const [whole, from, comma, to = '', lazy = ''] = match;
    if (to !== '' && Number(from) > Number(to)) throw refuse(`the quantifier ${whole}`);
    cursor.at += whole.length;
    const bounds = `{${from === '' ? '0' : from}${comma ?? ''}${to}}`;
    if (comma === undefined && lazy !== '') return (term) => `(?:(?:${term})${bounds})?`;
    return (term) => `(?:${term})${bounds}${lazy}`;
  };

  const source = alternatives({ ignoresCase: false, dotMatchesAll: false }, 0);
  return new RegExp(source, 'gu');
};

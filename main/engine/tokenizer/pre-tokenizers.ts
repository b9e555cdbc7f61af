import { z } from 'zod';
import { WorkbenchError } from '../errors.ts';
import { checkLengths, prepend, replaceMatches, sliceOf, unitsAt, type AlignedText } from './aligned-text.ts';
import { spellBytes } from './byte-alphabet.ts';
import {
  characterShape,
  part,
  patternShape,
  patternSpans,
  readPart,
  readParts,
  type PartTable,
} from './parts.ts';
import { translateOniguruma } from './regex/oniguruma.ts';
import {
  characterSpans,
  cutsFor,
  inverted,
  regexSpans,
  splitBehaviours,
  stringSpans,
  type SpanFinder,
  type SplitBehaviour,
} from './spans.ts';
import { isNumeric, isPunctuation, isWhiteSpace } from './unicode/classes.ts';
import { wordSpans } from './word-spans.ts';

/** Cuts a piece of text into smaller ones. Empty pieces are left out. */
export type PreTokenizer = (piece: AlignedText) => readonly AlignedText[];

const inOrder =
  (steps: readonly PreTokenizer[]): PreTokenizer =>
  (piece) =>
    steps.reduce<readonly AlignedText[]>(
      (pieces, step) => {
        const cut = pieces.flatMap(step);
        checkLengths(piece, cut);
        return cut;
      },
      [piece],
    );

const split =
  (find: SpanFinder, behaviour: SplitBehaviour): PreTokenizer =>
  (piece) => {
    const pieces: AlignedText[] = [];
    for (const { start, end } of cutsFor[behaviour](find(piece.text)))
      if (start !== end) pieces.push(sliceOf(piece, start, end));
    return pieces;
  };

const behaviourShape = z.enum(splitBehaviours);

const gpt2Pattern = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`;

const splitBySpaces = split(characterSpans(isWhiteSpace), 'Removed');

const table: PartTable<PreTokenizer> = {
  BertPreTokenizer: part({}, () =>
    inOrder([splitBySpaces, split(characterSpans(isPunctuation), 'Isolated')]),
  ),
  ByteLevel: part(
    { add_prefix_space: z.boolean(), trim_offsets: z.boolean(), use_regex: z.boolean().default(true) },
    ({ add_prefix_space, use_regex }) => {
      const cut = use_regex ? split(regexSpans(translateOniguruma(gpt2Pattern)), 'Isolated') : null;
      return (piece) => {
        const whole = add_prefix_space && !piece.text.startsWith(' ') ? prepend(piece, ' ') : piece;
        return (cut === null ? [whole] : cut(whole)).map(spellBytes);
      };
    },
  ),
  CharDelimiterSplit: part({ delimiter: characterShape }, ({ delimiter }) =>
    split(stringSpans(delimiter), 'Removed'),
  ),
  Digits: part({ individual_digits: z.boolean() }, (settings) =>
    split(characterSpans(isNumeric), settings.individual_digits ? 'Isolated' : 'Contiguous'),
  ),
  FixedLength: part({ length: z.int().positive().default(5) }, ({ length }) => (piece) => {
    const pieces: AlignedText[] = [];
    for (let start = 0, at = 0; start < piece.text.length; start = at) {
      for (let count = 0; count < length && at < piece.text.length; count++) at += unitsAt(piece.text, at);
      pieces.push(sliceOf(piece, start, at));
    }
    return pieces;
  }),
  Metaspace: part(
    {
      replacement: characterShape,
      prepend_scheme: z.enum(['always', 'first', 'never']).default('always'),
      split: z.boolean().nullish(),
      add_prefix_space: z.boolean().nullish(),
      str_rep: z.string().nullish(),
    },
    (settings) => metaspace(settings.replacement, schemeOf(settings), settings.split ?? true),
  ),
  Punctuation: part({ behavior: behaviourShape.default('Isolated') }, ({ behavior }) =>
    split(characterSpans(isPunctuation), behavior),
  ),
  Sequence: part({ pretokenizers: z.array(z.unknown()) }, (settings, place) =>
    inOrder(readParts(table, settings.pretokenizers, `${place}.pretokenizers`)),
  ),
  Split: part(
    { pattern: patternShape, behavior: behaviourShape, invert: z.boolean() },
    ({ pattern, behavior, invert }) => {
      const find = patternSpans(pattern);
      return split(invert ? inverted(find) : find, behavior);
    },
  ),
  Whitespace: part({}, () => split(inverted(wordSpans), 'Removed')),
  WhitespaceSplit: part({}, () => splitBySpaces),
};

type Scheme = 'always' | 'first' | 'never';

/** Older files say add_prefix_space; where both are there they must agree. */
export const schemeOf = (settings: {
  readonly prepend_scheme: Scheme;
  readonly add_prefix_space?: boolean | null | undefined;
}): Scheme => {
  if (settings.add_prefix_space !== false) return settings.prepend_scheme;
  if (settings.prepend_scheme !== 'never')
    throw new WorkbenchError(
      'invalid-input',
      `add_prefix_space is false, but prepend_scheme is ${JSON.stringify(settings.prepend_scheme)}`,
    );
  return 'never';
};

const metaspace = (replacement: string, scheme: Scheme, isSplit: boolean): PreTokenizer => {
  const spaces = stringSpans(' ');
  const cut = split(stringSpans(replacement), 'MergedWithNext');
  return (piece) => {
    const replaced = replaceMatches(piece, spaces(piece.text), replacement);
    const isOpened = scheme === 'always' || (scheme === 'first' && piece.origin === 0);
    const whole =
      isOpened && !replaced.text.startsWith(replacement) ? prepend(replaced, replacement) : replaced;
    return isSplit ? cut(whole) : [whole];
  };
};

/** @throws WorkbenchError naming the place for what is not known */
export const readPreTokenizer = (value: unknown, place: string): PreTokenizer =>
  readPart(table, value, place);

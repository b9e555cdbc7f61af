import {
  characterMapping,
  mapCharacters,
  replaceMatches,
  type AlignedText,
  type Span,
} from './aligned-text.ts';
import { characterSpans } from './spans.ts';
import { strip } from './strip.ts';
import { isWhiteSpace, lowercase } from './unicode/classes.ts';

const punctuation = new Set('!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~');

/** Python's str.isspace, which is its \s too: White_Space, and four separators of ASCII. */
const isPythonSpace = (codePoint: number): boolean =>
  isWhiteSpace(codePoint) || (codePoint >= 0x1c && codePoint <= 0x1f);

/** As Python's str.lower: a text at a time, since a sigma at the end of a word has a form of its own. */
const lowered = (source: AlignedText): AlignedText => {
  const whole = source.text.toLowerCase();
  let at = 0;
  return mapCharacters(source, (character) => {
    const from = at;
    at += lowercase(character).length;
    return character === 'Σ' ? whole.slice(from, at) : lowercase(character);
  });
};

const withoutPunctuation = characterMapping((character) => (punctuation.has(character) ? '' : character));

const spaces = characterSpans(isPythonSpace);

/** Neighbouring matches as one. */
const runs = (spans: readonly Span[]): Span[] =>
  spans.flatMap((span, at) => {
    if (!span.isMatch) return [span];
    if (spans[at - 1]?.isMatch) return [];
    let last = at;
    while (spans[last + 1]?.isMatch) last += 1;
    return [{ ...span, end: spans[last]!.end }];
  });

/**
 * What SigLIP was trained on of a text (transformers' SiglipTokenizer.canonicalize_text): in lower case where asked for, without the punctuation
 * of ASCII, with one space where there was white space, and none at the ends.
 */
export const canonicalText =
  (lowers: boolean) =>
  (source: AlignedText): AlignedText => {
    const plain = withoutPunctuation(lowers ? lowered(source) : source);
    return strip(replaceMatches(plain, runs(spaces(plain.text)), ' '), true, true);
  };

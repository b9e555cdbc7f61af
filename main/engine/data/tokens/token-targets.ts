import type { Stretch } from './stretch.ts';
import type { Tokenizer } from './tokenizer.ts';

/** The tokens of a text and the stretch of it, in UTF-16 code units, that each comes from. */
export interface EncodedText {
  readonly text: string;
  readonly ids: readonly number[];
  readonly starts: readonly number[];
  readonly ends: readonly number[];
}

/**
 * Marks the tokens that overlap stretches of the text with 1, as transformers 5 masks what the assistant writes: a token that begins before a
 * stretch or goes on behind it counts.
 * @param stretches in order
 */
export const tokensOverlapping = (
  { ids, starts, ends }: EncodedText,
  stretches: readonly Stretch[],
): Uint8Array => {
  const targets = new Uint8Array(ids.length);
  let current = 0;
  for (let token = 0; token < ids.length; token++) {
    while (current < stretches.length && starts[token]! >= stretches[current]!.end) current += 1;
    const stretch = stretches[current];
    if (stretch === undefined) break;
    if (ends[token]! > stretch.start) targets[token] = 1;
  }
  return targets;
};

/**
 * Marks what the assistant is to write of turns that are known up to the next message only: not the special token that opens the turn, though it
 * may take in white space that the answer begins with, and nothing behind the special token that ends it but EOS.
 */
export const tokensOfTurns = (
  tokenizer: Pick<Tokenizer, 'isSpecial' | 'tokenText' | 'eosId'>,
  encoded: EncodedText,
  turns: readonly Stretch[],
): Uint8Array => {
  const { text, ids, starts, ends } = encoded;
  const targets = new Uint8Array(ids.length);
  const isControl = (at: number): boolean => isControlToken(tokenizer, encoded, at);
  let token = 0;
  for (const { start, end } of turns) {
    while (token < ids.length && ends[token]! <= start) token += 1;
    let first = token;
    while (token < ids.length && starts[token]! < end) token += 1;
    if (first < token && starts[first]! < start && isControl(first)) first += 1;
    let last = token;
    let closing = last - 1;
    while (closing >= first && !isControl(closing)) closing -= 1;
    if (closing >= first && text.slice(ends[closing], end).trim() === '') last = closing + 1;
    // Templates that write EOS behind a turn only if another follows.
    while (last < ids.length && ids[last] === tokenizer.eosId) last += 1;
    targets.fill(1, first, last);
  }
  return targets;
};

/** Whether the last target, but for white space behind it, is a special token, so that a model learns where to stop. */
export const endsWithControl = (
  tokenizer: Pick<Tokenizer, 'isSpecial' | 'tokenText'>,
  encoded: EncodedText,
  targets: Uint8Array,
): boolean => {
  const { text, starts, ends } = encoded;
  let last = targets.lastIndexOf(1);
  const isSpace = (): boolean => text.slice(starts[last], ends[last]).trim() === '';
  while (last >= 0 && targets[last] === 1 && isSpace() && !isControlToken(tokenizer, encoded, last))
    last -= 1;
  return last >= 0 && isControlToken(tokenizer, encoded, last);
};

/** Whether a token is a special one that the text spells out; the one for unknown text is special too, but stands for other text. */
export const isControlToken = (
  { isSpecial, tokenText }: Pick<Tokenizer, 'isSpecial' | 'tokenText'>,
  { text, ids, starts, ends }: EncodedText,
  token: number,
): boolean => {
  const id = ids[token]!;
  return isSpecial(id) && text.slice(starts[token], ends[token]).trim() === tokenText(id).trim();
};

/**
 * Whether a model that is given the text up to a border sees other tokens there than those of the whole text: where a token spans the border.
 * @param opening how many tokens the post-processor puts before the text
 */
export const seesOtherTokens = (
  tokenizer: Pick<Tokenizer, 'encode'>,
  { text, ids, starts, ends }: EncodedText,
  border: number,
  opening = 0,
): boolean => {
  const first = ends.findIndex((end, token) => token >= opening && end > border);
  if (first === -1 || border === 0) return false;
  const isClean = starts[first]! >= border && (first === opening || ends[first - 1] === border);
  if (isClean) return false;
  const alone = tokenizer.encode(text.slice(0, border), { addSpecialTokens: false });
  return alone.some((id, token) => ids[opening + token] !== id);
};

import { stretchesBetween } from './stretch.ts';
import { isControlToken, seesOtherTokens, tokensOverlapping, type EncodedText } from './token-targets.ts';
import type { RowNote } from './row-notices.ts';
import type { Tokenizer } from './tokenizer.ts';

/** The tokens of a row and which of them are targets (1). */
export interface RowTokens {
  readonly ids: readonly number[];
  readonly targets: Uint8Array;
  readonly notes: readonly RowNote[];
}

/**
 * A text with what the tokenizer puts around it, and EOS behind it if the tokenizer has one; neither BOS nor EOS twice where the text brings its own.
 * `opening` and `closing` count the tokens that do not come from the text.
 */
interface FramedText extends EncodedText {
  readonly opening: number;
  readonly closing: number;
  readonly notes: readonly RowNote[];
}

/** All tokens of a text are targets. */
export const textTokens = (tokenizer: Tokenizer, text: string): RowTokens => {
  const { ids, notes } = encodeFramed(tokenizer, text);
  return { ids, targets: new Uint8Array(ids.length).fill(1), notes };
};

/**
 * A text that the model is to go on from, framed as in training but open at its end: without EOS, and without what else the tokenizer puts
 * behind a text.
 */
export const promptTokens = (tokenizer: Tokenizer, text: string): readonly number[] => {
  const { ids, closing } = encodeFramed(tokenizer, text);
  return ids.slice(0, ids.length - closing);
};

/**
 * A prompt and its completion, encoded as the one text that they are. The completion and what closes it are targets, and so is a token
 * that spans the border between the two.
 */
export const completionTokens = (
  tokenizer: Tokenizer,
  prompt: string,
  completion: string,
  lossOn: 'completion' | 'all',
): RowTokens => {
  const framed = encodeFramed(tokenizer, prompt + completion);
  const { text, ids, starts, opening, closing } = framed;
  const border = prompt.length;
  const notes: RowNote[] = seesOtherTokens(tokenizer, framed, border, opening)
    ? [...framed.notes, 'token-spans-prompt']
    : [...framed.notes];
  const targets = new Uint8Array(ids.length).fill(1);
  if (lossOn === 'all') return { ids, targets, notes };
  const overlapping = tokensOverlapping(framed, stretchesBetween([{ start: 0, end: border }], text.length));
  for (let token = 0; token < ids.length - closing; token++) {
    // A special token at the end of a prompt may take in the white space that follows; it is the prompt's.
    const isPrompt = starts[token]! < border && isControlToken(tokenizer, framed, token);
    targets[token] = token >= opening && !isPrompt ? overlapping[token]! : 0;
  }
  return { ids, targets, notes };
};

const encodeFramed = (tokenizer: Tokenizer, text: string): FramedText => {
  const { bosId, eosId } = tokenizer;
  const { ids, starts, ends, added } = tokenizer.encodeWithOffsets(text);
  const first = added.indexOf(0);
  const opening = first === -1 ? ids.length : first;
  const closing = first === -1 ? 0 : ids.length - 1 - added.lastIndexOf(0);
  const end = ids.length - closing;

  const isIn = (from: number, to: number, id: number | undefined): boolean =>
    id !== undefined && ids.slice(from, to).every((found) => found === id);
  const bringsBos = first > 0 && isIn(opening - 1, opening + 1, bosId);
  const bringsEos = closing > 0 && isIn(end - 1, end + 1, eosId);
  const eos = eosId === undefined || ids.at(-1) === eosId ? [] : [eosId];
  const framed = (values: readonly number[], behind: readonly number[]): number[] => [
    ...values.slice(0, bringsBos ? opening - 1 : opening),
    ...values.slice(opening, bringsEos ? end - 1 : end),
    ...values.slice(end),
    ...behind,
  ];
  const ofEos = eos.map(() => text.length);
  return {
    text,
    ids: framed(ids, eos),
    starts: framed(starts, ofEos),
    ends: framed(ends, ofEos),
    opening: bringsBos ? opening - 1 : opening,
    closing: closing + eos.length,
    notes: bringsBos ? ['begins-with-bos'] : [],
  };
};

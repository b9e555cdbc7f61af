import type { Tokenizer } from './tokenizer.ts';

interface TypedTokens {
  readonly ids: readonly number[];
  readonly types: readonly number[];
}

/**
 * What a tokenizer's post-processor puts around a text or a pair ([CLS] text [SEP] pair [SEP]), so that a text can be cut to length
 * and still be framed.
 */
export interface TextFrame {
  /** Tokens of the frame alone. */
  readonly length: number;
  /** Framed, with the type of each token. `pair` as the frame was made for. */
  readonly around: (text: readonly number[], pair: readonly number[] | null) => TypedTokens;
}

const probe = 'a';

/** The frame, read off a text that is known. It does not depend on the text. */
export const readTextFrame = (tokenizer: Tokenizer, isPair: boolean): TextFrame => {
  const known = tokenizer.encode(probe, { addSpecialTokens: false });
  const framed = tokenizer.encodePair(probe, isPair ? probe : null);
  const places = framed.ids.flatMap((_, at) =>
    known.every((id, index) => framed.ids[at + index] === id) ? [at] : [],
  );
  const [first = 0, second = first] = [places[0], places.at(-1)];
  const part = (from: number, to?: number): TypedTokens => ({
    ids: framed.ids.slice(from, to),
    types: framed.types.slice(from, to),
  });
  const before = part(0, first);
  const between = part(first + known.length, isPair ? second : first + known.length);
  const after = part((isPair ? second : first) + known.length);
  const typed = (ids: readonly number[], at: number): TypedTokens => ({
    ids,
    types: ids.map(() => framed.types[at] ?? 0),
  });
  return {
    length: before.ids.length + between.ids.length + after.ids.length,
    around: (text, pair) =>
      [before, typed(text, first), between, typed(pair ?? [], second), after].reduce((whole, next) => ({
        ids: [...whole.ids, ...next.ids],
        types: [...whole.types, ...next.types],
      })),
  };
};

/**
 * How much of a text and its pair is kept where they are longer than `room` tokens together: the longer one gives way first, as
 * transformers' fast tokenizers cut (`longest_first`).
 */
export const lengthsWithin = (text: number, pair: number, room: number): [text: number, pair: number] => {
  if (text + pair <= room) return [text, pair];
  const shorter = Math.min(text, pair, Math.floor(room / 2));
  return text <= pair ? [shorter, room - shorter] : [room - shorter, shorter];
};

import { promptChunks, weightNotice } from '../data/tokens/prompt-chunks.ts';
import type { Tokenizer } from '../data/tokens/tokenizer.ts';
import { isGuided, type DrawSettings } from '../diffusion/draw-settings.ts';
import type { DrawingModel, OpenPart } from './drawing-model.ts';
import { requireFinite } from './require-finite.ts';

/** What a denoiser is told of a text. */
export interface TextCondition {
  /** tokens x width, of all encoders beside each other */
  readonly states: Float32Array;
  readonly tokens: number;
  /** Of the encoder that gives it, of the text's first piece. */
  readonly pooled: Float32Array | null;
}

/** Texts for every encoder: of each text its pieces. */
export interface EncodedTexts {
  /** By encoder, then by text. */
  readonly chunks: readonly ReadonlyMap<string, readonly (readonly number[])[]>[];
  readonly notices: readonly string[];
}

/** The texts that pictures of some prompts need; a negative one only where it's looked at. */
export const textsOf = (
  { zerosWithoutText }: Pick<DrawingModel, 'zerosWithoutText'>,
  prompts: readonly string[],
  settings: DrawSettings,
): string[] => {
  const { negative } = settings;
  const isAsked = isGuided(settings) && !(negative === null && zerosWithoutText);
  return [...new Set([...prompts, ...(isAsked ? [negative ?? ''] : [])])];
};

/** Token ids of texts, and what a person should know of them. Empty pieces fill up what is shorter: `''` is always there. */
export const encodeTexts = (
  { positions, texts: encoders }: Pick<DrawingModel, 'texts' | 'positions'>,
  tokenizers: readonly Tokenizer[],
  texts: readonly string[],
  long: DrawSettings['longPrompts'],
): EncodedTexts => {
  const notices = new Set(texts.map(weightNotice).filter((notice) => notice !== null));
  const chunks = encoders.map((_, encoder) => {
    const known = new Map<string, readonly (readonly number[])[]>();
    for (const text of ['', ...texts]) {
      const encoded = promptChunks(tokenizers[encoder]!, text, { positions, long });
      known.set(text, encoded.chunks);
      if (encoded.notice !== null) notices.add(encoded.notice);
    }
    return known;
  });
  return { chunks, notices: [...notices] };
};

const keyOf = (ids: readonly number[]): string => ids.join();

/** What an encoder makes of pieces, by their ids. */
export type PieceStates = ReadonlyMap<
  string,
  { readonly states: Float32Array; readonly pooled: Float32Array | null }
>;

/** Runs an encoder on each piece once, one after the other: that is a moment, and its memory small. */
export const encodePieces = async (
  part: OpenPart,
  texts: ReadonlyMap<string, readonly (readonly number[])[]>,
): Promise<PieceStates> => {
  const known = new Map<string, { states: Float32Array; pooled: Float32Array | null }>();
  for (const ids of [...texts.values()].flat()) {
    if (known.has(keyOf(ids))) continue;
    const feeds = { input_ids: { shape: [1, ids.length], data: BigInt64Array.from(ids, BigInt) } };
    const outputs = await part.run(feeds);
    const states = outputs['states']!.data as Float32Array;
    const pooled = (outputs['pooled']?.data as Float32Array | undefined) ?? null;
    await requireFinite([states, ...(pooled ? [pooled] : [])], 'a text encoder', () => part.blame(feeds));
    known.set(keyOf(ids), { states, pooled });
  }
  return known;
};

/** The tokens of so many pieces as of one text: one start, one end, and all that is within. */
export const tokensOfPieces = (pieces: number, positions: number): number =>
  pieces === 1 ? positions : 2 + pieces * (positions - 2);

/** The states of pieces as of one text, as kohya has it: between the first one's start and the last one's end, all that is within. */
export const joinPieces = (pieces: readonly Float32Array[], positions: number): Float32Array => {
  if (pieces.length === 1) return pieces[0]!;
  const width = pieces[0]!.length / positions;
  const joined = new Float32Array(tokensOfPieces(pieces.length, positions) * width);
  joined.set(pieces[0]!.subarray(0, width));
  pieces.forEach((piece, at) =>
    joined.set(piece.subarray(width, -width), (1 + at * (positions - 2)) * width),
  );
  joined.set(pieces.at(-1)!.subarray(-width), joined.length - width);
  return joined;
};

/** Rows of several matrices beside each other: (rows x the sum of their widths). */
export const besideEachOther = (parts: readonly Float32Array[], rows: number): Float32Array => {
  if (parts.length === 1) return parts[0]!;
  const widths = parts.map((part) => part.length / rows);
  const whole = widths.reduce((a, b) => a + b, 0);
  const out = new Float32Array(rows * whole);
  let left = 0;
  parts.forEach((part, at) => {
    const width = widths[at]!;
    for (let row = 0; row < rows; row++)
      out.set(part.subarray(row * width, (row + 1) * width), row * whole + left);
    left += width;
  });
  return out;
};

/** How many pieces a picture's texts have together: as many as the longest. */
export const piecesOf = ({ chunks }: EncodedTexts, texts: readonly string[]): number =>
  Math.max(1, ...chunks.flatMap((known) => texts.map((text) => known.get(text)!.length)));

/** What the denoiser is told of a text, in so many pieces. */
export const conditionOf = (
  { texts, positions }: Pick<DrawingModel, 'texts' | 'positions'>,
  { chunks }: EncodedTexts,
  states: readonly PieceStates[],
  text: string,
  pieces: number,
): TextCondition => {
  const encoders = texts.map((_, encoder) => {
    const known = chunks[encoder]!;
    const own = known.get(text)!;
    const empty = known.get('')![0]!;
    const made = Array.from({ length: pieces }, (_, at) => states[encoder]!.get(keyOf(own[at] ?? empty))!);
    return {
      states: joinPieces(
        made.map((one) => one.states),
        positions,
      ),
      pooled: made[0]!.pooled,
    };
  });
  const tokens = tokensOfPieces(pieces, positions);
  return {
    states: besideEachOther(
      encoders.map((one) => one.states),
      tokens,
    ),
    tokens,
    pooled: encoders.findLast((one) => one.pooled !== null)?.pooled ?? null,
  };
};

/** Nothing said, where a model was trained to see that as zeros. */
export const zerosLike = ({ states, tokens, pooled }: TextCondition): TextCondition => ({
  states: new Float32Array(states.length),
  tokens,
  pooled: pooled === null ? null : new Float32Array(pooled.length),
});

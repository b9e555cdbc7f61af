import { z } from 'zod';
import { invalidInput } from '../../errors.ts';
import { unitsAt } from '../aligned-text.ts';
import { idsOfBytes, readByteIds } from './byte-pair.ts';
import { noTokens, type PieceTokens, type TokenModel } from './model.ts';
import { pieceTrie, type PieceTrie } from './piece-trie.ts';
import { withWordCache } from './word-cache.ts';

export const unigramSettings = z.strictObject({
  type: z.literal('Unigram').optional(),
  unk_id: z.int().nonnegative().nullish(),
  vocab: z.custom<readonly unknown[]>(Array.isArray, 'must be a list'),
  byte_fallback: z.boolean().optional(),
});

type Settings = z.infer<typeof unigramSettings>;

/** SentencePiece's: an unknown character costs this much more than the least likely piece. */
const unknownPenalty = 10;

/** The most likely split of a text into pieces, each with a log-probability. */
export const unigramModel = ({ unk_id, vocab: entries, byte_fallback }: Settings): TokenModel => {
  const vocab = readPieces(entries);
  const unknownId = unk_id ?? null;
  if (unknownId !== null && unknownId >= vocab.length)
    throw invalidInput(`unk_id is ${unknownId}, but vocab has ${vocab.length} entries`);
  const vocabulary = new Map(vocab.map(([token], id) => [token, id]));
  const byteIds = byte_fallback === true ? readByteIds(vocabulary) : null;
  const scores = Float64Array.from(vocab, ([, score]) => score);
  const best = bestPath({
    trie: pieceTrie(vocab.map(([token], id) => [token, id])),
    scores,
    unknownScore: scores.reduce((least, score) => Math.min(least, score), Infinity) - unknownPenalty,
    unknownId,
  });

  const tokenizePiece = (text: string): PieceTokens => {
    const tokens: { ids: number[]; starts: number[]; ends: number[] } = { ids: [], starts: [], ends: [] };
    for (const { start, end, id } of best(text)) {
      const piece = text.slice(start, end);
      const isUnknown = id === unknownId;
      const known = isUnknown ? vocabulary.get(piece) : id;
      const bytes = known === undefined && byteIds !== null ? idsOfBytes(piece, byteIds) : null;
      for (const tokenId of bytes ?? [known ?? id]) {
        tokens.ids.push(tokenId);
        tokens.starts.push(start);
        tokens.ends.push(end);
      }
    }
    return tokens;
  };
  const cached = withWordCache(tokenizePiece);
  return {
    vocabulary,
    tokenOf: (id) => vocab[id]?.[0],
    tokenize: (text) => (text === '' ? noTokens : cached(text)),
    spelling: (id, text) => (id === unknownId ? text : (vocab[id]?.[0] ?? '')),
    size: vocab.length,
  };
};

const readPieces = (entries: readonly unknown[]): readonly (readonly [piece: string, score: number])[] =>
  entries.map((entry, id) => {
    const [piece, score] = Array.isArray(entry) ? (entry as unknown[]) : [];
    if (typeof piece !== 'string' || typeof score !== 'number')
      throw invalidInput(`vocab: entry ${id} is not a piece and its score`);
    return [piece, score];
  });

interface Lattice {
  readonly trie: PieceTrie;
  readonly scores: Float64Array;
  readonly unknownScore: number;
  readonly unknownId: number | null;
}

interface Piece {
  readonly start: number;
  readonly end: number;
  readonly id: number;
}

/**
 * Viterbi over the places of a text, forward, keeping for each place the best piece that ends there; unknown characters that stand
 * together are one piece.
 */
const bestPath =
  ({ trie, scores, unknownScore, unknownId }: Lattice) =>
  (text: string): Piece[] => {
    const length = text.length;
    const pathScores = new Float64Array(length + 1);
    const startsAt = new Int32Array(length + 1).fill(-1);
    const idsAt = new Int32Array(length + 1);
    const offer = (start: number, end: number, id: number, score: number): void => {
      if (startsAt[end] !== -1 && score <= pathScores[end]!) return;
      pathScores[end] = score;
      startsAt[end] = start;
      idsAt[end] = id;
    };
    for (let start = 0; start < length;) {
      const soFar = pathScores[start]!;
      const single = start + unitsAt(text, start);
      let hasSingle = false;
      let node = 0;
      for (let place = start; place < length; place++) {
        node = trie.next(node, text.charCodeAt(place));
        if (node === -1) break;
        const id = trie.valueAt(node);
        if (id === -1) continue;
        offer(start, place + 1, id, scores[id]! + soFar);
        hasSingle ||= place + 1 === single;
      }
      if (!hasSingle) {
        if (unknownId === null)
          throw invalidInput(
            `the text holds ${JSON.stringify(text.slice(start, single))}, which the vocabulary does not, and unk_id is not set`,
          );
        offer(start, single, unknownId, unknownScore + soFar);
      }
      start = single;
    }
    return walkBack(startsAt, idsAt, unknownId);
  };

const walkBack = (startsAt: Int32Array, idsAt: Int32Array, unknownId: number | null): Piece[] => {
  const pieces: Piece[] = [];
  for (let end = startsAt.length - 1; end > 0;) {
    const start = startsAt[end]!;
    const id = idsAt[end]!;
    const behind = pieces.at(-1);
    if (id === unknownId && behind?.id === unknownId)
      pieces[pieces.length - 1] = { start, end: behind.end, id };
    else pieces.push({ start, end, id });
    end = start;
  }
  return pieces.reverse();
};

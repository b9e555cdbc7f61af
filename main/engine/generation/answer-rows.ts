import { setImmediate } from 'node:timers/promises';
import { createCache, capacityFor, joinRows, type Cache, type CachedRow } from './cache/cache.ts';
import type { GenerateOptions, GeneratedRow, GenerationRow } from './generator.ts';
import type { DecoderSession, Scores } from './graph/decoder-session.ts';
import { startRow, type RowInProgress, type RowSurroundings } from './row-in-progress.ts';

export interface AnswerOptions extends GenerateOptions, Omit<RowSurroundings, 'alternatives'> {
  readonly rowsAtOnce: number;
}

/** Tokens of a prompt that are computed at a time: what is in memory at once stays small, and a person can give up in between. */
const chunk = 256;

/**
 * Prompts go through the model one by one, without padding; then all answers grow together, a token each time. Where one ends, the
 * next row takes its place.
 */
export const answerRows = async (
  rows: readonly GenerationRow[],
  session: DecoderSession,
  { onToken, signal, alternatives = 0, rowsAtOnce, ...surroundings }: AnswerOptions,
): Promise<GeneratedRow[]> => {
  const results = new Map<number, GeneratedRow>();
  const waiting = rows.map((row, index) => startRow(row, index, { ...surroundings, alternatives }));
  let [active, cache]: [RowInProgress[], Cache | null] = [[], null];
  const isCancelled = (): boolean => signal?.aborted === true;

  /** Lets a row choose its token; whether it goes on. */
  const take = (row: RowInProgress, scores: Scores, place: number): boolean => {
    const news = row.take(scores, place);
    onToken?.(news);
    const finish = row.finish();
    if (finish !== null) results.set(row.index, row.result(finish));
    return finish === null;
  };

  /** Reads the prompt; what is remembered of it, or null where the answer ended with its first token or somebody gave up. */
  const begin = async (row: RowInProgress): Promise<Cache | null> => {
    const { ids, arm } = row.row;
    let own = createCache(session.cacheShape, 1, capacityFor(ids.length + 1));
    for (let start = 0; start < ids.length; start += chunk) {
      await setImmediate();
      if (isCancelled()) return null;
      const part = ids.slice(start, start + chunk);
      const { scores, cache: filled } = await session.forward({ cache: own, ids: [part], arms: [arm] });
      own = filled;
      if (start + chunk >= ids.length && !take(row, scores, 0)) return null;
    }
    return own;
  };

  while (!isCancelled()) {
    const joining: { row: RowInProgress; part: CachedRow }[] = [];
    while (active.length + joining.length < rowsAtOnce && waiting.length > 0 && !isCancelled()) {
      const row = waiting.shift()!;
      const own = await begin(row);
      if (own) joining.push({ row, part: { cache: own, row: 0 } });
      else if (!results.has(row.index)) waiting.unshift(row);
    }
    if (joining.length > 0) {
      const parts = active.map((_, place) => ({ cache: cache!, row: place }));
      [active, cache] = together(session, [
        ...active.map((row, place) => ({ row, part: parts[place]! })),
        ...joining,
      ]);
    }
    if (active.length === 0) break;
    await setImmediate();
    if (isCancelled()) break;
    const made = await session.forward({
      cache: cache!,
      ids: active.map((row) => [row.lastToken()]),
      arms: active.map(({ row }) => row.arm),
    });
    cache = made.cache;
    const going = active
      .map((row, place) => ({ row, part: { cache: made.cache, row: place } }))
      .filter(({ row }, place) => take(row, made.scores, place));
    if (going.length < active.length) [active, cache] = together(session, going);
  }
  for (const row of [...active, ...waiting]) results.set(row.index, row.result('cancelled'));
  return rows.map((_, index) => results.get(index)!);
};

/** The rows with one cache for all. */
const together = (
  { cacheShape }: DecoderSession,
  rows: readonly { readonly row: RowInProgress; readonly part: CachedRow }[],
): [RowInProgress[], Cache | null] => {
  const active = rows.map(({ row }) => row);
  const [only] = rows;
  if (!only) return [[], null];
  if (rows.length === 1 && only.part.cache.rows === 1) return [active, only.part.cache];
  const longest = Math.max(...rows.map(({ part }) => part.cache.lengths[part.row]!));
  return [
    active,
    joinRows(
      cacheShape,
      rows.map(({ part }) => part),
      capacityFor(longest + 1),
    ),
  ];
};

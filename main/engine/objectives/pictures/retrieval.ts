import { createGraphBuilder } from '../../graph/create-graph-builder.ts';
import { createSession, type Session } from '../../runtime/session.ts';
import type { ComparedRows, Metrics } from '../objective.ts';

/** Rows of unit vectors, or those times one scale: (count x width). */
interface Rows {
  readonly data: Float32Array;
  readonly count: number;
}

/** Rows that are scored at a time, against all others: so many times as many numbers are in memory. */
const scoredAtOnce = 256;

/** Among how many answers the right one has to be. */
const within = [1, 5] as const;

/**
 * How often pictures find their captions, and captions their picture, among all that were held out: recall at 1 and 5. A picture with several captions is
 * one picture, and has found one when it has found any. Of answers with the same score the first counts as the better one, as elsewhere.
 */
export const retrievalRecalls = async (kept: readonly ComparedRows[]): Promise<Partial<Metrics>> => {
  const width = kept[0]?.texts.shape.at(-1);
  if (width === undefined) return {};
  const names = kept.flatMap(
    ({ names, texts }, part) =>
      names ?? Array.from({ length: texts.shape[0]! }, (_, row) => `${part}, ${row}`),
  );
  const pictureAt = new Map<string, number>();
  const firstRows: number[] = [];
  const pictureOf = names.map((name, row) => {
    const known = pictureAt.get(name);
    if (known !== undefined) return known;
    pictureAt.set(name, firstRows.length);
    return firstRows.push(row) - 1;
  });
  const captionsOf = firstRows.map((): number[] => []);
  for (const [row, picture] of pictureOf.entries()) captionsOf[picture]!.push(row);
  const allImages = joined(kept.map(({ images }) => images.data as Float32Array));
  const images = {
    data: joined(firstRows.map((row) => allImages.subarray(row * width, (row + 1) * width))),
    count: firstRows.length,
  };
  const texts = { data: joined(kept.map((part) => part.texts.data as Float32Array)), count: names.length };

  const session = await scoringSession(width);
  try {
    const [texts1, texts5] = await recalls(session, images, texts, captionsOf);
    const [pictures1, pictures5] = await recalls(
      session,
      texts,
      images,
      pictureOf.map((picture) => [picture]),
    );
    return {
      picture_to_text_recall_1: texts1!,
      picture_to_text_recall_5: texts5!,
      text_to_picture_recall_1: pictures1!,
      text_to_picture_recall_5: pictures5!,
    };
  } finally {
    await session.release();
  }
};

const joined = (parts: readonly Float32Array[]): Float32Array => {
  const whole = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};

const scoringSession = (width: number): Promise<Session> => {
  const g = createGraphBuilder();
  const queries = g.input('queries', 'float32', ['rows', width]);
  const answers = g.input('answers', 'float32', ['answers', width]);
  return createSession(g.build({ scores: g.matmul(queries, answers, { transposeB: true }) }), {
    threads: null,
  });
};

/** @param right of each query, which answers are its own */
const recalls = async (
  session: Session,
  queries: Rows,
  answers: Rows,
  right: readonly (readonly number[])[],
): Promise<number[]> => {
  const width = answers.data.length / answers.count;
  const found = within.map(() => 0);
  for (let from = 0; from < queries.count; from += scoredAtOnce) {
    const count = Math.min(scoredAtOnce, queries.count - from);
    const { scores } = await session.run({
      queries: { shape: [count, width], data: queries.data.subarray(from * width, (from + count) * width) },
      answers: { shape: [answers.count, width], data: answers.data },
    });
    const data = scores!.data as Float32Array;
    for (let row = 0; row < count; row++) {
      const rank = rankOf(data.subarray(row * answers.count, (row + 1) * answers.count), right[from + row]!);
      for (const [at, most] of within.entries()) if (rank < most) found[at]! += 1;
    }
  }
  return found.map((times) => times / queries.count);
};

/** How many answers come before the best of those that are right. */
const rankOf = (scores: Float32Array, right: readonly number[]): number => {
  const best = right.reduce((a, b) => (scores[b]! > scores[a]! ? b : a));
  const score = scores[best]!;
  let before = 0;
  for (let at = 0; at < scores.length; at++)
    if (scores[at]! > score || (scores[at] === score && at < best)) before++;
  return before;
};

import { expect, it } from 'vitest';
import { retrievalRecalls } from '../../../main/engine/objectives/pictures/retrieval.ts';

const rows = (vectors: readonly (readonly number[])[]) => ({
  shape: [vectors.length, 2],
  data: Float32Array.from(vectors.flat()),
});

it('pictures find any of their captions, and captions their picture, over all batches', async () => {
  // Pictures a, b and c at 0, 90 and 180 degrees; b has two captions, one of which says c.
  const [right, up, left] = [
    [1, 0],
    [0, 1],
    [-1, 0],
  ] as const;
  const recalls = await retrievalRecalls([
    { images: rows([right, up]), texts: rows([right, left]), names: ['a', 'b'] },
    { images: rows([up, left]), texts: rows([up, up]), names: ['b', 'c'] },
  ]);
  expect(recalls).toEqual({
    // a and b find theirs; c finds b's first caption.
    picture_to_text_recall_1: expect.closeTo(2 / 3, 12) as number,
    picture_to_text_recall_5: 1,
    // a's, and b's second.
    text_to_picture_recall_1: 0.5,
    text_to_picture_recall_5: 1,
  });
});

it('where all are the same, one is found', async () => {
  const same = Array.from({ length: 10 }, () => [1, 0]);
  expect(await retrievalRecalls([{ images: rows(same), texts: rows(same) }])).toEqual({
    picture_to_text_recall_1: 0.1,
    picture_to_text_recall_5: 0.5,
    text_to_picture_recall_1: 0.1,
    text_to_picture_recall_5: 0.5,
  });
  expect(await retrievalRecalls([])).toEqual({});
});

it('more pictures than are scored at once', async () => {
  const circle = Array.from({ length: 600 }, (_, at) => [Math.cos(at / 100), Math.sin(at / 100)]);
  const [first, rest] = [circle.slice(0, 100), circle.slice(100)];
  const kept = [first, rest].map((part) => ({ images: rows(part), texts: rows(part) }));
  expect(await retrievalRecalls(kept)).toMatchObject({
    picture_to_text_recall_1: 1,
    text_to_picture_recall_1: 1,
  });
});

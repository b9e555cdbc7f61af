import { describe, expect, test } from 'vitest';
import { findDuplicates } from '../../../../main/engine/data/duplicates/find-duplicates.ts';
import { fairSample } from '../../../../main/engine/data/duplicates/fair-sample.ts';
import { nearIndex } from '../../../../main/engine/data/duplicates/near-index.ts';
import { normalised } from '../../../../main/engine/data/duplicates/row-content.ts';
import { similarity, wordGrams } from '../../../../main/engine/data/duplicates/word-grams.ts';
import { parseDataset, type Dataset } from '../../../../main/engine/data/files/dataset-file.ts';
import { createRandom } from '../../../../main/engine/random.ts';

const words = (count: number, first = 1): string =>
  Array.from({ length: count }, (_, index) => `w${first + index}`).join(' ');

describe('stretches of five words', () => {
  test.each([
    ['', 0],
    ['…!', 0],
    ['a whale', 1],
    [words(5), 1],
    [words(12), 8],
    // The same stretch twice counts once: a b a b a, b a b a b.
    ['a b a b a b a b', 2],
  ])('%j has %i', (text, count) => expect(wordGrams(text)).toHaveLength(count));

  test.each([
    // Of six words there are two stretches, of which one is shared: 1 of 3.
    [words(6), `${words(5)} other`, 1 / 3],
    // Of fifteen words there are eleven, of which ten are shared: 10 of 12.
    [words(15), `${words(14)} other`, 10 / 12],
    [words(5), 'something else', 0],
    ['a, whale!', 'a whale', 1],
    ['', '', 0],
  ])('%j and %j are alike by their share', (a, b, expected) =>
    expect(similarity(wordGrams(a), wordGrams(b))).toBeCloseTo(expected, 12),
  );
});

test('text is the same whatever its case, its white space and the width of its characters', () => {
  expect(normalised('  The\u00a0Sea\n\tis ＷＩＤＥ ')).toBe('the sea is wide');
});

test.each([0.5, 0.8, 1])(
  'finds all sets that are at least %d alike, as comparing every two does',
  (threshold) => {
    const random = createRandom(7);
    const some = (): Float64Array =>
      Float64Array.from(
        new Set(Array.from({ length: 1 + random.integer(12) }, () => random.integer(14))),
      ).sort();
    const sets = Array.from({ length: 150 }, some);
    const index = nearIndex(sets, threshold);
    let found = 0;
    // Half are like one that is there, but for a gram or two.
    const changed = sets.map((set) =>
      Float64Array.from(new Set([...set, random.integer(14)].slice(random.integer(2)))).sort(),
    );
    for (const asked of [...changed, ...Array.from({ length: 150 }, some)]) {
      const shares = (other: Float64Array): number => {
        const both = asked.filter((gram) => other.includes(gram)).length;
        return both / (asked.length + other.length - both);
      };
      const expected = sets.flatMap((set, at) => (shares(set) >= threshold ? [at] : []));
      found += expected.length;
      expect(
        index
          .find(asked)
          .map((each) => each.index)
          .sort((a, b) => a - b),
      ).toEqual(expected);
    }
    expect(found).toBeGreaterThan(20);
  },
);

describe('rows that are there twice', () => {
  const file = (name: string, ...texts: string[]): Dataset =>
    parseDataset(
      new TextEncoder().encode(texts.map((text) => `${JSON.stringify({ text })}\n`).join('')),
      name,
    );
  const format = { kind: 'text', column: 'text' } as const;

  test('within the training file, and between it and a file of held-out rows', () => {
    const train = file(
      'train.jsonl',
      'The sea', // 0
      words(15), // 1
      'the  SEA', // 2: as 0
      'a ship', // 3
      'The sea', // 4: as 0
      '', // 5
      '', // 6: says nothing
      'a ship', // 7: as 3
    );
    const heldOut = file(
      'held.jsonl',
      'THE SEA',
      `${words(14)} other`,
      'an oar',
      '',
      'the sea',
      words(20, 50),
    );
    expect(findDuplicates({ train, heldOut, format, shown: 5 })).toEqual({
      trainRows: 8,
      heldOutRows: 6,
      repeatedRows: 3,
      repeated: [
        [0, 2, 4],
        [3, 7],
      ],
      sharedRows: 2,
      shared: [
        { trainRow: 0, heldOutRow: 0 },
        { trainRow: 0, heldOutRow: 4 },
      ],
      nearRows: 1,
      nearLookedAt: 5,
      near: [{ trainRow: 1, heldOutRow: 1, similarity: 10 / 12 }],
    });
  });

  test('between the parts of one file, where rows that are held out are no training rows', () => {
    const train = file('all.jsonl', 'a', 'b', 'a', 'b', 'c');
    expect(findDuplicates({ train, heldOut: [0, 2, 3], format, shown: 1 })).toMatchObject({
      trainRows: 2,
      heldOutRows: 3,
      repeatedRows: 2,
      repeated: [[0, 2]],
      // Both a are held out; one b is trained on.
      sharedRows: 1,
      shared: [{ trainRow: 1, heldOutRow: 3 }],
    });
  });

  test('by all that is trained on, and not by the class', () => {
    const rows = (name: string, ...each: object[]): Dataset =>
      parseDataset(new TextEncoder().encode(each.map((row) => JSON.stringify(row)).join('\n')), name);
    const count = (one: object, other: object, of: Parameters<typeof findDuplicates>[0]['format']) =>
      findDuplicates({ train: rows('t.jsonl', one), heldOut: rows('v.jsonl', other), format: of, shown: 1 })
        .sharedRows;
    const classes = { kind: 'classification', text: 't', label: 'l' } as const;
    expect(count({ t: 'x', l: 'good' }, { t: 'x', l: 'bad' }, classes)).toBe(1);
    const pair = { kind: 'prompt-completion', prompt: 'p', completion: 'c' } as const;
    expect(count({ p: 'x', c: 'y', id: 1 }, { p: 'x', c: 'y', id: 2 }, pair)).toBe(1);
    expect(count({ p: 'x', c: 'y' }, { p: 'x', c: 'z' }, pair)).toBe(0);
    const chat = { kind: 'chat', column: 'm' } as const;
    const said = (role: string) => ({ m: [{ role, content: 'hello' }] });
    expect(count(said('user'), said('user'), chat)).toBe(1);
    expect(count(said('user'), said('assistant'), chat)).toBe(0);
  });
});

test('a fair sample is the same every time, in order, and takes from everywhere', () => {
  const rows = Array.from({ length: 1000 }, (_, row) => row);
  const taken = fairSample(rows, 200);
  expect(taken).toEqual(fairSample(rows, 200));
  expect(new Set(taken).size).toBe(200);
  expect([...taken].sort((a, b) => a - b)).toEqual(taken);
  // A tenth is taken of every tenth, within five standard deviations of the hypergeometric distribution (3.8 rows).
  for (let tenth = 0; tenth < 10; tenth++)
    expect(Math.abs(taken.filter((row) => Math.floor(row / 100) === tenth).length - 20)).toBeLessThan(19);
  expect(fairSample(rows, 1000)).toBe(rows);
});

import { describe, expect, test } from 'vitest';
import { buildExamples } from '../../../main/engine/data/examples/examples.ts';
import { rowLengths, type Counts } from '../../../main/engine/data/examples/row-lengths.ts';
import type { TokenFormat } from '../../../main/engine/data/files/dataset-format.ts';
import { bytelevel, jsonLines } from './fixtures.ts';

const date = new Date('2026-11-28');
const total = (counts: Counts, isMeant: (value: number) => boolean): number =>
  counts.reduce((sum, [value, count]) => (isMeant(value) ? sum + count : sum), 0);

describe('the lengths of rows', () => {
  const rows = [
    { q: 'who?', a: 'Ishmael' },
    { q: 'where is the ship that left in the morning?', a: 'at sea' },
    { q: 'what?', a: 'a whale '.repeat(20) },
    { q: '', a: 'x' },
    { q: 'who?', a: 'Ishmael' },
  ];
  const dataset = jsonLines(...rows);
  const format: TokenFormat = { kind: 'prompt-completion', prompt: 'q', completion: 'a' };

  test.each(['completion', 'all'] as const)(
    'tell what a run cuts and leaves out, at any limit, with loss on %s',
    (lossOn) => {
      const found = rowLengths({ dataset, format, tokenizer: bytelevel, lossOn, date });
      expect(found).toMatchObject({ rows: 5, measured: 5 });
      let leftOut = 0;
      for (let maxLength = 3; maxLength < 120; maxLength++) {
        const run = () =>
          buildExamples({ dataset, format, tokenizer: bytelevel, lossOn, date, maxLength }).report;
        const left = total(found.learntFrom, (value) => value === 0 || value > maxLength);
        if (left === 5) expect(run).toThrow('no row has a token to learn');
        else
          expect(run()).toMatchObject({
            truncated: total(found.lengths, (value) => value > maxLength),
            withoutTargets: left,
          });
        leftOut += left;
      }
      expect(leftOut > 0).toBe(lossOn === 'completion');
    },
  );

  test('are those of the ids, and the same row counts twice', () => {
    const { lengths } = rowLengths({
      dataset: jsonLines({ text: 'the sea' }, { text: 'the sea' }),
      format: { kind: 'text', column: 'text' },
      tokenizer: bytelevel,
      lossOn: 'all',
      date,
    });
    const { examples } = buildExamples({
      dataset: jsonLines({ text: 'the sea' }),
      format: { kind: 'text', column: 'text' },
      tokenizer: bytelevel,
      lossOn: 'all',
      date,
      maxLength: 100,
    });
    expect(lengths).toEqual([[examples[0]!.inputIds.length, 2]]);
  });
});

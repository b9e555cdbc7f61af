import { expect, test } from 'vitest';
import type { Model } from '../../main/engine/models/model.ts';
import type { RowsRun } from '../../main/trainer/protocol/rows-run.ts';
import { prepareData } from '../../main/trainer/run/run-data.ts';
import { jsonLines, metaspace } from '../engine/data/fixtures.ts';

test('notices of rows name the file', () => {
  const specification = {
    dataset: { format: { kind: 'text', column: 'text' }, validationFraction: 0 },
    training: { sequenceLength: 8, lossOn: 'completion' },
    seed: 1,
  } as unknown as RowsRun;
  const model = {
    folder: { directory: 'model' },
    architecture: { objective: 'next-token', vocabularySize: metaspace.vocabularySize },
  } as unknown as Model;
  const train = jsonLines({ text: '<s>The dog' }, { text: 'The lazy dog jumps over the quick fox' });
  const { notices } = prepareData(
    specification,
    { train, validation: jsonLines({ text: '<s>A fox' }) },
    null,
    model,
    metaspace,
  );
  expect(notices).toEqual([
    'train.jsonl: 1 of 2 rows are longer than 8 tokens and were cut',
    "train.jsonl: 1 of 2 rows begin with the tokenizer's own <s>; it is not put before them a second time",
    "train.jsonl: 1 of 1 rows begin with the tokenizer's own <s>; it is not put before them a second time",
  ]);
});

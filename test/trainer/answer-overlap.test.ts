import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createBatchStream } from '../../main/engine/data/batches/batches.ts';
import { integersOf } from '../../main/engine/data/batches/batch.ts';
import { paddingId } from '../../main/engine/data/tokens/padding-id.ts';
import { loadTokenizer } from '../../main/engine/data/tokens/tokenizer.ts';
import { textObjectiveOf } from '../../main/engine/objectives/index.ts';
import { answerOverlap } from '../../main/trainer/measure/answer-overlap.ts';
import { runSpecificationSchema, type RunSpecification } from '../../main/trainer/protocol/protocol.ts';
import { rowsRunOf } from '../../main/trainer/protocol/rows-run.ts';
import { openForRun } from '../../main/trainer/run/open-for-run.ts';
import { prepareData } from '../../main/trainer/run/run-data.ts';
import { runSeeds } from '../../main/trainer/run/run-seeds.ts';
import { writeTinyModel } from '../support/tiny-model.ts';

const temporary = mkdtempSync(join(tmpdir(), 'nora-overlap-'));
afterAll(() => rmSync(temporary, { recursive: true, force: true }));
const modelDirectory = writeTinyModel(join(temporary, 'model'));

const write = (name: string, texts: readonly string[]): string => {
  const path = join(temporary, name);
  writeFileSync(path, texts.map((text) => `${JSON.stringify({ text })}\n`).join(''));
  return path;
};

const words = ['river', 'stone', 'light', 'winter', 'garden', 'letter', 'market', 'shadow'];
const text = (number: number): string =>
  `The ${words[number % 8]} and the ${words[(number >> 3) % 8]} were ${number} in all.`;
const texts = Array.from({ length: 30 }, (_, at) => text(at));

const specification = (
  trainFile: string,
  validationFile: string | null,
  more: object = {},
): RunSpecification =>
  runSpecificationSchema.parse({
    runDirectory: join(temporary, 'run'),
    modelDirectory,
    dataset: { trainFile, validationFile, format: { kind: 'text', column: 'text' }, validationFraction: 0.2 },
    adapter: { method: 'nora', outerRank: 4, innerRank: 2, calibrationBatches: 2 },
    training: { batchSize: 3, sequenceLength: 32, steps: 1 },
    seed: 1,
    heldOut: { seed: 7 },
    date: '2026-01-01',
    resumeFrom: null,
    ...more,
  });

describe('rows that are trained on and held out', () => {
  it('are none where rows differ and the data are split', () => {
    const planned = specification(write('plain.jsonl', texts), null);
    expect(answerOverlap([{ arm: 'NoRA', specification: planned }])).toEqual({
      ...{ trainRows: 24, heldOutRows: 6, training: [] },
      calibrations: [{ arm: 'NoRA', seed: 1, rows: 6, shared: [] }],
    });
  });

  it('are named, those of calibration too, where a validation file repeats them', () => {
    const [train, validation] = [write('train.jsonl', texts), write('held-out.jsonl', texts.slice(10))];
    const runs = [1, 2].map((seed) => ({
      arm: 'NoRA',
      specification: specification(train, validation, { seed }),
    }));
    const lora = {
      arm: 'LoRA',
      specification: specification(train, validation, { adapter: { method: 'lora' } }),
    };
    const { training, calibrations, heldOutRows } = answerOverlap([...runs, lora]);
    expect(heldOutRows).toBe(20);
    expect(training).toEqual(Array.from({ length: 20 }, (_, at) => ({ trainRow: at + 10, heldOutRow: at })));
    // A LoRA is not calibrated.
    expect(calibrations.map(({ arm, seed }) => `${arm} ${seed}`)).toEqual(['NoRA 1', 'NoRA 2']);
    for (const { shared } of calibrations) {
      expect(shared.length).toBeGreaterThan(0);
      for (const { trainRow, heldOutRow } of shared) expect(trainRow).toBe(heldOutRow + 10);
    }
  });

  it.each([false, true])(
    'are found among the very rows that calibration is given (packing %s)',
    (packing) => {
      const train = write('train.jsonl', texts);
      const training = { batchSize: 3, sequenceLength: 32, steps: 1, packing };
      const planned = specification(train, train, { training });
      const { calibrations } = answerOverlap([{ arm: 'NoRA', specification: planned }]);
      const ofRows = rowsRunOf(planned, 'rows are compared');
      const { model, sources, classes } = openForRun(ofRows);
      const tokenizer = loadTokenizer(modelDirectory);
      const data = prepareData(ofRows, sources, classes, model, tokenizer);
      const padId = paddingId(tokenizer, model.architecture.vocabularySize);
      const stream = createBatchStream({
        examples: data.train,
        batching: textObjectiveOf(model.architecture).batching({ ...planned.training, padId }),
        batchSize: 3,
        seed: runSeeds(1).initialisation,
      });
      const tokens = [stream.next(), stream.next()].flatMap((batch) => {
        const mask = integersOf(batch, 'attention_mask');
        return [...integersOf(batch, 'input_ids')].filter((_, at) => mask[at] === 1n).map(Number);
      });
      const rows = calibrations[0]!.shared.map(({ trainRow }) => trainRow);
      const bySource = new Map(data.train.map((example) => [example.sourceRow, [...example.inputIds]]));
      expect(rows.flatMap((row) => bySource.get(row)!)).toEqual(tokens);
    },
  );
});

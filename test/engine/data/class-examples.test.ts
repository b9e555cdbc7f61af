import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { sequentialBatches } from '../../../main/engine/data/batches/batches.ts';
import { buildClassExamples } from '../../../main/engine/data/examples/class-examples.ts';
import { mapLabels } from '../../../main/engine/data/examples/class-labels.ts';
import { parseDataset, readDatasetFile } from '../../../main/engine/data/files/dataset-file.ts';
import type { ClassificationFormat } from '../../../main/engine/data/files/dataset-format.ts';
import type { Examples } from '../../../main/engine/data/examples/examples.ts';
import { previewExamples } from '../../../main/engine/data/examples/preview.ts';
import { lengthsWithin } from '../../../main/engine/data/tokens/text-frame.ts';
import { loadTokenizer } from '../../../main/engine/data/tokens/tokenizer.ts';
import { openModel } from '../../../main/engine/models/model.ts';
import { createTrainer } from '../../../main/engine/train/trainer.ts';
import { classification } from '../../../main/engine/objectives/classification.ts';

const folder = join(import.meta.dirname, '../../trainer/fixtures/classification');
const dataset = readDatasetFile(join(folder, 'rows.jsonl'));
const formats: Readonly<Record<string, ClassificationFormat>> = {
  texts: { kind: 'classification', text: 'text', label: 'label' },
  pairs: { kind: 'classification', text: 'text', pair: 'other', label: 'label' },
  cut: { kind: 'classification', text: 'text', pair: 'other', label: 'label' },
};

interface Case {
  readonly maxLength: number;
  readonly ids: number[][];
  readonly types: number[][];
  readonly loss: number;
  readonly accuracy: number;
}
const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Record<
  string,
  Record<string, Case>
>;
const classes = mapLabels(['hill', 'sea', 'town'], { kind: 'numbered', count: 3 });

describe.each(['bert', 'roberta'])('rows with a class, for %s', (name) => {
  const tokenizer = loadTokenizer(join(folder, name));
  const model = openModel(join(folder, `../../../numeric/fixtures/${name}_cls/model`));
  const build = (which: string): Examples =>
    buildClassExamples({
      dataset,
      format: formats[which]!,
      tokenizer,
      classes,
      maxLength: expected[name]![which]!.maxLength,
    });

  it.each(['texts', 'pairs', 'cut'])('are tokenized as transformers does: %s', (which) => {
    const { examples, report } = build(which);
    const { ids, types, maxLength } = expected[name]![which]!;
    expect(examples.map(({ inputIds }) => [...inputIds])).toEqual(ids);
    if (name === 'bert') expect(examples.map((example) => [...example.types!])).toEqual(types);
    expect(report).toMatchObject({ rows: 36, kept: 36, withoutTargets: 0, targetTokens: 36 });
    const isCut = ids.filter(({ length }) => length === maxLength).length > 0;
    expect(report.truncated > 0).toBe(isCut);
  });

  it('get no second token at the front where they bring their own', () => {
    const own = name === 'bert' ? '[CLS]' : '<s>';
    const rows = [`${own}a hill`, 'a hill'].map((text) => JSON.stringify({ text, label: 'hill' }));
    const { examples, notices } = buildClassExamples({
      dataset: parseDataset(Buffer.from(rows.join('\n')), 'rows.jsonl'),
      format: formats['texts']!,
      tokenizer,
      classes,
      maxLength: 16,
    });
    expect(examples[0]!.inputIds).toEqual(examples[1]!.inputIds);
    expect(notices).toEqual([
      `1 of 2 rows begin with the tokenizer's own ${own}; it is not put before them a second time`,
    ]);
  });

  // torch: the mean cross entropy of one padded batch of all rows, and the share of largest logits at the label.
  it.each(['texts', 'pairs', 'cut'])('have the loss and accuracy that torch gives: %s', async (which) => {
    const { loss, accuracy, maxLength } = expected[name]![which]!;
    const trainer = await createTrainer({
      model,
      adapter: null,
      trainedWeights: ['classifier', 'classifier.out_proj'].flatMap((module) =>
        model.weightShapes.has(`${module}.weight`) ? [`${module}.weight`] : [],
      ),
      positions: maxLength,
      labels: 36,
      memory: 'fast',
      optimizer: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, maxGradientNorm: null },
      gradientAccumulation: 1,
      threads: 1,
    });
    const batching = classification.batching({
      sequenceLength: maxLength,
      packing: false,
      padId: tokenizer.padId!,
    });
    const options = { examples: build(which).examples, batching };
    for (const batchSize of [36, 5]) {
      const batches = sequentialBatches({ ...options, batchSize });
      const found = await trainer.evaluate(batches);
      expect(found.loss).toBeCloseTo(loss, 5);
      expect(found['accuracy']).toBeCloseTo(accuracy, 6);
    }
    const [whole] = sequentialBatches({ ...options, batchSize: 36 });
    expect((await trainer.step([whole!], 0)).loss).toBeCloseTo(loss, 5);
    await trainer.release();
  });
});

test('tokens of a pair are shown with the spaces between words', () => {
  const tokenizer = loadTokenizer(join(folder, 'bert'));
  const { examples } = buildClassExamples({
    dataset: parseDataset(Buffer.from('{"text":"the wave","other":"far","label":1}'), 'x.jsonl'),
    format: formats['pairs']!,
    tokenizer,
    classes,
    maxLength: 16,
  });
  const [example] = previewExamples(examples, tokenizer, 1);
  expect(example!.tokens.map(({ text }) => text).join('')).toBe('[CLS] the wave [SEP] far [SEP]');
  expect(example!.tokens.some(({ target }) => target)).toBe(false);
});

test('the longer text gives way first', () => {
  expect(lengthsWithin(3, 4, 10)).toEqual([3, 4]);
  expect(lengthsWithin(3, 20, 10)).toEqual([3, 7]);
  expect(lengthsWithin(20, 3, 10)).toEqual([7, 3]);
  expect(lengthsWithin(20, 30, 11)).toEqual([5, 6]);
  expect(lengthsWithin(30, 20, 11)).toEqual([6, 5]);
  expect(lengthsWithin(20, 0, 11)).toEqual([11, 0]);
});

describe('a row is refused', () => {
  const tokenizer = loadTokenizer(join(folder, 'bert'));
  const build = (row: object, maxLength = 16) =>
    buildClassExamples({
      dataset: parseDataset(Buffer.from(`{"text":"the sea","label":0}\n${JSON.stringify(row)}`), 'x.jsonl'),
      format: formats['texts']!,
      tokenizer,
      classes,
      maxLength,
    });

  test.each([
    [
      { text: 'wave', label: 'lake' },
      'x.jsonl, line 2: the label "lake" is none of the classes (hill, sea, town)',
    ],
    [{ text: 'wave', label: 3 }, 'x.jsonl, line 2: the label "3" is none of the classes (hill, sea, town)'],
    [{ text: 'wave' }, 'x.jsonl, line 2, label: the label is missing'],
    [{ text: '', label: 1 }, 'x.jsonl, line 2: the text is empty'],
    [{ label: 1 }, 'x.jsonl, line 2: column "text" is missing'],
  ])('%j', (row, message) => expect(() => build(row)).toThrow(message));

  test('and so is a length that the frame fills', () =>
    expect(() => build({ text: 'wave', label: 1 }, 2)).toThrow(
      'sequence length: 2 leaves no room for a text: the tokenizer puts 2 tokens around it',
    ));
});

import { describe, expect, it } from 'vitest';
import { tokenFields, type TokenBatch } from '../../../main/engine/data/batches/token-batch.ts';
import type { Example } from '../../../main/engine/data/examples/examples.ts';
import { metricRegistry } from '../../../main/engine/metrics/registry.ts';
import { pictureObjectiveNames, textObjectiveNames } from '../../../main/engine/objective-names.ts';
import { checkFormat, checkPacking } from '../../../main/engine/objectives/checks.ts';
import { objectiveFacts } from '../../../main/engine/objectives/facts.ts';
import { objectives, textObjectiveOf } from '../../../main/engine/objectives/index.ts';
import { formatOfKind } from '../../support/format-of-kind.ts';

const examples: Example[] = [
  { inputIds: Int32Array.of(5, 6, 7), targets: Uint8Array.of(1, 0, 1), label: 2, sourceRow: 0 },
  { inputIds: Int32Array.of(8, 9), targets: Uint8Array.of(0, 1), label: 0, sourceRow: 1 },
];
const scoredBy = (name: (typeof textObjectiveNames)[number]) => {
  const { assemble } = textObjectiveOf({ objective: name }).batching({
    sequenceLength: 4,
    packing: false,
    padId: 1,
  });
  return assemble(examples.map((example) => [example])) as TokenBatch;
};

describe.each(textObjectiveNames)('%s', (name) => {
  const objective = objectives[name];

  it('measures what the registry of metrics knows', () => {
    const known = metricRegistry.map((metric): string => metric.name);
    for (const metric of Object.keys(objective.metrics({ loss: 6, scored: 3, correct: 1 })))
      expect(known).toContain(`validation/${metric}`);
  });

  it('is a mean over the scored rows of a step, however it is cut', () => {
    const batches = [scoredBy(name), scoredBy(name), scoredBy(name)];
    const scored = batches.reduce((sum, batch) => sum + batch.scored, 0);
    expect(objective.splits).toBe(true);
    expect(objective.scales(batches)).toEqual(batches.map(() => 1 / scored));
  });

  it('feeds scored rows in chunks, the last of which may be empty', () => {
    const size = { labels: 200, outputs: 2 ** 17 };
    const feeds = objective.feeds(scoredBy(name), size);
    const { labelRows, labelTargets } = tokenFields(scoredBy(name));
    expect(feeds['label_rows:0']!.data).toEqual(labelRows);
    expect(feeds['label_targets:0']!.data).toEqual(labelTargets);
    expect(feeds['label_rows:3']).toEqual({ shape: [0], data: new BigInt64Array() });
    expect(Object.keys(feeds)).not.toContain('label_rows');
    expect(objective.extents({ batchSize: 2, sequenceLength: 4 }, size)).toEqual({
      batch: 2,
      sequence: 4,
      'labels:0': 64,
      'labels:1': 64,
      'labels:2': 64,
      'labels:3': 8,
    });
  });

  it('takes data of its own kinds only', () => {
    for (const other of textObjectiveNames) {
      const kinds = objectiveFacts[other].formats;
      const check = (): void => kinds.forEach((kind) => checkFormat(name, formatOfKind(kind)));
      if (other === name) check();
      else expect(check).toThrow(`dataset: ${objectiveFacts[name].otherData.line}`);
    }
  });
});

it('pictures are compared with texts by models that no data of texts alone is for', () => {
  const kinds = textObjectiveNames.flatMap((name) => objectiveFacts[name].formats);
  for (const name of pictureObjectiveNames) {
    for (const kind of kinds)
      expect(() => checkFormat(name, formatOfKind(kind))).toThrow(
        'dataset: the model compares pictures with texts, and the data has texts alone; choose a model of text',
      );
    expect(() => textObjectiveOf({ objective: name })).toThrow('the data has texts alone');
    expect(() => checkPacking(name, { packing: true })).toThrow('training.packing: a picture has a row');
  }
});

it('pictures are for models that can do with what they are', () => {
  const subject = { kind: 'pictures', classes: null, subject: {} as never } as const;
  const captions = { ...subject, subject: null };
  const classes = { ...captions, classes: ['cat', 'dog'] };
  for (const name of pictureObjectiveNames) {
    for (const format of [classes, captions]) checkFormat(name, format);
    expect(() => checkFormat(name, subject)).toThrow(
      'dataset: the pictures are of a subject, to train a model that draws',
    );
  }
  for (const format of [subject, captions]) checkFormat('noise', format);
  expect(() => checkFormat('noise', classes)).toThrow(
    'dataset: the pictures have classes, and the model draws',
  );
  expect(() => checkFormat('next-token', subject)).toThrow('dataset: the data are pictures');
});

it('the next token is scored before each target, a class at the first token', () => {
  const next = tokenFields(scoredBy('next-token'));
  expect([...next.labelRows]).toEqual([1n, 3n]);
  expect([...next.labelTargets]).toEqual([7n, 9n]);
  const classes = tokenFields(scoredBy('classification'));
  expect([...classes.labelRows]).toEqual([0n, 3n]);
  expect([...classes.labelTargets]).toEqual([2n, 0n]);
});

it('classes are counted, and their rows are not packed', () => {
  const { measure, metrics } = objectives.classification;
  const outputs = {
    loss: { shape: [1], data: Float32Array.of(1.5) },
    'logits:0': { shape: [2, 3], data: Float32Array.of(0, 1, 4, 2, 3, 0) },
  };
  const feeds = { 'label_targets:0': { shape: [2], data: BigInt64Array.of(2n, 0n) } };
  const sums = measure({ batch: scoredBy('classification'), feeds, outputs });
  expect(metrics(sums)).toEqual({ loss: 0.75, accuracy: 0.5 });
  expect(() => checkPacking('classification', { packing: true })).toThrow('training.packing: a classifier');
  checkPacking('next-token', { packing: true });
});

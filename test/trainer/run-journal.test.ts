import { expect, it } from 'vitest';
import type { Progress } from '../../main/engine/train/checkpoint.ts';
import { openJournal } from '../../main/trainer/run/run-journal.ts';
import { evaluationAt } from '../../main/trainer/run/run-metrics.ts';

/** A process that has no other run. */
const alone = { seconds: () => 4, isBesideOthers: false };

const kept: Progress = {
  stream: { seed: 1, examples: 8, epoch: 0, row: 6 },
  validationLossBefore: 5,
  validationAccuracyBefore: 0.25,
  metricsBefore: {},
  evaluations: [{ step: 2, loss: 4.5, accuracy: 0.5 }],
  initialisationSeconds: 1,
  stepSeconds: [0.5],
  stepTokens: [20],
  stepPictures: [],
  totalSeconds: 2,
  peakMemoryBytes: 3,
  sampleSeconds: 0,
  sharedMemory: false,
};

it('goes on from a checkpoint of an older version with what it knew of the start', () => {
  const { before, evaluations } = openJournal(kept, 0, alone);
  expect(evaluationAt(before!, 'before')).toEqual({
    'validation/loss/before': 5,
    'validation/accuracy/before': 0.25,
  });
  expect(evaluations).toEqual(kept.evaluations);
  const tokens = openJournal({ ...kept, validationAccuracyBefore: null }, 0, alone);
  expect(evaluationAt(tokens.before!, 'before')).toEqual({ 'validation/loss/before': 5 });
});

it('keeps all that was measured before the first step', () => {
  const journal = openJournal(undefined, 0, alone);
  journal.before = { loss: 3, perplexity: 20, accuracy: null };
  const progress = { ...kept, ...journal.progress() };
  expect(progress).toMatchObject({
    validationLossBefore: 3,
    validationAccuracyBefore: null,
    metricsBefore: { loss: 3, perplexity: 20 },
  });
  expect(evaluationAt(openJournal(progress, 0, alone).before!, 'before')).toEqual({
    'validation/loss/before': 3,
    'validation/perplexity/before': 20,
  });
});

it('knows of no memory of its own once it was beside other runs', () => {
  const peak = 'run/peak_memory_bytes';
  const shared = 'run/shared_peak_memory_bytes';
  expect(openJournal(undefined, 0, alone).timing()[peak]).toBeGreaterThan(0);
  expect(openJournal(undefined, 0, alone).timing()[shared]).toBeUndefined();
  const beside = openJournal(kept, 0, { ...alone, isBesideOthers: true });
  expect(beside.timing()[peak]).toBeUndefined();
  expect(beside.timing()[shared]).toBeGreaterThan(0);
  const later = openJournal({ ...kept, ...beside.progress() }, 0, alone);
  expect(later.timing()[peak]).toBeUndefined();
});

it('takes as long as its place says, over all processes', () => {
  expect(openJournal(kept, 0, alone).timing()['run/total_seconds']).toBe(6);
});

it('tells tokens per second, and pictures where the model draws, of the steps that it knows them of', () => {
  const speeds = (progress: Progress | undefined, pictures: number | null) => {
    const journal = openJournal(progress, 0, alone);
    journal.note(9, { tokens: 1000, pictures });
    journal.note(1.5, { tokens: 40, pictures });
    const { 'train/tokens_per_second': tokens, 'train/pictures_per_second': drawn } = journal.timing();
    return { tokens, drawn, kept: { ...kept, ...journal.progress() } };
  };
  expect(speeds(kept, null)).toMatchObject({ tokens: 30, drawn: undefined });
  const first = speeds(kept, 3);
  expect(first).toMatchObject({ tokens: undefined, drawn: 2 });
  expect(speeds(first.kept, 6)).toMatchObject({ tokens: undefined, drawn: 3 });
});

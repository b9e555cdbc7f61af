import { describe, expect, it } from 'vitest';
import { adapterSettingsSchema, trainedParameters } from '../../main/api/contract.ts';
import {
  formatBytes,
  formatChange,
  formatLoss,
  formatNumber,
  formatPlain,
  formatRate,
  formatTick,
  formatTiny,
  formatShare,
  formatLimit,
} from '../../renderer/source/format/number.ts';
import { describeProgress, gatherNotices, startLabel } from '../../renderer/source/format/run.ts';
import { formatAgo, formatSeconds } from '../../renderer/source/format/time.ts';
import { createdRun, sampleModel } from './support/fake-entities.ts';

describe('numbers', () => {
  it('are dashes where there is none', () => {
    expect([formatLoss(null), formatBytes(undefined), formatRate(Number.NaN)]).toEqual(['–', '–', '–']);
  });

  it.each([
    [formatBytes(0), '0 B'],
    [formatBytes(999), '999 B'],
    [formatBytes(5_312_048), '5.31 MB'],
    [formatBytes(412e6), '412 MB'],
    [formatChange(-0.51234), '−0.5123'],
    [formatChange(0.1), '+0.1000'],
    [formatRate(0.0123), '0.012'],
    [formatRate(4.2), '4.20'],
    [formatRate(42), '42.0'],
    [formatRate(4830.4), '4,830'],
    [formatNumber(2e-4), '2e−4'],
    [formatNumber(0), '0'],
    [formatNumber(0.0035199), '0.00352'],
    [formatNumber(0.5123), '0.512'],
    [formatTick(1.7500000001e-4), '1.75e−4'],
    [formatTick(0.30000000000000004), '0.3'],
    [formatTick(4800), '4,800'],
    [formatTiny(3.81e-6), '3.8e−6'],
    [formatTiny(0), '0'],
    [formatPlain(2e-4), '2e-4'],
    [formatPlain(0.5), '0.5'],
    [formatPlain(0), '0'],
  ])('%s', (shown, expected) => {
    expect(shown).toBe(expected);
  });
});

it.each([
  [0.0421, '0.042 s'],
  [4.2, '4.20 s'],
  [192, '3 min 12 s'],
  [7500, '2 h 5 min'],
])('%d seconds', (seconds, expected) => {
  expect(formatSeconds(seconds)).toBe(expected);
});

it('tells how long ago something was', () => {
  const now = Date.parse('2026-11-20T12:00:00Z');
  expect(formatAgo('2026-11-20T11:59:40Z', now)).toBe('just now');
  expect(formatAgo('2026-11-20T10:00:00Z', now)).toBe('2 hours ago');
  expect(formatAgo('2026-11-19T12:00:00Z', now)).toBe('yesterday');
  expect(formatAgo('2026-10-01T12:00:00Z', now)).toBe('Oct 1, 2026');
});

describe('trained parameters', () => {
  const model = sampleModel;

  it('are r (in + out) per layer for LoRA, without embeddings and the output head', () => {
    const perLayer = 256 + 192 + 192 + 256 + 472 + 472 + 472;
    expect(trainedParameters(model, adapterSettingsSchema.parse({ method: 'lora', rank: 8 }))).toBe(
      4 * 8 * perLayer,
    );
  });

  it("are 2 r r' per layer for NoRA", () => {
    const adapter = adapterSettingsSchema.parse({
      method: 'nora',
      outerRank: 32,
      innerRank: 4,
      targetModules: ['q_proj', 'lm_head'],
    });
    expect(trainedParameters(model, adapter)).toBe(5 * 2 * 32 * 4);
  });

  it('count an embedding where it is chosen', () => {
    const adapter = adapterSettingsSchema.parse({
      method: 'lora',
      rank: 8,
      targetModules: ['embed_tokens', 'lm_head'],
    });
    expect(trainedParameters(model, adapter)).toBe(2 * 8 * (2048 + 128));
  });
});

it('says what a run is doing', () => {
  const adapter = adapterSettingsSchema.parse({ method: 'lora', rank: 1, alpha: 1 });
  const run = { ...createdRun('r', 'e', { name: 'n', adapter }, 100), step: 7 };
  expect(describeProgress(run).text).toBe('7 / 100 steps');
  expect(describeProgress({ ...run, progress: { phase: 'calibrating', done: 3, total: 8 } })).toEqual({
    text: 'Calibrating 3 / 8',
    done: 3,
    total: 8,
  });
  expect(describeProgress({ ...run, progress: { phase: 'loading', done: 0, total: 1 } }).text).toBe(
    'Loading the model',
  );
  expect(describeProgress({ ...run, progress: { phase: 'training', done: 7, total: 100 } })).toMatchObject({
    text: 'Training 7 / 100',
    done: 7,
  });
});

it('tells a notice once, and of whom it is true', () => {
  const adapter = adapterSettingsSchema.parse({ method: 'lora', rank: 1, alpha: 1 });
  const run = (name: string, notices: string[], startedAt: string | null = '2026-11-20T12:00:00Z') => ({
    ...createdRun(name, 'e', { name, adapter }, 100),
    notices,
    startedAt,
  });
  expect(gatherNotices([run('a', ['cut']), run('b', ['cut', 'slow']), run('c', [], null)])).toEqual([
    'cut',
    'b: slow',
  ]);
});

it.each([
  [1, '100 %'],
  [0.995, '100 %'],
  [0.876, '88 %'],
  [0.0996, '10 %'],
  [0.012, '1.2 %'],
  [0.00034, '0.034 %'],
  [0.000_000_01, '1e−6 %'],
  [0, '0.0 %'],
])('a share of %d is %s', (share, text) => {
  expect(formatShare(share)).toBe(text);
});

it('limits have all their digits, grouped', () => {
  expect([10_000_000, 2 ** 31 - 1, 0.5].map(formatLimit)).toEqual(['10,000,000', '2,147,483,647', '0.5']);
});

it('a run goes on from a step that it has trained, or starts again', () => {
  expect(startLabel({ status: 'failed', checkpointStep: 20_000 })).toBe('Go on from step 20,000');
  expect(startLabel({ status: 'failed', checkpointStep: 0 })).toBe('Start again');
  expect(startLabel({ status: 'created', checkpointStep: null })).toBe('Start');
});

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createCommandLine } from './nora.ts';
import type { CommandLine } from './nora.ts';
import { writeTinyModel } from '../support/tiny-model.ts';

let cli: CommandLine;
beforeAll(() => {
  cli = createCommandLine();
  writeTinyModel(join(cli.directory, 'own'));
});
afterAll(() => cli.remove());
/** Neither a data directory is made, nor is a model of random weights left behind. (ONNX Runtime keeps a log or two there.) */
afterEach(() => expect(readdirSync(cli.directory).filter((name) => /^(data|nora)/.test(name))).toEqual([]));

const tiny = ['--shape', 'tiny', '--batch', '2', '--seq', '32', '--threads', '1'];

describe('nora bench', () => {
  test('measures LoRA on random weights', async () => {
    const { code, document, stderr } = await cli.noraJson('bench', ...tiny, '--rank', '4', '--steps', '5');
    expect([code, stderr]).toEqual([0, '']);
    expect(document).toMatchObject({
      model: 'tiny',
      randomWeights: true,
      adapter: { method: 'lora', rank: 4 },
      batchSize: 2,
      sequenceLength: 32,
      labels: null,
      threads: 1,
      base: 'fp32',
      memory: 'fast',
      device: 'cpu',
      totalParameters: 106_816,
      // r (in + out) of q, k, v, o, gate, up and down, in two layers
      trainedParameters: 2 * 4 * (2 * 128 + 2 * 96 + 3 * 192),
    });
    const { stepSeconds, firstStepSeconds, medianStepSeconds, minimumStepSeconds } = document;
    expect(stepSeconds).toHaveLength(5);
    const steady = stepSeconds.slice(1).toSorted((a: number, b: number) => a - b);
    expect(firstStepSeconds).toBe(stepSeconds[0]);
    expect(minimumStepSeconds).toBe(steady[0]);
    expect(medianStepSeconds).toBeCloseTo((steady[1] + steady[2]) / 2, 12);
    expect(document.tokensPerSecond).toBeCloseTo(64 / medianStepSeconds, 6);
    expect(document.gemmShare).toBeCloseTo(
      document.flopsPerStep / medianStepSeconds / document.gemmPeakFlopRate,
      9,
    );
    expect(document.gemmPeakFlopRate).toBeGreaterThan(1e8);
    // Untrained weights know nothing: a loss near that of a guess among 512 tokens, falling as the batch is learnt.
    expect(Math.abs(document.firstLoss - Math.log(512))).toBeLessThan(0.3);
    expect(document.lastLoss).toBeLessThan(document.firstLoss);
    expect(document.peakMemoryMB).toBeGreaterThan(document.peakMemoryBeforeTrainingMB);
    expect(document.loadSeconds).toBeGreaterThan(0);
  });

  test('measures NoRA, its decomposition included, with loss on some tokens', async () => {
    const ranks = ['--method', 'nora', '--outer', '8', '--inner', '2'];
    const { code, document } = await cli.noraJson(
      'bench',
      ...tiny,
      ...ranks,
      '--labels',
      '3',
      '--steps',
      '2',
    );
    expect(code).toBe(0);
    expect(document).toMatchObject({
      adapter: { method: 'nora', outerRank: 8, innerRank: 2, calibrationBatches: 1 },
      labels: 3,
      trainedParameters: 14 * 2 * (8 + 8),
    });
    expect(document.initialisationSeconds).toBeGreaterThan(0);
  });

  test('gives the same loss for the same seed', async () => {
    const lossOf = async (seed: string): Promise<number> =>
      (await cli.noraJson('bench', ...tiny, '--rank', '2', '--steps', '2', '--seed', seed)).document.lastLoss;
    const once = await lossOf('5');
    expect(await lossOf('5')).toBe(once);
    expect(await lossOf('6')).not.toBe(once);
  });

  test('measures a model of one’s own, for people', async () => {
    const words = ['--model', 'own', '--batch', '1', '--seq', '16', '--rank', '2', '--steps', '3'];
    const { code, stdout } = await cli.nora('bench', ...words);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^model +own, [\d,]+ parameters\nadapter +LoRA r2, [\d,]+ trained\n/);
    expect(stdout).toMatch(/\nstep +[\d.]+ s \(median of 2; minimum [\d.]+ s\)\n/);
    expect(stdout).toMatch(
      /\nmatrix products +[\d.]+ GFLOP\/s, \d+ % of this machine's [\d.]+ GFLOP\/s\nloss /,
    );
  });

  test('stops at Ctrl-C and cleans up', async () => {
    const running = cli.start('bench', ...tiny, '--rank', '2', '--steps', '10000');
    await running.said(/training/);
    running.child.kill('SIGINT');
    expect(await running.ended).toMatchObject({ code: 130, stdout: 'Stopped.\n' });
  });

  test.each<[string[], string, string]>([
    [['--model', 'nowhere'], 'not-found', 'nowhere: no such folder'],
    [
      ['--shape', 'tiny', '--rank', '100'],
      'invalid-input',
      'rank: 100 is larger than the matrix q_proj (64 x 64)',
    ],
    [
      ['--shape', 'tiny', '--seq', '500'],
      'invalid-input',
      "--seq: 500 is more than the model's 128 positions",
    ],
    [
      ['--base', 'fp8'],
      'invalid-input',
      '--base: expected "fp32", "bf16", "fp16", "int8" or "int4", not "fp8"',
    ],
  ])('refuses %j in one line', async (words, errorCode, message) => {
    const { code, document } = await cli.noraJson('bench', ...words);
    expect([code, document.error.code]).toEqual([2, errorCode]);
    expect(document.error.message).toContain(message);
  });
});

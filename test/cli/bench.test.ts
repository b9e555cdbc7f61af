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

  test('accounts for a step, and leaves no profile behind', async () => {
    const asked = ['bench', ...tiny, '--rank', '4', '--steps', '2', '--profile'];
    const { code, document } = await cli.noraJson(...asked);
    expect(code).toBe(0);
    const { stepSeconds, rows, operators, outside, limits } = document.profile;
    const seconds = (all: { seconds: number }[]): number =>
      all.reduce((sum: number, one: { seconds: number }) => sum + one.seconds, 0);
    expect(seconds(rows) + seconds(outside)).toBeCloseTo(stepSeconds, 9);
    expect(seconds(operators)).toBeCloseTo(seconds(rows), 9);
    const flops = rows.reduce((sum: number, row: { flops: number }) => sum + row.flops, 0);
    expect(flops).toBeCloseTo(document.flopsPerStep, 0);
    expect(limits.flopRate).toBe(document.gemmPeakFlopRate);
    expect(limits.bytesPerSecond).toBeGreaterThan(1e8);
    const down = rows.find(
      (row: { part: string; direction: string }) => row.part === 'down_proj' && row.direction === 'backward',
    );
    expect(down).toMatchObject({ operator: 'sumOfProducts', flops: 2 * 2 * 64 * 128 * (64 + 8) });
    expect(down.ofFlopRate).toBeCloseTo(down.flops / down.seconds / limits.flopRate, 9);
    expect(down.shareOfStep).toBeCloseTo(down.seconds / stepSeconds, 9);

    const { stdout } = await cli.nora(...asked);
    expect(stdout).toContain('A watched step takes');
    expect(stdout).toMatch(
      /^part +operator +direction +ms +% +GB +GB\/s +% of max +GFLOP\/s +% of max +limit$/m,
    );
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120);
    expect(stdout.match(/^ *together +[0-9.]+ +100$/gm)).toHaveLength(2);
  });

  test('measures answers token by token, and accounts for them', async () => {
    const asked = ['bench', '--decode', '--shape', 'tiny', '--seq', '20', '--steps', '6', '--threads', '1'];
    const { code, document } = await cli.noraJson(...asked, '--base', 'int8', '--profile');
    expect(code).toBe(0);
    expect(document).toMatchObject({ promptTokens: 20, tokens: 6, base: 'int8', totalParameters: 106_816 });
    expect(document.tokenSeconds).toHaveLength(5);
    const { token, prompt } = document.profile;
    // The quickest quarter of five.
    expect([token.steps, prompt.steps]).toEqual([1, 1]);
    for (const { rows, outside, stepSeconds } of [token, prompt]) {
      const all: { seconds: number }[] = [...rows, ...outside];
      expect(all.reduce((sum, { seconds }) => sum + seconds, 0)).toBeCloseTo(stepSeconds, 9);
    }
    const flopsOf = (rows: { part: string; flops: number }[]): number =>
      rows.reduce((sum, { part, flops }) => sum + (part === 'down_proj' ? flops : 0), 0);
    expect(flopsOf(token.rows)).toBe(2 * 2 * 64 * 128);
    // A weight in 8 bits, which the kernel keeps in an order of its own, with its scales and what goes in and out.
    const down = token.rows.find(({ part }: { part: string }) => part === 'down_proj');
    expect(down.bytes / 2).toBeGreaterThan(64 * 128);
    expect(down.bytes / 2).toBeLessThan(2 * 64 * 128);
    expect(flopsOf(prompt.rows)).toBe(20 * flopsOf(token.rows));

    const { stdout } = await cli.nora(...asked);
    expect(stdout).toMatch(/^token +[0-9.]+ ms \(median; minimum [0-9.]+ ms\), [0-9.]+ a second$/m);
  });

  test('refuses what means nothing to answering', async () => {
    const { code, stderr } = await cli.nora('bench', '--decode', '--rank', '4');
    expect([code, stderr.trim()]).toEqual([
      2,
      'error: --rank: means nothing to --decode, which takes --profile, --model, --shape, --seq, --steps, --threads, --seed, --base',
    ]);
  });

  test('accounts for steps on the CPU alone', async () => {
    const { code, stderr } = await cli.nora('bench', ...tiny, '--device', 'webgpu', '--profile');
    expect([code, stderr.trim()]).toEqual([
      2,
      'error: --profile: accounts for steps on the CPU only, not on webgpu',
    ]);
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

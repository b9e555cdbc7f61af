import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGraphBuilder } from '../../../../main/engine/graph/create-graph-builder.ts';
import {
  accountFor,
  betweenNodes,
  quickest,
  unnamed,
} from '../../../../main/engine/runtime/profile/account.ts';
import { createRecorder } from '../../../../main/engine/runtime/profile/recorder.ts';
import type { Tensor } from '../../../../main/engine/tensor.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'nora-profile-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const tensor = (...shape: number[]): Tensor => ({
  shape,
  data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1),
});

const productAndNorm = () => {
  const g = createGraphBuilder();
  const x = g.input('x', 'float32', ['rows', 8]);
  const weight = g.input('weight', 'float32', [8, 8]);
  const y = g.within('up_proj', () => g.matmul(x, weight));
  return g.build({
    y: g.within('norm', () => g.rmsNorm(y, g.constant('one', [8], new Float32Array(8)), 1e-5)),
  });
};

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

/** Steps of so many rows each, with a run outside of them before. */
const record = async (rows: readonly number[]) => {
  const recorder = createRecorder(folder);
  const session = await recorder.session(productAndNorm(), { threads: 1 });
  const run = (count: number) => session.run({ x: tensor(count, 8), weight: tensor(8, 8) });
  await run(100);
  for (const count of rows)
    await recorder.step(async () => {
      await recorder.span('folding', pause);
      await run(count);
    });
  await session.release();
  return recorder;
};

const sum = (rows: readonly { readonly seconds: number }[]): number =>
  rows.reduce((total, { seconds }) => total + seconds, 0);

describe('the account of a step', () => {
  it('has rows by part, operator and direction, and adds up', async () => {
    const { steps, stepSeconds, rows, kernels, outside } = await accountFor(
      await record([1, 2, 4]),
      (step) => step > 0,
    );
    expect(steps).toBe(2);
    expect(sum(rows) + sum(outside)).toBeCloseTo(stepSeconds, 12);
    expect(sum(kernels)).toBeCloseTo(sum(rows), 12);
    // Steps of 2 and of 4 rows: 3 in the mean, each 8 numbers wide.
    const product = rows.find(({ operator }) => operator === 'matmul')!;
    expect(product).toMatchObject({ part: 'up_proj', direction: 'forward', nodes: 1 });
    expect(product.flops).toBe(2 * 3 * 8 * 8);
    expect(product.bytes).toBe(4 * (3 * 8 + 64 + 3 * 8));
    const norm = rows.find(({ operator }) => operator === 'rmsNorm')!;
    expect(norm).toMatchObject({ part: 'norm', direction: 'forward', flops: 0 });
    expect(rows.map(({ operator }) => operator).toSorted()).toEqual(
      ['matmul', 'rmsNorm', unnamed].toSorted(),
    );
    expect(kernels.map(({ kernel }) => kernel)).toContain('SimplifiedLayerNormalization');
    expect(outside.map(({ name }) => name).toSorted()).toEqual(
      ['JavaScript', betweenNodes, 'folding', 'session calls'].toSorted(),
    );
    expect(outside.find(({ name }) => name === 'folding')!.seconds).toBeGreaterThan(0.004);
  });

  it('tells steps apart that end in the midst of a work', async () => {
    const recorder = createRecorder(folder);
    const session = await recorder.session(productAndNorm(), { threads: 1 });
    await recorder.step(async () => {
      for (const count of [3, 5]) {
        await session.run({ x: tensor(count, 8), weight: tensor(8, 8) });
        recorder.nextStep();
      }
      await recorder.span('folding', () => expect(recorder.nextStep).toThrow('in the midst'));
    });
    await session.release();
    expect(recorder.steps).toHaveLength(3);
    const flopsOf = async (at: number): Promise<number> => {
      const { rows, outside, stepSeconds } = await accountFor(recorder, (step) => step === at);
      expect(sum(rows) + sum(outside)).toBeCloseTo(stepSeconds, 12);
      return rows.reduce((total, { flops }) => total + flops, 0);
    };
    expect([await flopsOf(0), await flopsOf(1)]).toEqual([2 * 3 * 64, 2 * 5 * 64]);
    expect(await flopsOf(2)).toBe(0);
  });

  it('is refused where runs are missing in the profile', async () => {
    const recorder = await record([1, 2]);
    const [file] = readdirSync(folder).map((name) => join(folder, name)) as [string];
    const lines = readFileSync(file, 'utf8').split('\n');
    const last = lines.findLastIndex((line) => line.includes('model_run'));
    writeFileSync(file, lines.toSpliced(last, 1).join('\n'));
    await expect(accountFor(recorder, () => true)).rejects.toThrow('has 2 of 3 runs');
  });

  it('is of the quickest quarter of steps, and of none before or behind those that are meant', () => {
    const steps = [0.1, 5, 3, 4, 9, 2, 8, 7, 6, 0.2].map((seconds) => ({ seconds, spans: new Map() }));
    const chosen = (from?: number, to?: number): number[] =>
      [...steps.keys()].filter(quickest(steps, from, to));
    expect(chosen(1, 9)).toEqual([2, 5]);
    expect(chosen(1, 4)).toEqual([2]);
    expect(chosen()).toEqual([5, 9]);
  });

  it('is refused without steps', async () => {
    const recorder = createRecorder(folder);
    const session = await recorder.session(productAndNorm(), { threads: 1 });
    await expect(accountFor(recorder, () => true)).rejects.toThrow('of 0 steps none');
    await session.release();
  });
});

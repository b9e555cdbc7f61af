import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAdapter } from '../../main/engine/adapters/folder/adapter-folder.ts';
import { foldLayer } from '../../main/engine/adapters/layer/fold.ts';
import {
  adapterSettingsSchema,
  describeAdapter,
} from '../../main/engine/adapters/settings/adapter-settings.ts';
import { multiply } from '../../main/engine/linear-algebra/matrix.ts';
import { singularValueDecomposition } from '../../main/engine/linear-algebra/svd.ts';
import { trainingSettingsSchema } from '../../main/engine/train/settings/training-settings.ts';
import { diagnoseRuns } from '../../main/trainer/diagnose/diagnose-runs.ts';
import { diagnosisSchema, type Diagnosis } from '../../main/trainer/protocol/diagnosis-schema.ts';
import type { RunSpecification, TrainerEvent } from '../../main/trainer/protocol/protocol.ts';
import { trainRun } from '../../main/trainer/run/train-run.ts';

const sample = join(import.meta.dirname, '../../main/sample');
const workspace = mkdtempSync(join(tmpdir(), 'nora-diagnose-'));
afterAll(() => rmSync(workspace, { recursive: true, force: true }));

const targets = { targetModules: ['q_proj', 'down_proj'] };

/** Evaluates on just the rows that the losses are measured on: 16 batches of 2. */
const runOf = (name: string, adapter: object, seed: number): RunSpecification => ({
  runDirectory: join(workspace, name),
  modelDirectory: join(sample, 'model'),
  cacheDirectory: null,
  dataset: {
    trainFile: join(sample, 'data/moby-dick.train.jsonl'),
    validationFile: join(sample, 'data/moby-dick.validation.jsonl'),
    format: { kind: 'text', column: 'text' },
    validationFraction: 0.1,
  },
  adapter: adapterSettingsSchema.parse({ ...adapter, ...targets }),
  training: trainingSettingsSchema.parse({
    ...{ steps: 3, batchSize: 2, sequenceLength: 32, evaluationBatches: 16, learningRate: 5e-3, threads: 1 },
  }),
  seed,
  date: '2026-11-28',
  resumeFrom: null,
});

const nora = { method: 'nora', outerRank: 8, innerRank: 2, calibrationBatches: 1 };
const runs = {
  nora: runOf('nora', nora, 3),
  again: runOf('again', nora, 4),
  pissa: runOf('pissa', { method: 'pissa', rank: 4 }, 3),
  lora: runOf('lora', { method: 'lora', rank: 4 }, 3),
};
const names = Object.keys(runs) as (keyof typeof runs)[];
const ofRuns: Record<string, Readonly<Record<string, number>>> = {};
const events: TrainerEvent[] = [];
let diagnosis: Diagnosis;

beforeAll(async () => {
  for (const name of names)
    await trainRun(runs[name], {
      emit: (event) => void (event.type === 'completed' && (ofRuns[name] = event.summary)),
      shouldStop: () => null,
    });
  diagnosis = await diagnoseRuns(
    {
      modelDirectory: join(sample, 'model'),
      threads: 1,
      pairs: null,
      runs: names.map((name) => ({
        runId: name,
        name,
        adapterDirectory: join(runs[name].runDirectory, 'adapter'),
        startDirectory: join(runs[name].runDirectory, 'adapter-start'),
        seed: runs[name].seed,
        heldOut: runs[name],
      })),
    },
    { emit: (event) => void events.push(event) },
  );
}, 240_000);

const runNamed = (name: string) => diagnosis.runs.find(({ runId }) => runId === name)!;
const pairOf = (a: string, b: string) => diagnosis.pairs.find((pair) => pair.a === a && pair.b === b)!;

it('is what the protocol lets through', () => {
  expect(diagnosisSchema.parse(JSON.parse(JSON.stringify(diagnosis)))).toEqual(diagnosis);
  expect(events.at(-1)).toMatchObject({ phase: 'diagnosing', done: 7, total: 8 });
});

it.each(names)('has the losses that the run of %s measured', (name) => {
  const { losses } = runNamed(name);
  expect(Math.abs(losses!.base! - ofRuns[name]!['validation/loss/before']!)).toBeLessThan(1e-5);
  expect(Math.abs(losses!.start! - losses!.base!)).toBeLessThan(1e-4);
  expect(Math.abs(losses!.trained - ofRuns[name]!['validation/loss']!)).toBeLessThan(1e-5);
  expect(losses!.on).toMatchObject({ data: 'held-out', rows: 32 });
});

it.each(names)('has the spectrum of the whole delta of %s', (name) => {
  const { settings, layers, values } = readAdapter(join(runs[name].runDirectory, 'adapter'));
  const description = describeAdapter(settings);
  for (const layer of layers.slice(0, 2)) {
    const { loraA, loraB, rank } = foldLayer(description, layer, values);
    const { outFeatures, inFeatures, module } = layer;
    const whole = multiply(
      { rows: outFeatures, columns: rank, data: loraB },
      { rows: rank, columns: inFeatures, data: loraA },
    );
    const { delta } = runNamed(name).layers.find((one) => one.module === module)!;
    const found = delta!.singularValues;
    const { singularValues } = singularValueDecomposition(whole, found.length);
    const largest = singularValues[0]!;
    // The folded pair is rounded to float32, in which a start and what it has become nearly cancel.
    for (const [at, value] of found.entries())
      expect(Math.abs(value - singularValues[at]!)).toBeLessThan(1e-4 * largest);
  }
});

describe('the outer pair', () => {
  it('is told of where it is made of the weight', () => {
    expect(runNamed('lora').layers.every(({ outer }) => outer === null)).toBe(true);
    for (const name of ['nora', 'pissa'])
      for (const { outer } of runNamed(name).layers) {
        expect(outer!.weightEnergy).toBeGreaterThan(0);
        expect(outer!.outputEnergy).toBeLessThanOrEqual(1 + 1e-9);
        expect(outer!.outputError).toBeLessThan(1);
        // What lies in B's span can be had without error, so the pair can't do better than that.
        expect(outer!.outputError ** 2).toBeGreaterThan(1 - outer!.outputEnergy - 1e-6);
      }
  });

  it('of a plain SVD holds the energy of its singular values', () => {
    const { layers } = runNamed('pissa');
    const [layer] = readAdapter(join(runs.pissa.runDirectory, 'adapter')).layers;
    const { outer } = layers.find(({ module }) => module === layer!.module)!;
    expect(outer!.weightEnergy).toBeLessThan(1);
    expect(outer!.weightEnergy).toBeGreaterThan(4 / Math.min(layer!.inFeatures, layer!.outFeatures));
  });
});

describe('a pair of runs', () => {
  it('shares outer bases of other calibration rows, far above chance', () => {
    const { summary, layers } = pairOf('nora', 'again');
    expect(layers).toHaveLength(8);
    expect(summary.outerOutputs).toBeGreaterThan(0.9);
    expect(summary.outerOutputs).toBeLessThan(1);
    expect(summary.outerChance).toBeLessThan(0.1);
  });

  it('has no outer overlap with a drawn one, and a delta within its own bases', () => {
    const { layers, summary } = pairOf('nora', 'lora');
    expect(layers.every(({ outer }) => outer === null)).toBe(true);
    expect(summary.outerOutputs).toBeNull();
    expect(summary.deltaOutputs).toBeGreaterThan(0);
    expect(summary.deltaOutputs).toBeLessThan(1);
  });
});

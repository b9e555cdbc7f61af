import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { adapterSettingsSchema } from '../../main/engine/adapters/settings/adapter-settings.ts';
import { openModelFolder } from '../../main/engine/formats/model-folder.ts';
import { readPeft } from '../../main/engine/peft/index.ts';
import { openModel } from '../../main/engine/models/model.ts';
import { trainingSettingsSchema } from '../../main/engine/train/settings/training-settings.ts';
import { exportRun } from '../../main/trainer/export/export-run.ts';
import {
  mergeCertificateSchema,
  type MergeCertificate,
} from '../../main/trainer/protocol/certificate-schema.ts';
import type {
  ExportSpecification,
  ExportSummary,
  RunSpecification,
  RunEvent,
  TrainerEvent,
} from '../../main/trainer/protocol/protocol.ts';
import { trainRun } from '../../main/trainer/run/train-run.ts';
import { classificationFixtures, writeClassifierFolder } from '../support/classifier-folder.ts';

const sample = join(import.meta.dirname, '../../main/sample');
const workspace = mkdtempSync(join(tmpdir(), 'nora-certificate-'));
afterAll(() => rmSync(workspace, { recursive: true, force: true }));

/** A run that evaluates on just the rows that a certificate takes: 16 batches of 2. */
const runOf = (name: string, adapter: object, changes: Partial<RunSpecification> = {}): RunSpecification => ({
  runDirectory: join(workspace, name),
  modelDirectory: join(sample, 'model'),
  cacheDirectory: null,
  dataset: {
    trainFile: join(sample, 'data/moby-dick.train.jsonl'),
    validationFile: join(sample, 'data/moby-dick.validation.jsonl'),
    format: { kind: 'text', column: 'text' },
    validationFraction: 0.1,
  },
  adapter: adapterSettingsSchema.parse(adapter),
  training: trainingSettingsSchema.parse({
    ...{ steps: 4, batchSize: 2, sequenceLength: 32, evaluationBatches: 16, learningRate: 2e-3, threads: 2 },
  }),
  seed: 3,
  date: '2026-11-28',
  resumeFrom: null,
  ...changes,
});

const lastOf = async <Event = TrainerEvent>(
  job: (emit: (event: Event) => void) => Promise<void>,
): Promise<Event> => {
  const events: Event[] = [];
  await job((event) => void events.push(event));
  return events.at(-1)!;
};

/** What the run measured of its adapter, at its end. */
const trained = async (run: RunSpecification): Promise<Readonly<Record<string, number>>> => {
  const end = await lastOf<RunEvent>((emit) => trainRun(run, { emit, shouldStop: () => null }));
  if (end.type !== 'completed') throw new Error(end.type);
  return end.summary;
};

const exported = async (
  { runDirectory, modelDirectory }: RunSpecification,
  changes: Pick<ExportSpecification, 'kind' | 'heldOut'>,
): Promise<{ summary: ExportSummary; certificate: MergeCertificate; destination: string }> => {
  const destination = `${runDirectory}-${changes.kind}`;
  const specification = {
    ...{ modelDirectory, adapterDirectory: join(runDirectory, 'adapter'), destination },
    ...{ baseModelName: 'sample', threads: 2, workbenchVersion: '1.2.3' },
    ...changes,
  };
  const end = await lastOf((emit) => exportRun(specification, { emit, shouldStop: () => null }));
  if (end.type !== 'exported') throw new Error(end.type);
  const text = readFileSync(join(destination, 'merge-certificate.json'), 'utf8');
  const certificate = mergeCertificateSchema.parse(JSON.parse(text));
  return { summary: end.summary, certificate, destination };
};

const sha256 = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

describe.each([
  ['nora', { method: 'nora', outerRank: 8, innerRank: 2, calibrationBatches: 1 }],
  ['dora', { method: 'dora', rank: 4 }],
  ['pissa', { method: 'pissa', rank: 4 }],
])('the certificate of a run with %s', (name, adapter) => {
  const run = runOf(name, adapter);

  it('has the loss that the run measured, and that of the files', { timeout: 120_000 }, async () => {
    const measured = await trained(run);
    const { summary, certificate, destination } = await exported(run, { kind: 'merged', heldOut: run });
    expect(summary.certificate).toEqual(certificate);
    expect(summary.files).toContain('merge-certificate.json');
    const [loss] = certificate.metrics.values;
    expect(loss?.name).toBe('loss');
    expect(Math.abs(loss!.before - measured['validation/loss']!)).toBeLessThan(1e-5);
    // Merged into bfloat16: near, not equal.
    expect(Math.abs(loss!.after - loss!.before)).toBeLessThan(0.02);
    expect(loss!.after).not.toBe(loss!.before);
    expect(certificate.metrics.on).toMatchObject({ data: 'held-out', rows: 32, reason: null });
    expect(certificate.metrics.on.file).toMatchObject({
      name: 'moby-dick.validation.jsonl',
      sha256: sha256(join(sample, 'data/moby-dick.validation.jsonl')),
    });
    expect(certificate.logits.meanDifference).toBeGreaterThan(0);
    expect(certificate.logits.meanDifference).toBeLessThan(certificate.logits.largestDifference);
    expect(certificate.versions).toMatchObject({ workbench: '1.2.3', node: process.version });

    const folders = [
      [certificate.base.files, join(sample, 'model')],
      [certificate.adapter.files, join(run.runDirectory, 'adapter')],
      [certificate.exported.files, destination],
    ] as const;
    for (const [files, folder] of folders) {
      expect(files.length).toBeGreaterThan(1);
      for (const file of files) expect(file.sha256).toBe(sha256(join(folder, file.name)));
    }
    expect(certificate.exported.files.map((file) => file.name)).not.toContain('merge-certificate.json');
    expect(JSON.stringify(certificate)).not.toContain(workspace);
  });
});

it('lies beside weights that load as before', async () => {
  const run = runOf('nora', { method: 'nora', outerRank: 8, innerRank: 2, calibrationBatches: 1 });
  const { destination } = await exported(run, { kind: 'adapter', heldOut: 'imported' });
  const model = openModel(join(sample, 'model'));
  expect(readPeft(destination, model.targetLayers).layers.length).toBeGreaterThan(0);
  expect(openModelFolder(join(workspace, 'nora-merged')).auxiliaryFiles).not.toContain(
    'merge-certificate.json',
  );
});

it('says why it is of sample prompts', async () => {
  const run = runOf('dora', { method: 'dora', rank: 4 });
  const gone = { ...run.dataset, validationFile: join(workspace, 'gone.jsonl') };
  const { certificate } = await exported(run, { kind: 'adapter', heldOut: { ...run, dataset: gone } });
  expect(certificate.metrics.on).toMatchObject({ data: 'sample-prompts', file: null, rows: 4 });
  expect(certificate.metrics.on.reason).toContain('gone.jsonl');
  const [loss] = certificate.metrics.values;
  expect(Math.abs(loss!.after - loss!.before)).toBeLessThan(1e-4);
});

it('has the accuracy of a classifier', { timeout: 120_000 }, async () => {
  const modelDirectory = writeClassifierFolder(join(workspace, 'bert'), 'bert');
  const run = runOf(
    'classifier',
    { method: 'lora', rank: 4, modulesToSave: ['classifier'] },
    {
      modelDirectory,
      dataset: {
        trainFile: join(classificationFixtures, 'rows.jsonl'),
        validationFile: null,
        format: { kind: 'classification', text: 'text', label: 'label' },
        validationFraction: 0.3,
      },
    },
  );
  const measured = await trained(run);
  const { certificate } = await exported(run, { kind: 'merged', heldOut: run });
  expect(certificate.metrics.values.map(({ name }) => name)).toEqual(['loss', 'accuracy']);
  const [, accuracy] = certificate.metrics.values;
  expect(accuracy).toMatchObject({ before: measured['validation/accuracy'], after: accuracy!.before });
  const samples = await exported({ ...run }, { kind: 'adapter', heldOut: 'the data has changed' });
  expect(samples.certificate.metrics).toMatchObject({ on: { reason: 'the data has changed' }, values: [] });
});

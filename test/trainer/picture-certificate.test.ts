import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adapterSettingsSchema } from '../../main/engine/adapters/settings/adapter-settings.ts';
import { contentOfSet } from '../../main/engine/data/pictures/sets/set-content.ts';
import { openImported } from '../../main/engine/data/pictures/sets/open-imported.ts';
import { trainingSettingsSchema } from '../../main/engine/train/settings/training-settings.ts';
import { exportRun } from '../../main/trainer/export/export-run.ts';
import { certificateText } from '../../main/trainer/protocol/certificate-text.ts';
import {
  mergeCertificateSchema,
  type MergeCertificate,
} from '../../main/trainer/protocol/certificate-schema.ts';
import { picturesSourceOf } from '../../main/trainer/protocol/dataset-source.ts';
import type { ExportKind, RunEvent, RunSpecification } from '../../main/trainer/protocol/protocol.ts';
import { describePictures } from '../../main/trainer/read/describe-pictures.ts';
import { trainRun } from '../../main/trainer/run/train-run.ts';
import { writeTinyClip } from '../support/tiny-clip.ts';
import { writeColourPictures } from '../support/tiny-pictures.ts';

const workspace = mkdtempSync(join(tmpdir(), 'nora-picture-certificate-'));
afterAll(() => rmSync(workspace, { recursive: true, force: true }));
const modelDirectory = writeTinyClip(join(workspace, 'clip'));
const trainFile = join(workspace, 'colours');
let run: RunSpecification;
let measured: Record<string, number>;

beforeAll(async () => {
  await writeColourPictures(trainFile);
  const { format } = await describePictures({ trainFile });
  run = {
    runDirectory: join(workspace, 'run'),
    modelDirectory,
    cacheDirectory: null,
    dataset: { trainFile, validationFile: null, format, validationFraction: 0.25 },
    // Of one tower: the run embeds its texts once, and its export has both towers.
    adapter: adapterSettingsSchema.parse({
      ...{
        method: 'rslora',
        rank: 2,
        alpha: 2,
        targetModules: String.raw`vision_model\..*\.(q_proj|v_proj)`,
      },
    }),
    training: trainingSettingsSchema.parse({
      ...{ steps: 6, batchSize: 3, learningRate: 0.02, threads: 1 },
      pictures: { shots: 2, template: 'a {}', centre: 'even' },
    }),
    seed: 1,
    date: '2026-11-28',
    resumeFrom: null,
  };
  const events: RunEvent[] = [];
  await trainRun(run, { emit: (event) => void events.push(event), shouldStop: () => null });
  measured = Object.fromEntries(
    events.flatMap((event) =>
      event.type === 'metrics' ? event.metrics.map(({ name, value }) => [name, value] as const) : [],
    ),
  );
});

const certified = async (kind: ExportKind, heldOut = run): Promise<MergeCertificate> => {
  const destination = mkdtempSync(join(workspace, `${kind}-`));
  await exportRun(
    {
      ...{ kind, modelDirectory, destination, baseModelName: 'clip', threads: 1, heldOut },
      adapterDirectory: join(heldOut.runDirectory, 'adapter'),
    },
    { emit: () => undefined, shouldStop: () => null },
  );
  return mergeCertificateSchema.parse(
    JSON.parse(readFileSync(join(destination, 'merge-certificate.json'), 'utf8')),
  );
};

describe.each(['merged', 'adapter', 'clip-lora'] as const)('%s', (kind) => {
  it('is certified on the pictures that the run held out, with the texts of its classes', async () => {
    const { metrics, logits } = await certified(kind);
    const sha256 = await contentOfSet(await openImported(picturesSourceOf(run.dataset)));
    expect(metrics.on).toMatchObject({
      ...{ data: 'held-out-pictures', rows: 12, scored: 12, reason: null },
      file: { name: 'colours', sha256 },
    });
    // All twelve were measured on by the run, too.
    for (const [name, own] of [
      ['loss', measured['validation/loss']!],
      ['accuracy', measured['validation/accuracy']!],
    ] as const) {
      const found = metrics.values.find((metric) => metric.name === name)!;
      expect(found.before).toBeCloseTo(own, 4);
      expect(found.after).toBeCloseTo(found.before, 4);
    }
    expect(logits.largestDifference).toBeLessThan(1e-4);
    expect(logits.tokens).toBe(metrics.on.tokens);
  });
});

it('says so where the pictures are gone, and compares on noise', async () => {
  renameSync(trainFile, join(workspace, 'elsewhere'));
  try {
    const certificate = await certified('merged');
    expect(certificate.metrics).toMatchObject({ on: { data: 'noise', file: null }, values: [] });
    expect(certificate.metrics.on.reason).toContain(trainFile);
    expect(certificate.logits.largestDifference).toBeLessThan(1e-4);
    expect(certificateText(certificate)[0]).toMatch(
      /^No metric was measured: the logits were compared on pictures of noise, which have none \(.*colours/,
    );
  } finally {
    renameSync(join(workspace, 'elsewhere'), trainFile);
  }
});

it('is told in a line', async () => {
  expect(certificateText(await certified('adapter'))[0]).toMatch(
    /^Measured on 12 held-out pictures with their texts, as the logits were: loss [\d.]+ before and [\d.]+ after, accuracy /,
  );
});

it('has captions and their pictures where the run had those', async () => {
  const file = join(trainFile, 'captions.csv');
  const rows = ['red', 'green', 'blue'].flatMap((colour) =>
    ['00', '01', '02', '03'].map((number) => `train/${colour}/${number}.png,a ${colour} square`),
  );
  writeFileSync(file, ['image,caption', ...rows, ''].join('\n'));
  const { format } = await describePictures({ trainFile: file });
  const onCaptions: RunSpecification = {
    ...run,
    runDirectory: join(workspace, 'captions'),
    dataset: { ...run.dataset, trainFile: file, format },
    training: trainingSettingsSchema.parse({ steps: 2, batchSize: 3, threads: 1 }),
  };
  await trainRun(onCaptions, { emit: () => undefined, shouldStop: () => null });
  const { metrics, logits } = await certified('merged', onCaptions);
  expect(metrics.on).toMatchObject({ data: 'held-out-pictures', rows: 3, file: { name: 'captions.csv' } });
  expect(metrics.values.find(({ name }) => name === 'loss')!.before).toBeGreaterThan(0);
  expect(logits.largestDifference).toBeLessThan(1e-4);
});

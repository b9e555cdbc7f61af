import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { readAdapter } from '../../../main/engine/adapters/folder/adapter-folder.ts';
import { adapterSettingsSchema } from '../../../main/engine/adapters/settings/adapter-settings.ts';
import { sha256OfFileSync } from '../../../main/engine/formats/file-hash.ts';
import { trainingSettingsSchema } from '../../../main/engine/train/settings/training-settings.ts';
import { openDatabase } from '../../../main/store/open-database.ts';
import { copyLibrary } from '../../../main/store/library-copies.ts';
import { exportRun } from '../../../main/trainer/export/export-run.ts';
import { certificateName, finishedExport } from '../../../main/trainer/export/finished-export.ts';
import { importAdapter } from '../../../main/trainer/export/import-adapter.ts';
import type { ExportKind, ExportSpecification } from '../../../main/trainer/protocol/protocol.ts';
import { trainRun } from '../../../main/trainer/run/train-run.ts';
import { root } from '../../support/paths.ts';
import { writeTinyModel } from '../../support/tiny-model.ts';
import { survivePowerCuts } from './survive.ts';

const place = mkdtempSync(join(tmpdir(), 'nora-power-exports-'));
const modelDirectory = join(place, 'model');
const runDirectory = join(place, 'run');
const exported = join(place, 'exported');
const goesOn = (): null => null;

const exportOf = (kind: ExportKind, destination: string): ExportSpecification => ({
  kind,
  modelDirectory,
  adapterDirectory: join(runDirectory, 'adapter'),
  destination,
  baseModelName: 'tiny',
  threads: 1,
});

beforeAll(async () => {
  writeTinyModel(modelDirectory);
  await trainRun(
    {
      runDirectory,
      modelDirectory,
      cacheDirectory: null,
      dataset: {
        trainFile: join(root, 'main/sample/data/moby-dick.train.jsonl'),
        validationFile: null,
        format: { kind: 'text', column: 'text' },
        validationFraction: 0.1,
      },
      adapter: adapterSettingsSchema.parse({ method: 'lora', rank: 2 }),
      training: trainingSettingsSchema.parse({
        ...{
          steps: 1,
          batchSize: 1,
          sequenceLength: 16,
          evaluationBatches: 1,
          learningRate: 1e-3,
          threads: 1,
        },
      }),
      seed: 1,
      date: '2026-11-29',
      resumeFrom: null,
    },
    { emit: () => undefined, shouldStop: goesOn },
  );
  await exportRun(exportOf('adapter', exported), { emit: () => undefined, shouldStop: goesOn });
}, 60_000);

test.each<ExportKind>(['adapter', 'merged'])(
  'an export of kind %s is whole or not there, and there once that was said',
  async (kind) => {
    const { operations, states } = await survivePowerCuts({
      work: (directory, mark) =>
        exportRun(exportOf(kind, join(directory, 'exports', 'mine')), {
          emit: ({ type }) => {
            if (type === 'exported') mark('exported');
          },
          shouldStop: goesOn,
        }),
      check: (directory, { marks }) => {
        const destination = join(directory, 'exports', 'mine');
        if (marks.length === 0 && !existsSync(destination)) return;
        const found = finishedExport(destination);
        expect(found).toBeDefined();
        for (const { name, sha256 } of found!.certificate!.exported.files)
          expect(sha256OfFileSync(join(destination, name)), name).toBe(sha256);
        expect(readFileSync(join(destination, certificateName), 'utf8')).not.toBe('');
      },
    });
    expect(operations).toBeGreaterThan(20);
    expect(states).toBeGreaterThan(20);
  },
  120_000,
);

test('an adapter that is imported is whole or not there', async () => {
  await survivePowerCuts({
    work: (directory, mark) =>
      importAdapter(
        {
          modelDirectory,
          peftDirectory: exported,
          destination: join(directory, 'adapters', 'a'),
          onResidualBase: false,
          threads: 1,
        },
        {
          emit: ({ type }) => {
            if (type === 'imported') mark('imported');
          },
          shouldStop: goesOn,
        },
      ),
    check: (directory, { marks }) => {
      const destination = join(directory, 'adapters', 'a');
      if (marks.length > 0 || existsSync(destination))
        expect(readAdapter(destination).layers.length).toBeGreaterThan(0);
    },
  });
}, 60_000);

test('of a copy of the library, made before its version is raised, no part has its name', async () => {
  await survivePowerCuts({
    prepare: (directory) => {
      mkdirSync(join(directory, 'data'));
      openDatabase(join(directory, 'data')).close();
    },
    work: (directory, mark) => {
      const database = openDatabase(join(directory, 'data'));
      copyLibrary(database, join(directory, 'data'));
      mark('copied');
      database.close();
    },
    check: (directory, { marks }) => {
      const folder = join(directory, 'data', 'backups');
      const copies = existsSync(folder)
        ? readdirSync(folder).filter((name) => name.startsWith('workbench-'))
        : [];
      if (marks.length > 0) expect(copies).toHaveLength(1);
      for (const name of copies)
        expect(readFileSync(join(folder, name)).subarray(0, 15).toString()).toBe('SQLite format 3');
    },
  });
}, 60_000);

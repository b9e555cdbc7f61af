import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeSealedFolder } from '../../main/engine/formats/sealed-folder.ts';
import { readTarEntries, tarEnd, tarHeader, tarPadding } from '../../main/engine/formats/tar.ts';
import { sha256OfFileSync } from '../../main/engine/formats/file-hash.ts';
import type { FileSum } from '../../main/services/backups/file-sums.ts';
import type { Manifest } from '../../main/services/backups/manifest.ts';
import { openBackup } from '../../main/services/backups/open-backup.ts';
import { restoreLibrary } from '../../main/services/backups/restore.ts';
import { verifyBackup } from '../../main/services/backups/verify-backup.ts';
import type { Experiment } from '../../main/services/shared/entities.ts';
import type { Workbench } from '../../main/services/workbench.ts';
import { createExperiment, createWorld, endCompleted, endPaused, trainLoss } from './test-world.ts';
import type { World } from './test-world.ts';

let world: World;
let workbench: Workbench;
let experiment: Experiment;
let file: string;
beforeEach(async () => {
  world = createWorld();
  workbench = world.open();
  await world.stock(workbench);
  experiment = await createExperiment(workbench);
  file = world.path('saved.tar');
  const [first, second] = experiment.runs;
  workbench.runs.start({ id: first!.id });
  const trainer = await world.trainers.nth(0);
  for (const step of [1, 2, 3]) trainer.emit(trainLoss(step, 5 - step));
  trainer.emit({ type: 'notice', message: 'said by the trainer' } as never);
  writeRunFile(first!.id, 'adapter/adapter.safetensors', 'weights');
  endCompleted(trainer);
  await workbench.waitForRun(first!.id);
  workbench.runs.start({ id: second!.id });
  const paused = await world.trainers.nth(1);
  writeRunFile(second!.id, 'checkpoints/step-00000004/state', 'momentum');
  endPaused(paused, 4);
  await workbench.waitForRun(second!.id);
  experiment = workbench.experiments.show({ id: experiment.id });
});
afterEach(async () => {
  await workbench.close({ graceMilliseconds: 0 });
  world.remove();
});

const writeRunFile = (runId: string, name: string, text: string): void => {
  const path = world.path('data', 'runs', runId, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, text);
};
const work = { signal: new AbortController().signal, onProgress: () => undefined };
/** Files below a folder with their contents, the library's own and this machine's aside. */
const filesOf = (directory: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.includes('.sqlite'))
      .filter((entry) => entry.parentPath !== join(directory, 'logs'))
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path.slice(directory.length + 1), readFileSync(path, 'utf8')] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
const seriesOf = (of: Workbench): unknown =>
  of.metrics.series({ runIds: experiment.runs.map(({ id }) => id), names: ['train/loss'] } as never);

describe('a backup of everything', () => {
  test('is a library again, in a folder of its own', async () => {
    writeRunFile(experiment.runs[0]!.id, '.state.0123456789ab.partial', 'half');
    const backup = await workbench.backups.create({ targetPath: file });
    expect(backup).toMatchObject({ path: file, experiment: null });
    const restored = world.path('restored');
    await restoreLibrary(file, restored, work);
    const expected = filesOf(world.path('data'));
    // What was begun, and the log of this workbench on this machine, stay where they are.
    for (const name of Object.keys(expected))
      if (name.endsWith('.partial') || name.startsWith('logs/')) delete expected[name];
    expect(filesOf(restored)).toEqual(expected);
    const other = world.open({ dataDirectory: restored });
    expect(other.experiments.show({ id: experiment.id })).toEqual(experiment);
    expect(await seriesOf(other)).toEqual(await seriesOf(workbench));
    await other.close();
    expect(readdirSync(world.directory).filter((name) => name.startsWith('.'))).toEqual([]);
    expect(readdirSync(world.path('data')).filter((name) => name.startsWith('.nora'))).toEqual([]);
  });

  test('is opened by any tar, its list first', async () => {
    for (const suffix of ['', '-journal'])
      writeRunFile(experiment.runs[0]!.id, `trainer-lock.sqlite${suffix}`, 'of a process that is gone');
    await workbench.backups.create({ targetPath: file });
    const { entries } = await openBackup(file);
    expect(entries.map(({ name }) => name)).toContain('workbench.sqlite');
    expect(entries.filter(({ name }) => name.includes('lock'))).toEqual([]);
    if (spawnSync('tar', ['--version']).status !== 0) return;
    mkdirSync(world.path('unpacked'));
    expect(spawnSync('tar', ['-xf', file, '-C', world.path('unpacked')]).status).toBe(0);
    for (const { name, sha256 } of entries)
      expect(sha256OfFileSync(world.path('unpacked', name))).toBe(sha256);
    // Whoever has no NoRA Workbench any more checks it with what every system has.
    if (spawnSync('sha256sum', ['--version']).status !== 0) return;
    const checked = spawnSync('sha256sum', ['--check', '--strict', 'SHA256SUMS'], {
      ...{ cwd: world.path('unpacked'), encoding: 'utf8' },
    });
    expect(checked.stdout.trim().split('\n')).toHaveLength(entries.length + 1);
    expect(checked.status).toBe(0);
  });

  test.skipIf(process.platform === 'win32')("is its owner's alone, and so is what comes of it", async () => {
    const rights = (...names: string[]): number => statSync(world.path(...names)).mode & 0o077;
    const seen: number[] = [];
    const look = (isMade: (name: string) => boolean): void => {
      for (const name of readdirSync(world.directory).filter(isMade)) seen.push(rights(name));
    };
    const stopWatching = workbench.subscribe(
      ({ name }) => name === 'backups.progress' && look((entry) => entry.startsWith('.saved.tar')),
    );
    await workbench.backups.create({ targetPath: file });
    stopWatching();
    await restoreLibrary(file, world.path('restored'), {
      ...work,
      onProgress: () => look((entry) => entry.startsWith('.restored')),
    });
    expect(seen.length).toBeGreaterThan(2);
    expect(new Set(seen)).toEqual(new Set([0]));
    expect([rights('saved.tar'), rights('restored')]).toEqual([0, 0]);
  });

  test('never takes a place that is taken', async () => {
    writeFileSync(file, 'mine');
    await expect(workbench.backups.create({ targetPath: file })).rejects.toThrow(
      'there is something already',
    );
    rmSync(file);
    await workbench.backups.create({ targetPath: file });
    const before = filesOf(world.path('data'));
    await expect(restoreLibrary(file, world.path('data'), work)).rejects.toThrow('exists and is not empty');
    expect(filesOf(world.path('data'))).toEqual(before);
  });

  test('never takes a name that somebody takes while it is written', async () => {
    const stopWatching = workbench.subscribe(({ name, payload }) => {
      if (name === 'backups.progress' && payload.phase === 'verifying') writeFileSync(file, 'mine');
    });
    await expect(workbench.backups.create({ targetPath: file })).rejects.toThrow(
      `${file}: there is something already`,
    );
    stopWatching();
    expect(readFileSync(file, 'utf8')).toBe('mine');
    expect(readdirSync(world.directory).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('takes away what killed attempts left beside it a day ago', async () => {
    const [old, young] = ['0123456789ab', 'ba9876543210'].map((key) =>
      world.path(`.saved.tar.${key}.partial`),
    );
    for (const path of [old!, young!]) mkdirSync(path);
    const before = new Date(Date.now() - 25 * 60 * 60_000);
    utimesSync(old!, before, before);
    await workbench.backups.create({ targetPath: world.path('saved.tar') });
    expect([old!, young!].map((path) => existsSync(path))).toEqual([false, true]);
  });

  describe('of what was damaged before', () => {
    /** The adapter's and a checkpoint's folders as a trainer writes them. */
    const seal = async (...names: string[]): Promise<string> => {
      const place = world.path('data', 'runs', experiment.runs[0]!.id, ...names);
      await writeSealedFolder(place, ({ text }) => {
        text('weights', 'as they were trained');
        text('notes', 'as they were written');
      });
      return place;
    };
    const runName = (...names: string[]): string => ['runs', experiment.runs[0]!.id, ...names].join('/');

    test('is made, and names it there, at its check and when it is restored', async () => {
      await seal('whole');
      const [flipped, gone, unlisted] = [
        await seal('flipped'),
        await seal('gone'),
        await seal('unlisted'),
      ] as const;
      writeFileSync(join(flipped, 'weights'), 'as they were traineD');
      rmSync(join(gone, 'weights'));
      writeFileSync(
        join(unlisted, 'sums.json'),
        readFileSync(join(unlisted, 'sums.json'), 'utf8').replace('notes', 'noteS'),
      );
      const { damaged } = await workbench.backups.create({ targetPath: file });
      expect(damaged).toEqual([
        {
          name: runName('flipped', 'weights'),
          problem: 'its content is not what was written (another SHA-256)',
        },
        { name: runName('gone', 'weights'), problem: 'it is gone' },
        { name: runName('unlisted', 'sums.json'), problem: 'is damaged: its own sum is another' },
      ]);
      expect((await verifyBackup(file, work)).manifest.damaged).toEqual(damaged);
      const { manifest } = await restoreLibrary(file, world.path('restored'), work);
      expect(manifest.damaged).toEqual(damaged);
      expect(readFileSync(world.path('restored', runName('flipped', 'weights')), 'utf8')).toBe(
        'as they were traineD',
      );
    });

    test('names the folders that the library knows and nobody finds', async () => {
      const runId = experiment.runs[0]!.id;
      const gone = ['adapter', 'checkpoints/step-00000004'].map((name) => runName(name));
      rmSync(world.path('data', 'runs'), { recursive: true });
      const library = new Sqlite(world.path('data', 'workbench.sqlite'));
      library
        .prepare('INSERT INTO checkpoints (run_id, step, directory, created_at) VALUES (?, 4, ?, ?)')
        .run(runId, gone[1], '2026-01-01T00:00:00.000Z');
      library.close();
      const { damaged } = await workbench.backups.create({ targetPath: file });
      expect(damaged).toEqual(expect.arrayContaining(gone.map((name) => ({ name, problem: 'it is gone' }))));
    });

    test('names what of one experiment it is', async () => {
      writeFileSync(join(await seal('flipped'), 'notes'), 'other');
      const of = { targetPath: file, experimentId: experiment.id };
      expect((await workbench.backups.create(of)).damaged).toMatchObject([
        { name: runName('flipped', 'notes') },
      ]);
    });
  });

  test('is refused of a library that is damaged: it could not be restored', async () => {
    const meddle = (sql: string): void => {
      const database = new Sqlite(world.path('data', 'workbench.sqlite'));
      database.unsafeMode(true);
      database.pragma('writable_schema = ON');
      database.exec(sql);
      database.close();
    };
    meddle(
      "UPDATE sqlite_schema SET sql = replace(sql, 'until TEXT NOT NULL', 'until TEXT') WHERE name = 'removals'",
    );
    meddle("INSERT INTO removals (id, until) VALUES ('0123456789ab', NULL)");
    meddle(
      "UPDATE sqlite_schema SET sql = replace(sql, 'until TEXT', 'until TEXT NOT NULL') WHERE name = 'removals'",
    );
    await expect(workbench.backups.create({ targetPath: file })).rejects.toThrow(
      /workbench\.sqlite: is damaged, and so is each copy of it/,
    );
    expect(existsSync(file)).toBe(false);
  });

  test('waits until nothing is half written', async () => {
    workbench.runs.start({ id: experiment.runs[1]!.id });
    await world.trainers.nth(2);
    await expect(async () => workbench.backups.create({ targetPath: file })).rejects.toThrow(
      'a run of it is going on',
    );
    expect(existsSync(file)).toBe(false);
  });
});

describe('a backup of one experiment', () => {
  /** Another library with the same model and data under other names. */
  const elsewhere = async (): Promise<Workbench> => {
    cpSync(world.path('tiny'), world.path('its-copy'), { recursive: true });
    cpSync(world.path('sea.jsonl'), world.path('ocean.jsonl'));
    const other = world.open({ dataDirectory: world.path('elsewhere') });
    await other.models.import({ directory: world.path('its-copy') });
    await other.datasets.import({ trainFile: world.path('ocean.jsonl') });
    return other;
  };
  let other: Workbench | undefined;
  afterEach(async () => {
    await other?.close();
    other = undefined;
  });

  test('goes into another library, onto the same model and data', async () => {
    await createExperiment(workbench, { name: 'another' });
    await workbench.backups.create({ targetPath: file, experimentId: 'first try' });
    other = await elsewhere();
    expect(await other.backups.restore({ sourcePath: file })).toMatchObject({
      experiment: { id: experiment.id, name: 'first try' },
    });
    expect(other.experiments.list().items).toHaveLength(1);
    const restored = other.experiments.show({ id: experiment.id });
    expect(restored.runs).toEqual(experiment.runs);
    expect(await seriesOf(other)).toEqual(await seriesOf(workbench));
    expect(filesOf(world.path('elsewhere', 'runs'))).toEqual(filesOf(world.path('data', 'runs')));
    expect(world.events.some(({ name }) => name === 'backups.progress')).toBe(true);
    // Its second run goes on from its checkpoint.
    other.runs.start({ id: experiment.runs[1]!.id });
    const trainer = await world.trainers.nth(2);
    expect(trainer.specification()).toMatchObject({
      modelDirectory: world.path('its-copy'),
      resumeFrom: world.path('elsewhere', 'runs', experiment.runs[1]!.id, 'checkpoints', 'step-00000004'),
    });
    endCompleted(trainer);
  });

  test('replaces nothing that is there', async () => {
    await workbench.backups.create({ targetPath: file, experimentId: experiment.id });
    await expect(workbench.backups.restore({ sourcePath: file })).rejects.toThrow(
      'the experiment "first try" is in this library already; nothing was changed',
    );
    other = await elsewhere();
    const place = world.path('elsewhere', 'runs', experiment.runs[0]!.id);
    mkdirSync(place, { recursive: true });
    await expect(other.backups.restore({ sourcePath: file })).rejects.toThrow('lies there already');
    expect(other.experiments.list().items).toEqual([]);
    expect(readdirSync(place)).toEqual([]);
  });

  test('names the model and the data that it needs', async () => {
    await workbench.backups.create({ targetPath: file, experimentId: experiment.id });
    other = world.open({ dataDirectory: world.path('elsewhere') });
    await expect(other.backups.restore({ sourcePath: file })).rejects.toThrow(
      /was made on the model "tiny" \(content [0-9a-f]{12}\), and no model of this library holds the same/,
    );
    await other.models.import({ directory: world.path('tiny') });
    await expect(other.backups.restore({ sourcePath: file })).rejects.toThrow(
      /was made on the data "sea" \(SHA-256 [0-9a-f]{12}\)/,
    );
    expect(readdirSync(world.path('elsewhere'))).not.toContain('runs');
    expect(readdirSync(world.path('elsewhere')).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('is not a library of its own', async () => {
    await workbench.backups.create({ targetPath: file, experimentId: experiment.id });
    await expect(restoreLibrary(file, world.path('new'), work)).rejects.toThrow(
      'goes into a library that is there',
    );
    rmSync(file);
    await workbench.backups.create({ targetPath: file });
    await expect(workbench.backups.restore({ sourcePath: file })).rejects.toThrow('--data-dir FOLDER');
  });
});

describe('a backup that is not as it was written', () => {
  beforeEach(async () => {
    await workbench.backups.create({ targetPath: file });
  });
  const restoring = async (): Promise<string> =>
    restoreLibrary(file, world.path('restored'), work).then(
      () => 'restored',
      (error: unknown) => (error as Error).message.replaceAll(file, 'FILE'),
    );

  test('is refused wherever a byte is another, and leaves nothing', async () => {
    const whole = readFileSync(file);
    const { entries } = await openBackup(file);
    for (const { offset, bytes, name } of entries.filter((entry) => entry.bytes > 0)) {
      const flipped = Buffer.from(whole);
      flipped[offset + Math.floor(bytes / 2)]! ^= 1;
      writeFileSync(file, flipped);
      expect(await restoring()).toBe(`FILE: is damaged: "${name}" is not what was saved (another SHA-256)`);
    }
    for (const length of [0, 100, 5000, whole.length - 2000]) {
      writeFileSync(file, whole.subarray(0, length));
      expect(await restoring()).toMatch(/^FILE: is (cut off|damaged|no backup)/);
    }
    expect(readdirSync(world.directory).filter((name) => /restored/.test(name))).toEqual([]);
  });

  test('is refused wherever a bit of its list or its manifest is another', async () => {
    const whole = readFileSync(file);
    const tar = await readTarEntries(file);
    for (const { name, offset, bytes } of tar.slice(0, 2))
      for (let at = offset; at < offset + bytes; at += name === 'manifest.json' ? 1 : 17) {
        const flipped = Buffer.from(whole);
        flipped[at]! ^= 1 << (at % 8);
        writeFileSync(file, flipped);
        await expect(openBackup(file).then(({ entries }) => verifyEntries(flipped, entries))).rejects.toThrow(
          /is damaged|would lie outside/,
        );
      }
  });

  const verifyEntries = (bytes: Buffer, entries: Awaited<ReturnType<typeof openBackup>>['entries']): void => {
    for (const { offset, bytes: length, sha256 } of entries)
      if (
        createHash('sha256')
          .update(bytes.subarray(offset, offset + length))
          .digest('hex') !== sha256
      )
        throw new Error('is damaged');
  };

  test('of the first version, whose manifest has the list, is restored', async () => {
    const whole = readFileSync(file);
    const { manifest, entries } = await openBackup(file);
    const { damaged: _, ...first } = manifest;
    const listed = entries.map(({ name, bytes, sha256 }) => ({ name, bytes, sha256 }));
    const text = Buffer.from(JSON.stringify({ ...first, version: 1, entries: listed }));
    writeTar([
      ['manifest.json', text],
      ...entries.map(({ name, offset, bytes }) => [name, whole.subarray(offset, offset + bytes)] as const),
    ]);
    expect(await restoring()).toBe('restored');
  });

  const writeTar = (files: readonly (readonly [name: string, contents: Buffer])[]): void =>
    writeFileSync(
      file,
      Buffer.concat([
        ...files.flatMap(([name, contents]) => [
          tarHeader(name, contents.length, 0),
          contents,
          tarPadding(contents.length),
        ]),
        tarEnd(),
      ]),
    );

  type Listed = { -readonly [Key in keyof FileSum]: FileSum[Key] };
  /** The same with another manifest, and entries of other names. */
  const rewrite = async (
    change: (manifest: Manifest, entries: Listed[]) => void,
    contents?: Buffer,
  ): Promise<void> => {
    const whole = readFileSync(file);
    const { manifest, entries } = await openBackup(file);
    const listed: Listed[] = entries.map(({ name, bytes, sha256 }) => ({ name, bytes, sha256 }));
    change(manifest, listed);
    const text = Buffer.from(JSON.stringify(manifest));
    const sums = [
      { name: 'manifest.json', sha256: createHash('sha256').update(text).digest('hex') },
      ...listed,
    ];
    writeTar([
      ['manifest.json', text],
      ['SHA256SUMS', Buffer.from(sums.map(({ name, sha256 }) => `${sha256}  ${name}\n`).join(''))],
      ...listed.map(
        ({ name, bytes }, at) =>
          [
            name,
            at === 0 && contents !== undefined
              ? contents
              : whole.subarray(entries[at]!.offset, entries[at]!.offset + bytes),
          ] as const,
      ),
    ]);
  };

  test.each([
    '../outside',
    'runs/../../outside',
    '/etc/passwd',
    'C:/x',
    'runs\\..\\x',
    'runs//x',
    'session-token',
    'runs/nul\u0000',
    'runs/a./x',
  ])('writes nothing to %j', async (name) => {
    await rewrite((_, entries) => void (entries[1]!.name = name));
    expect(await restoring()).toMatch('would lie outside a data directory');
    expect(existsSync(world.path('outside'))).toBe(false);
  });

  test('of a newer release is refused by name', async () => {
    await rewrite((manifest) => void (manifest.dataVersion = 9999));
    expect(await restoring()).toMatch(/^FILE: is of a newer NoRA Workbench \(data version 9999/);
    await rewrite((manifest) => void (manifest.version = 3 as never));
    expect(await restoring()).toMatch('written by a newer NoRA Workbench (backup version 3');
  });

  test('whose library names a folder of somebody else is refused', async () => {
    const { entries } = await openBackup(file);
    const library = world.path('library.sqlite');
    const { offset, bytes } = entries[0]!;
    writeFileSync(library, readFileSync(file).subarray(offset, offset + bytes));
    const database = new Sqlite(library);
    database.exec("UPDATE checkpoints SET directory = '../../home'");
    database.close();
    const contents = readFileSync(library);
    await rewrite((_, listed) => {
      Object.assign(listed[0]!, { bytes: contents.length, sha256: sha256OfFileSync(library) });
    }, contents);
    expect(await restoring()).toBe('FILE: the library in it names "../../home", as none of ours does');
  });
});

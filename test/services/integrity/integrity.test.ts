import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Experiment } from '../../../main/services/shared/entities.ts';
import type { Integrity } from '../../../main/services/integrity/integrity-schema.ts';
import type { Workbench } from '../../../main/services/workbench.ts';
import { createExperiment, createWorld, endPaused } from '../test-world.ts';
import type { World } from '../test-world.ts';

let world: World;
let workbench: Workbench;
let experiment: Experiment;
beforeEach(async () => {
  world = createWorld();
  workbench = world.open();
  await world.stock(workbench);
  experiment = await createExperiment(workbench);
});
afterEach(async () => {
  await workbench.close({ graceMilliseconds: 0 });
  world.remove();
});

const check = async (): Promise<Integrity> => {
  workbench.integrity.check();
  return workbench.waitForIntegrity();
};
const problems = ({ findings }: Integrity): string[] =>
  findings.map(({ subject, problem }) => `${subject}: ${problem}`.replaceAll(world.directory, 'TMP'));
/** Changes the library behind the workbench's back. */
const meddle = (work: (database: Sqlite.Database) => void): void => {
  const database = new Sqlite(world.path('data', 'workbench.sqlite'));
  database.pragma('foreign_keys = OFF');
  work(database);
  database.close();
};
const repairAll = async (): Promise<Integrity> => {
  const { findings } = workbench.integrity.show();
  await workbench.integrity.repair({
    ids: findings.filter(({ repair }) => repair !== null).map(({ id }) => id),
  });
  return workbench.waitForIntegrity();
};

test('all is well where all is as it was written', async () => {
  expect(workbench.integrity.show().status).toBe('none');
  const checked = await check();
  expect(checked).toMatchObject({ status: 'checked', findings: [], error: null, progress: null });
  expect(checked.files).toBeGreaterThan(2); // of the model, and the data
  expect(checked.bytes).toBeGreaterThan(1000);
  const last = world.events.filter(({ name }) => name === 'integrity.changed').at(-1);
  expect(last?.payload).toEqual(checked);
});

describe('files', () => {
  test('that hold other bytes are named, whatever their size and times say', async () => {
    const file = world.path('sea.jsonl');
    const { atime, mtime } = { atime: new Date(0), mtime: new Date(0) };
    utimesSync(file, atime, mtime);
    writeFileSync(file, 'x'.repeat(76));
    utimesSync(file, atime, mtime);
    appendFileSync(world.path('tiny', 'config.json'), ' ');
    expect(problems(await check())).toEqual([
      'the model "tiny": TMP/tiny/config.json: holds other bytes than it did',
      'the data "sea": TMP/sea.jsonl: holds other bytes than it did',
    ]);
  });

  test('that are all gone are one finding', async () => {
    rmSync(world.path('tiny'), { recursive: true });
    const { findings } = await check();
    expect(findings).toMatchObject([
      { subject: 'the model "tiny"', repair: null, isHarmless: false, advice: expect.stringMatching('back') },
    ]);
  });

  test('that cannot be read are told in words', async () => {
    rmSync(world.path('sea.jsonl'));
    mkdirSync(world.path('sea.jsonl'));
    expect(problems(await check())).toEqual(['the data "sea": TMP/sea.jsonl: is gone']);
  });
});

describe('the library', () => {
  test('whose rows belong to nothing is put right, after a copy of it', async () => {
    meddle((database) =>
      database.exec(
        "INSERT INTO metrics VALUES ('nobody', 'train/loss', 1, 2.5), ('nobody', 'train/loss', 2, 2)",
      ),
    );
    const checked = await check();
    expect(problems(checked)).toEqual([
      'the library: TMP/data/workbench.sqlite: 2 rows of "metrics" belong to rows of "runs" that are not there',
    ]);
    expect(checked.findings[0]!.repair).toBe('remove these rows of "metrics"');
    expect(await repairAll()).toMatchObject({ status: 'checked', findings: [] });
    expect(readdirSync(world.path('data', 'backups'))).toHaveLength(1);
  });

  test('whose tables are damaged is not repaired by what they say of each other', async () => {
    let place = 0;
    meddle((database) => {
      database.exec("INSERT INTO metrics VALUES ('nobody', 'train/loss', 1, 2.5)");
      const root = database
        .prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'run_tags'")
        .pluck()
        .get() as number;
      place = (root - 1) * (database.pragma('page_size', { simple: true }) as number);
      database.pragma('wal_checkpoint(TRUNCATE)');
    });
    const library = openSync(world.path('data', 'workbench.sqlite'), 'r+');
    writeSync(library, Buffer.alloc(16, 0xff), 0, 16, place);
    closeSync(library);
    const { findings } = await check();
    expect(findings).toMatchObject([
      { problem: expect.stringMatching('damaged'), repair: null, isHarmless: false },
    ]);
  });

  test('that has lost an index is put right', async () => {
    meddle((database) => database.exec('DROP INDEX runs_status'));
    expect(problems(await check())).toEqual([
      'the library: TMP/data/workbench.sqlite: its index "runs_status" is missing, and questions take longer',
    ]);
    expect(await repairAll()).toMatchObject({ status: 'checked', findings: [] });
  });

  test('whose index is wrong is put right', async () => {
    meddle((database) => {
      database.unsafeMode(true);
      database.pragma('writable_schema = ON');
      // The index is told to be of another column than its entries are.
      database.exec(
        "UPDATE sqlite_schema SET sql = replace(sql, '(name, value)', '(value, name)') WHERE name = 'run_summary_name'",
      );
      database.exec(`INSERT INTO run_summary VALUES ('${experiment.runs[0]!.id}', 'validation/loss', 2.5)`);
    });
    const { findings } = await check();
    expect(findings[0]).toMatchObject({
      subject: 'the library',
      problem: expect.stringMatching(/entries of its indices are wrong \(/),
      repair: 'make its indices again from their tables',
    });
  });

  test('that has lost a table says what to do', async () => {
    meddle((database) => database.exec('DROP TABLE votes'));
    const { findings } = await check();
    expect(findings).toMatchObject([
      {
        problem: expect.stringMatching('its table "votes" is missing'),
        repair: null,
        advice: expect.stringMatching('restore a backup with `nora restore`'),
      },
    ]);
  });
});

test('a checkpoint that is gone is forgotten, and one that is there is gone on from', async () => {
  const runId = experiment.runs[0]!.id;
  workbench.runs.start({ id: runId });
  endPaused(await world.trainers.nth(0), 4);
  await workbench.waitForRun(runId);
  rmSync(world.path('data', 'runs', runId, 'checkpoints'), { recursive: true });
  const checked = await check();
  expect(problems(checked)).toEqual([
    `the run ${runId}: TMP/data/runs/${runId}/checkpoints/step-00000004: its checkpoint of step 4 is gone`,
  ]);
  expect(await repairAll()).toMatchObject({ status: 'checked', findings: [] });
});

test('a checkpoint whose step the library has wrong is known by its folder', async () => {
  const runId = experiment.runs[0]!.id;
  workbench.runs.start({ id: runId });
  endPaused(await world.trainers.nth(0), 4);
  await workbench.waitForRun(runId);
  meddle((database) => database.exec('UPDATE checkpoints SET step = 5'));
  expect(problems(await check())).toEqual([
    `the run ${runId}: TMP/data/runs/${runId}/checkpoints/step-00000004: the library says that this is its checkpoint of step 5`,
  ]);
  expect(await repairAll()).toMatchObject({ status: 'checked', findings: [] });
});

test('checkpoints that were cleared away for later ones are not missed', async () => {
  const runId = experiment.runs[0]!.id;
  workbench.runs.start({ id: runId });
  endPaused(await world.trainers.nth(0), 4);
  await workbench.waitForRun(runId);
  meddle((database) =>
    database.exec(
      `INSERT INTO checkpoints SELECT run_id, 2, replace(directory, '00004', '00002'), created_at FROM checkpoints`,
    ),
  );
  expect((await check()).findings).toEqual([]);
});

test('what a run began as is held against what was written', async () => {
  const runId = experiment.runs[0]!.id;
  workbench.runs.start({ id: runId });
  endPaused(await world.trainers.nth(0), 4);
  await workbench.waitForRun(runId);
  const start = world.path('data', 'runs', runId, 'adapter-start');
  mkdirSync(start);
  writeFileSync(join(start, 'adapter.json'), '{}');
  const { findings } = await check();
  expect(findings).toMatchObject([
    {
      subject: `the run ${runId}`,
      problem: expect.stringMatching('adapter-start'),
      ...{ repair: null, isHarmless: false, advice: expect.stringMatching('started over') },
    },
  ]);
});

test('what lies about harms nobody, and is removed', async () => {
  const left = world.path('data', 'adapters', '.one.0123456789ab.partial');
  mkdirSync(left, { recursive: true });
  utimesSync(left, new Date(0), new Date(0));
  const { findings } = await check();
  expect(findings).toMatchObject([{ subject: 'leftovers', isHarmless: true, repair: 'remove it' }]);
  await repairAll();
  expect(existsSync(left)).toBe(false);
});

test.each(['runs', 'adapters'])(
  'what is whole in %s and not known is told of, and stays: it may be of a library that was lost',
  async (folder) => {
    const unknown = world.path('data', folder, '0123456789ab');
    mkdirSync(unknown, { recursive: true });
    utimesSync(unknown, new Date(0), new Date(0));
    const { findings } = await check();
    expect(findings).toMatchObject([
      {
        ...{ subject: 'leftovers', isHarmless: true, repair: null },
        advice: expect.stringMatching('nora storage --clear leftovers'),
      },
    ]);
    await expect(workbench.integrity.repair({ ids: [findings[0]!.id] })).rejects.toThrow(
      'nothing that can be repaired',
    );
    expect(existsSync(unknown)).toBe(true);
  },
);

describe('a check', () => {
  test('is one at a time, can be stopped, and is repaired by nobody while a run goes on', async () => {
    workbench.integrity.check();
    expect(() => workbench.integrity.check()).toThrow('is being checked already');
    expect(await workbench.integrity.stop()).toMatchObject({ status: 'stopped', progress: null });
    rmSync(world.path('tiny'), { recursive: true });
    const { findings } = await check();
    await expect(workbench.integrity.repair({ ids: [findings[0]!.id] })).rejects.toThrow(
      'nothing that can be repaired',
    );
    workbench.runs.start({ id: experiment.runs[1]!.id });
    await expect(workbench.integrity.repair({ ids: ['1'] })).rejects.toThrow('a run is going on');
  });

  test('of 300 MB leaves others their turn within 50 ms', { timeout: 60_000 }, async () => {
    const file = join(world.directory, 'large.jsonl');
    writeFileSync(file, '');
    truncateSync(file, 3e8);
    meddle((database) => {
      // As if it had been imported, which is not what is measured.
      database.exec(`UPDATE datasets SET train_file = '${file}', train_sha256 = 'another'`);
    });
    // What this thread itself takes between two turns, however busy the machine is with other things.
    const used = (): number => {
      const { user, system } = process.threadCpuUsage();
      return (user + system) / 1000;
    };
    await check(); // what runs for the first time is compiled first
    let [longest, last] = [0, used()];
    const timer = setInterval(() => {
      longest = Math.max(longest, used() - last);
      last = used();
    }, 1);
    const checked = await check();
    clearInterval(timer);
    expect(checked.bytes).toBeGreaterThan(2.9e8);
    expect(longest).toBeLessThan(50);
  });
});

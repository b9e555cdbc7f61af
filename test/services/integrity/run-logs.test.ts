import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Integrity } from '../../../main/services/integrity/integrity-schema.ts';
import type { Workbench } from '../../../main/services/workbench.ts';
import { eventLogFile, openEventLog } from '../../../main/trainer/run/event-log.ts';
import type { RunEvent } from '../../../main/trainer/protocol/protocol.ts';
import type { ScriptedTrainer } from '../scripted-trainer.ts';
import { createExperiment, createWorld, endCompleted, endPaused, trainLoss } from '../test-world.ts';
import type { World } from '../test-world.ts';

let world: World;
let workbench: Workbench;
let runId: string;
let directory: string;
beforeEach(async () => {
  world = createWorld();
  workbench = world.open();
  await world.stock(workbench);
  runId = (await createExperiment(workbench)).runs[0]!.id;
  directory = join(workbench.dataDirectory, 'runs', runId);
});
afterEach(async () => {
  await workbench.close({ graceMilliseconds: 0 });
  world.remove();
});

const answer = (text: string) => ({
  ...{ position: 0, prompt: 'the sea', expected: null, text, finish: 'length' as const, tokens: 2 },
});
/** Tells it, and writes it down, as a trainer does. */
const tell = (trainer: ScriptedTrainer, events: readonly RunEvent[], goesOn = false): void => {
  const log = openEventLog(directory, { goesOn });
  for (const event of events) {
    log.append(event);
    trainer.emit(event);
  }
  log.sync();
  log.close();
};
/** Once its folder is cleared, and it has been told what to do. */
const begun = async (nth: number): Promise<ScriptedTrainer> => {
  const trainer = await world.trainers.nth(nth);
  await vi.waitFor(() => trainer.specification());
  return trainer;
};
const live = async (): Promise<ScriptedTrainer> => {
  workbench.runs.start({ id: runId });
  const trainer = await begun(0);
  tell(trainer, [
    { type: 'planned', steps: 10 },
    { type: 'notice', message: 'said by the trainer' },
    ...[1, 2, 3, 4, 5, 6, 7, 8].map((step) => trainLoss(step, 5 - step / 8)),
    { type: 'samples', step: 4, samples: [answer('a whale')] },
    { type: 'pictures', step: 4, pictures: [unseen] },
    ...[9, 10].map((step) => trainLoss(step, 5 - step / 8)),
  ]);
  return trainer;
};
const unseen = {
  ...{ position: 0, prompt: 'a dog', seed: 7, file: null, sha256: null },
  problem: 'numbers that are not finite',
};
const complete = async (): Promise<void> => {
  endCompleted(await live());
  await workbench.waitForRun(runId);
};
/** Changes the library behind the workbench's back, as a bit on the disk does. */
const meddle = (sql: string): void => {
  const database = new Sqlite(world.path('data', 'workbench.sqlite'));
  expect(database.prepare(sql).run().changes).toBe(1);
  database.close();
};
const check = async (): Promise<Integrity> => {
  workbench.integrity.check();
  return workbench.waitForIntegrity();
};
/** Those of the log: the scripted trainer's adapter is none. */
const problems = ({ findings }: Integrity): string[] =>
  findings
    .map(({ problem }) => problem.replaceAll(world.directory, 'TMP'))
    .filter((problem) => problem.includes('events.log'));
const log = (): string => `TMP/data/runs/${runId}/events.log`;
const repair = async (): Promise<string[]> => {
  const { findings } = workbench.integrity.show();
  await workbench.integrity.repair({
    ids: findings.filter(({ problem }) => problem.includes('library says')).map(({ id }) => id),
  });
  return problems(await workbench.waitForIntegrity());
};
const portions = (): unknown => {
  const database = new Sqlite(world.path('data', 'workbench.sqlite'), { readonly: true });
  const rows = database.prepare('SELECT * FROM metric_portions ORDER BY name, unit, first_step').all();
  database.close();
  return rows;
};
const kept = (): unknown => [
  workbench.runs.show({ id: runId }),
  workbench.runs.metrics({ id: runId }),
  // What charts of many steps are drawn from.
  portions(),
];

describe('what the library says of a run is held against what the run wrote down', () => {
  test('and is the same where nothing happened', async () => {
    await complete();
    expect(problems(await check())).toEqual([]);
  });

  test.each([
    ['UPDATE metrics SET value = 4.25 WHERE step = 3', '"train/loss" at step 3'],
    ['DELETE FROM metrics WHERE step = 10', '"train/loss" at step 10'],
    ['UPDATE metrics SET step = 1048577 WHERE step = 1', '"train/loss" at 2 steps, the first 1'],
    [
      "UPDATE metrics SET name = 'train/lost' WHERE step = 7",
      '"train/loss" at step 7; "train/lost" at step 7',
    ],
    [`UPDATE run_samples SET text = 'a whole'`, 'what it wrote at step 4'],
    [`UPDATE run_pictures SET seed = 8`, 'what it drew at step 4'],
    [`UPDATE runs SET notices = '["said by the traineR"]' WHERE step = 10`, '1 of its notices missing'],
    ['UPDATE runs SET steps = 26 WHERE step = 10', '26 steps planned, where it planned 10'],
  ])('%s is found, and comes back', async (sql, text) => {
    await complete();
    const before = await Promise.all(kept() as unknown[]);
    meddle(sql);
    expect(problems(await check())).toEqual([`the library says other than ${log()}: ${text}`]);
    expect(await repair()).toEqual([]);
    const after = await Promise.all(kept() as unknown[]);
    // A notice that nobody said stays beside the one that was said.
    if (!sql.includes('notices')) expect(after).toEqual(before);
    else expect(workbench.runs.show({ id: runId }).notices).toContain('said by the trainer');
  });

  test('and a loss that is no number, which the library can’t keep, is no damage', async () => {
    await complete();
    const record = openEventLog(directory, { goesOn: true });
    record.append(trainLoss(11, NaN));
    record.close();
    expect(problems(await check())).toEqual([]);
  });

  test('as far as the run came in the end: what it did anew is not missed', async () => {
    endPaused(await live(), 4);
    await workbench.waitForRun(runId);
    workbench.runs.start({ id: runId });
    const trainer = await begun(1);
    tell(
      trainer,
      [{ type: 'planned', steps: 10 }, ...[5, 6].map((step) => trainLoss(step, 5 - step / 8))],
      true,
    );
    endPaused(trainer, 6);
    await workbench.waitForRun(runId);
    expect(problems(await check())).toEqual([]);
  });

  test('anew where it is put right: the run may have gone on since it was looked at', async () => {
    endPaused(await live(), 6);
    await workbench.waitForRun(runId);
    meddle('UPDATE metrics SET step = 12 WHERE step = 5');
    expect(problems(await check())).toEqual([
      `the library says other than ${log()}: "train/loss" at 2 steps, the first 5`,
    ]);
    const { id: found } = workbench.integrity
      .show()
      .findings.find(({ problem }) => problem.includes('library says'))!;
    workbench.runs.start({ id: runId });
    const trainer = await begun(1);
    tell(
      trainer,
      [7, 8, 9, 10, 11, 12].map((step) => trainLoss(step, 5 - step / 8)),
      true,
    );
    endCompleted(trainer);
    await workbench.waitForRun(runId);
    await workbench.integrity.repair({ ids: [found] });
    expect(problems(await workbench.waitForIntegrity())).toEqual([]);
  });

  test('by the lines that are as they were written', async () => {
    await complete();
    const text = readFileSync(eventLogFile(directory), 'utf8');
    writeFileSync(eventLogFile(directory), text.replace('"value":4.5', '"value":4.6'));
    const { findings } = await check();
    expect(findings.filter(({ problem }) => problem.includes('events.log'))).toMatchObject([
      { problem: expect.stringMatching('1 of its lines are damaged'), repair: null, isHarmless: false },
    ]);
  });

  test('and a run of before such logs is left alone', async () => {
    workbench.runs.start({ id: runId });
    const trainer = await world.trainers.nth(0);
    trainer.emit(trainLoss(1, 2));
    endCompleted(trainer);
    await workbench.waitForRun(runId);
    expect(problems(await check())).toEqual([]);
  });
});

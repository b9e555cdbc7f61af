import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeWith } from '../../support/requirements.ts';
import { startAs, untilDone, type Done, type User } from './as-user.ts';

const gid = 64_000;
const [owner, member]: readonly [User, User] = [
  { uid: 64_001, gid },
  { uid: 64_002, gid },
];

const definition = {
  ...{ version: 1, name: 'longer', model: 'sample', dataset: 'sample' },
  training: {
    ...{ steps: 200, batchSize: 1, sequenceLength: 16, threads: 1 },
    ...{ checkpointEvery: 20, memoryCheck: 'off', evaluateEvery: 0 },
  },
  configurations: [{ name: 'L', adapter: { method: 'lora', rank: 2, alpha: 4 } }],
};

describeWith('users', 'a data directory that a group shares', () => {
  let above: string;
  let dataDirectory: string;
  beforeEach(() => {
    above = mkdtempSync(join(tmpdir(), 'nora-shared-folder-'));
    chmodSync(above, 0o755);
    dataDirectory = join(above, 'data');
    mkdirSync(dataDirectory);
    chownSync(dataDirectory, owner.uid, gid);
    chmodSync(dataDirectory, 0o2770);
    for (const { uid } of [owner, member]) {
      mkdirSync(homeOf(uid));
      chownSync(homeOf(uid), uid, gid);
    }
  });
  afterEach(() => rmSync(above, { recursive: true, force: true }));

  const homeOf = (uid: number): string => join(above, String(uid));
  const start = (user: User, ...words: string[]) =>
    startAs(user, { dataDirectory, home: homeOf(user.uid) }, words);
  const nora = (user: User, ...words: string[]): Promise<Done> => untilDone(start(user, ...words));

  it('is looked at by a member whose the library is not to write, and left as it was', async () => {
    expect(await nora(owner, 'model', 'list')).toMatchObject({ code: 0 });
    const before = readdirSync(dataDirectory).toSorted();
    const looked = await nora(member, 'model', 'list');
    expect(looked).toMatchObject({ code: 0, said: expect.stringContaining('can only be read') as string });
    expect(readdirSync(dataDirectory).toSorted()).toEqual(before);
    expect(readdirSync(homeOf(member.uid))).toEqual([]);
    expect(await nora(owner, 'queue', 'pause')).toMatchObject({ code: 0 });
  });

  it('is worked in by all: one goes on with what another began, and backs it up', async () => {
    expect(await nora(owner, 'model', 'list')).toMatchObject({ code: 0 });
    // As the page has it, for those whose umask keeps the library from the group.
    expect(spawnSync('chmod', ['-R', 'g+rwX', dataDirectory]).status).toBe(0);
    const file = join(above, 'longer.json');
    writeFileSync(file, JSON.stringify(definition));

    const training = start(member, 'experiment', 'run', file);
    const paused = untilDone(training);
    while (training.exitCode === null && !hasCheckpoint()) await sleep(50);
    training.kill('SIGINT');
    expect(await paused).toMatchObject({ said: expect.stringContaining('Paused') as string });
    const [run = ''] = readdirSync(join(dataDirectory, 'runs'));
    expect(rightsOf('logs', 'logs/workbench.log')).toEqual(['2770', '660']);
    expect(rightsOf(`runs/${run}/trainer-lock.sqlite`, 'queue-lock.sqlite')).toEqual(['660', '660']);
    expect(statSync(join(dataDirectory, 'runs', run)).uid).toBe(member.uid);

    expect(await nora(owner, 'run', 'resume', 'longer/L')).toMatchObject({ code: 0 });
    const saved = join(homeOf(owner.uid), 'saved.tar');
    expect(await nora(owner, 'backup', saved)).toMatchObject({ code: 0 });
    expect(spawnSync('tar', ['-tf', saved], { encoding: 'utf8' }).stdout).not.toContain('lock');
  });

  const hasCheckpoint = (): boolean => {
    const runs = join(dataDirectory, 'runs');
    return (
      existsSync(runs) &&
      readdirSync(runs, { recursive: true }).some((name) => /step-\d+$/.test(String(name)))
    );
  };
  const rightsOf = (...names: string[]): string[] =>
    names.map((name) => (statSync(join(dataDirectory, name)).mode & 0o7777).toString(8));
});

import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Run } from '../../main/api/contract.ts';
import { createWorkbench } from '../../main/services/workbench.ts';
import { spawnChildTrainer } from '../../main/trainer/process/spawn-child.ts';
import type { SpawnTrainer } from '../../main/trainer/process/trainer-process.ts';
import { trainerPids } from '../e2e/trainer-pids.ts';
import { root } from '../support/paths.ts';
import { keptOfRun, type KeptOfRun } from './kill/kept-of-run.ts';
import { liveToTheEnd } from './kill/kills.ts';
import { copySmallRun, makeSmallRun, type SmallRun } from './kill/small-run.ts';

const spawn = spawnChildTrainer(join(root, 'main/trainer/entry.ts'));
let directory: string;
let fresh: SmallRun;
let undisturbed: KeptOfRun;
beforeAll(async () => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'nora-early-signals-')));
  fresh = await makeSmallRun(directory);
  const run = copySmallRun(fresh, 'undisturbed');
  await liveToTheEnd(run);
  undisturbed = await keptOfRun(run);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Starts the run and sends its trainer a signal so long after it was spawned. What reads files gets it at once, too. */
const startAndSignal = async (
  { dataDirectory, runId }: SmallRun,
  signal: NodeJS.Signals,
  milliseconds: number,
): Promise<Run> => {
  let trainers = 0;
  let readers = 0;
  const signalled: SpawnTrainer = (limits) => {
    const before = new Set(childrenOf());
    const trainer = spawn(limits);
    const pid = childrenOf().find((child) => !before.has(child))!;
    if (limits?.heapMegabytes !== undefined && readers++ === 0) process.kill(pid, signal);
    if (limits?.heapMegabytes === undefined && trainers++ === 0)
      setTimeout(() => process.kill(pid, signal), milliseconds);
    return trainer;
  };
  const workbench = createWorkbench({
    ...{ dataDirectory, sampleDirectory: null, version: '0.0.0' },
    spawnTrainer: signalled,
  });
  workbench.runs.start({ id: runId });
  const run = await workbench.waitForRun(runId);
  await workbench.close();
  expect([trainers, readers]).toEqual([1, expect.any(Number)]);
  return run;
};
const childrenOf = (): number[] => trainerPids(process.pid, { readers: true });

const withoutSignals = (kept: KeptOfRun): KeptOfRun => ({
  ...kept,
  notices: kept.notices.filter((notice) => !notice.startsWith('the system or a person asked')),
});

describe.runIf(process.platform === 'linux')('a signal in the first moments of a trainer', () => {
  it.each([0, 5, 20, 50, 100, 200])('SIGTERM after %i ms pauses its run', async (milliseconds) => {
    const run = copySmallRun(fresh, `term-${milliseconds}`);
    const { status, error, notices } = await startAndSignal(run, 'SIGTERM', milliseconds);
    expect([status, error]).toEqual(['paused', null]);
    expect(notices.at(-1)).toMatch(/^the system or a person asked its trainer process to end \(SIGTERM\)/);
    await liveToTheEnd(run);
    expect(withoutSignals(await keptOfRun(run))).toEqual(undisturbed);
  });

  it.each([0, 5, 20, 50, 100])(
    'SIGHUP after %i ms pauses its run, or is left to the parent',
    async (milliseconds) => {
      const run = copySmallRun(fresh, `hang-up-${milliseconds}`);
      const { status, error } = await startAndSignal(run, 'SIGHUP', milliseconds);
      expect(['paused', 'completed']).toContain(status);
      expect(error).toBeNull();
      if (status === 'paused') await liveToTheEnd(run);
      expect(withoutSignals(await keptOfRun(run))).toEqual(undisturbed);
    },
  );
});

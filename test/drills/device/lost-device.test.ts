import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Run } from '../../../main/api/contract.ts';
import { createWorkbench } from '../../../main/services/workbench.ts';
import { spawnChildTrainer } from '../../../main/trainer/process/spawn-child.ts';
import { checkpointDirectory } from '../../../main/trainer/run/checkpoint-folders.ts';
import { describeWith } from '../../support/requirements.ts';
import { softwareGpuEnvironment } from '../../support/software-gpu.ts';
import { keptOfRun } from '../kill/kept-of-run.ts';
import { liveToTheEnd } from '../kill/kills.ts';
import { atWork, copySmallRun, makeSmallRun, type SmallRun } from '../kill/small-run.ts';

let directory: string;
beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'nora-lost-device-')));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true, force: true });
});

/** Trains until the device is lost, after the checkpoint at step 6. */
const trainUntilLost = async ({ dataDirectory, runId }: SmallRun): Promise<Run> => {
  vi.stubEnv('NORA_TEST_LOST_AT', checkpointDirectory(join(dataDirectory, 'runs', runId), 6));
  const workbench = createWorkbench({
    ...{ dataDirectory, sampleDirectory: null, version: '0.0.0' },
    spawnTrainer: spawnChildTrainer(join(import.meta.dirname, 'failing-trainer.ts')),
  });
  workbench.runs.start({ id: runId });
  const run = await workbench.waitForRun(runId);
  await workbench.close();
  return run;
};

const chooseDevice = ({ dataDirectory }: SmallRun, device: string): void => {
  const database = new Sqlite(join(dataDirectory, 'workbench.sqlite'));
  database
    .prepare("UPDATE experiments SET definition = json_set(definition, '$.training.device', ?)")
    .run(device);
  database.close();
};

describe('a device that is lost in the middle of a run', () => {
  it('fails the run with words, and it goes on from its last checkpoint', { timeout: 240_000 }, async () => {
    // The device is lost in onnxruntime-node's sessions, which devices have; on a CPU the addon's would be taken.
    vi.stubEnv('NORA_NATIVE', '0');
    const fresh = await makeSmallRun(directory);
    const undisturbed = copySmallRun(fresh, 'undisturbed');
    await liveToTheEnd(undisturbed);
    const unlucky = copySmallRun(fresh, 'unlucky');
    const { status, error } = await trainUntilLost(unlucky);
    expect(status).toBe('failed');
    expect(error).toContain('the graphics device stopped answering');

    await liveToTheEnd(unlucky);
    expect(await keptOfRun(unlucky)).toEqual(await keptOfRun(undisturbed));
  });
});

describeWith('webgpu', 'a graphics device that is lost', ({ path }) => {
  it('leaves a checkpoint that the CPU goes on from', { timeout: 240_000 }, async () => {
    for (const [name, value] of Object.entries(softwareGpuEnvironment(path)))
      if (value !== undefined && value !== process.env[name]) vi.stubEnv(name, value);
    const run = await makeSmallRun(directory);
    const onCpu = copySmallRun(run, 'cpu');
    await liveToTheEnd(onCpu);
    chooseDevice(run, 'webgpu');
    const lost = await trainUntilLost(run);
    expect([lost.status, lost.error]).toEqual([
      'failed',
      expect.stringContaining('the graphics device stopped answering'),
    ]);
    await atWork(run.dataDirectory, async (workbench) => {
      workbench.runs.start({ id: run.runId, device: 'cpu' });
      const { notices } = await workbench.waitForRun(run.runId);
      expect(notices).toContainEqual(expect.stringContaining('went on from step 6 on CPU'));
    });
    const [found, expected] = [await keptOfRun(run), await keptOfRun(onCpu)];
    expect(found.status).toBe('completed');
    const loss = 'train/loss 18';
    expect(Math.abs(found.metrics[loss]! / expected.metrics[loss]! - 1)).toBeLessThan(1e-3);
  });
});

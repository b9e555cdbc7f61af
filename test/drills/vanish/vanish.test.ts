import { existsSync, mkdtempSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openWorkbench } from '../../../main/api/open-workbench.ts';
import type { Run } from '../../../main/api/contract.ts';
import { isAtRest } from '../../../main/services/runs/run-status.ts';
import { spawnChildTrainer } from '../../../main/trainer/process/spawn-child.ts';
import type { SpawnTrainer } from '../../../main/trainer/process/trainer-process.ts';
import type { TrainerEvent } from '../../../main/trainer/protocol/protocol.ts';
import { root } from '../../support/paths.ts';
import { keptOfRun } from '../kill/kept-of-run.ts';
import { liveToTheEnd } from '../kill/kills.ts';
import { copySmallRun, makeSmallRun } from '../kill/small-run.ts';

const directory = realpathSync(mkdtempSync(join(tmpdir(), 'nora-vanish-')));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const tellsSteps = (event: TrainerEvent, steps: number): boolean =>
  event.type === 'of-run' &&
  event.event.type === 'progress' &&
  event.event.phase === 'training' &&
  event.event.done === steps;

// A rename is to everybody who knows the path what an unmounted disk is, and it can be brought back.
test(
  'a data directory that goes away ends its run with words, and has it all when it is back',
  { timeout: 240_000 },
  async () => {
    const fresh = await makeSmallRun(directory);
    const undisturbed = copySmallRun(fresh, 'undisturbed');
    await liveToTheEnd(undisturbed);
    const { dataDirectory, runId } = copySmallRun(fresh, 'vanishing');
    const away = `${dataDirectory}-away`;
    const file = join(dataDirectory, 'workbench.sqlite');

    // When the trainer tells its sixth step, not when the window hears of it: news are gathered for a while, in which a short run ends.
    const spawn = spawnChildTrainer(join(root, 'main/trainer/entry.ts'));
    const spawnTrainer: SpawnTrainer = (limits) => {
      const trainer = spawn(limits);
      return {
        ...trainer,
        onEvent: (listener) =>
          trainer.onEvent((event) => {
            if (tellsSteps(event, 6)) renameSync(dataDirectory, away);
            listener(event);
          }),
      };
    };
    const defects: unknown[] = [];
    const { workbench, router } = openWorkbench({
      dataDirectory,
      sampleDirectory: null,
      version: '0.0.0',
      spawnTrainer,
      reportDefect: (error) => void defects.push(error),
    });
    const ended = new Promise<Run>((resolve) => {
      workbench.subscribe((event) => {
        if (event.name === 'run.changed' && isAtRest(event.payload.status)) resolve(event.payload);
      });
    });
    workbench.runs.start({ id: runId });
    const { error, status } = await ended;
    expect(status).toBe('failed');
    expect(error).toMatch(/vanishing/);
    expect(error).toMatch(/is gone: its folder was removed|folder was removed or begun anew|no such folder/);

    for (const [method, params] of [
      ['runs.start', { id: runId }],
      ['runs.list', {}],
      ['queue.pause', {}],
      ['templates.list', {}],
      ['storage.show', {}],
    ] as const)
      expect(await router.call(method, params)).toEqual({
        ok: false,
        error: { code: 'conflict', message: expect.stringContaining(`${file} is gone: `) },
      });
    await workbench.close();
    expect(defects).toEqual([]);
    expect(existsSync(dataDirectory)).toBe(false);

    renameSync(away, dataDirectory);
    await liveToTheEnd({ dataDirectory, runId });
    expect(await keptOfRun({ dataDirectory, runId })).toEqual(await keptOfRun(undisturbed));
  },
);

import { existsSync, mkdtempSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openWorkbench } from '../../../main/api/open-workbench.ts';
import type { Run } from '../../../main/api/contract.ts';
import { spawnChildTrainer } from '../../../main/trainer/process/spawn-child.ts';
import { root } from '../../support/paths.ts';
import { keptOfRun } from '../kill/kept-of-run.ts';
import { liveToTheEnd } from '../kill/kills.ts';
import { copySmallRun, makeSmallRun } from '../kill/small-run.ts';

const directory = realpathSync(mkdtempSync(join(tmpdir(), 'nora-vanish-')));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

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

    const defects: unknown[] = [];
    const { workbench, router } = openWorkbench({
      dataDirectory,
      sampleDirectory: null,
      version: '0.0.0',
      spawnTrainer: spawnChildTrainer(join(root, 'main/trainer/entry.ts')),
      reportDefect: (error) => void defects.push(error),
    });
    const ended = new Promise<Run>((resolve) => {
      workbench.subscribe((event) => {
        if (event.name !== 'run.changed') return;
        const { step, status } = event.payload;
        if (step >= 6 && existsSync(dataDirectory)) renameSync(dataDirectory, away);
        if (status === 'failed' || status === 'interrupted') resolve(event.payload);
      });
    });
    workbench.runs.start({ id: runId });
    const { error } = await ended;
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

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron } from 'playwright-core';
import type { ElectronApplication, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Experiment } from '../../main/api/contract.ts';
import { root } from '../support/paths.ts';
import { describeWith } from '../support/requirements.ts';
import { smallExperiment } from './small-experiment.ts';

/** The real thing, where Electron's binary is installed: window, preload, protocol, and a trainer process. Built by test/run.ts. */
describeWith('electron', 'the desktop app', ({ path }) => {
  const data = mkdtempSync(join(tmpdir(), 'nora-smoke-'));
  let app: ElectronApplication;
  let page: Page;

  beforeAll(async () => {
    // Runners give an unpacked Electron no right to its sandbox on Linux.
    const flags = process.platform === 'linux' ? ['--no-sandbox'] : [];
    const { NODE_OPTIONS: _, ...env } = process.env as Record<string, string>;
    app = await _electron.launch({
      executablePath: path,
      args: [...flags, root, `--user-data-dir=${join(data, 'profile')}`],
      env: { ...env, NORA_DATA_DIR: join(data, 'library') },
    });
    page = await app.firstWindow();
    await page.waitForLoadState();
  });

  afterAll(async () => {
    await app?.close();
    rmSync(data, { recursive: true, force: true, maxRetries: 5 });
  });

  const call = async <T>(method: string, params: object): Promise<T> => {
    const envelope: unknown = await page.evaluate(
      `window.nora.call(${JSON.stringify(method)}, ${JSON.stringify(params)})`,
    );
    expect(envelope).toMatchObject({ ok: true });
    return (envelope as { result: T }).result;
  };

  test('shows the workbench from its own protocol', async () => {
    expect(page.url()).toMatch(/^app:\/\/workbench\//);
    expect(await page.title()).toContain('NoRA');
  });

  test('gives the page the bridge and nothing of Node', async () => {
    expect(
      await page.evaluate('[typeof window.nora, typeof require, typeof process, typeof module]'),
    ).toEqual(['object', 'undefined', 'undefined', 'undefined']);
  });

  test('has the sample in its library', async () => {
    const models = await call<{ builtIn: boolean }[]>('models.list', {});
    expect(models).toContainEqual(expect.objectContaining({ builtIn: true }));
  });

  test('trains in a process of its own', { timeout: 180_000 }, async () => {
    const { id } = await call<Experiment>('experiments.create', { definition: smallExperiment });
    await call('experiments.start', { id });
    await expect
      .poll(async () => (await call<Experiment>('experiments.show', { id })).runs[0]?.status, {
        timeout: 170_000,
        interval: 500,
      })
      .toBe('completed');
  });
});

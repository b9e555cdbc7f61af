import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeWith } from '../support/requirements.ts';
import { launchBrowser, openPage } from './support/browser.ts';
import { startFakeServer } from './support/fake-server.ts';
import { heading, startExperiment } from './support/use-window.ts';

// What the preload exposes, made of functions that Playwright passes on to the test.
const bridge = `const listeners = new Set();
window.bridgeEvent = (event) => listeners.forEach((listener) => listener(event));
window.nora = {
  call: (method, params) => bridgeCall(method, params),
  subscribe: (listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
  offerCommands: async (commands) => void (window.offered = commands),
  listenToShell: (listener) => {
    window.shellRequest = listener;
    return () => undefined;
  },
  chooseFile: async (choice) => {
    window.askedFor = choice;
    return '/models/painter.safetensors';
  },
  chooseFolder: async () => '/models/chosen',
}`;

describeWith('chromium', 'in the desktop window', ({ path }) => {
  let browser: Browser;
  beforeAll(async () => void (browser = await launchBrowser(path)));
  afterAll(() => browser?.close());

  it('uses what the preload exposes, and never the network', async () => {
    const server = await startFakeServer();
    const { page, complaints } = await openPage(browser);
    const requests: string[] = [];
    page.on('request', (request) => void requests.push(new URL(request.url()).pathname));
    page.on('websocket', () => void requests.push('/api/events'));
    await page.exposeFunction('bridgeCall', (method: string, params: unknown) =>
      server.router.call(method, params),
    );
    await page.addInitScript({ content: bridge });
    const stop = server.router.subscribe((event) => {
      page.evaluate(`bridgeEvent(${JSON.stringify(event)})`).catch(() => undefined);
    });
    await page.goto(server.loginUrl);

    await page.getByRole('link', { name: 'Models' }).click();
    await page.getByRole('button', { name: 'Import model' }).click();
    await page.getByRole('button', { name: 'File…' }).click();
    await expect.poll(() => page.getByLabel('Folder').inputValue()).toBe('/models/painter.safetensors');
    expect(await page.evaluate('askedFor')).toEqual({
      title: 'Choose a .safetensors file',
      filters: [{ name: 'safetensors', extensions: ['safetensors'] }],
    });
    await page.getByRole('button', { name: 'Browse…' }).click();
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await heading(page, 'chosen').waitFor();
    await page.getByRole('link', { name: 'Experiments' }).click();
    await startExperiment(page, 5);
    await page.getByRole('button', { name: 'Export NoRA 64/16' }).waitFor();

    // The menu bar's: the same commands, and only those that there are.
    const offered = await page.evaluate<{ id: string; title: string; group: string }[]>('offered');
    expect(offered).toContainEqual({ id: 'go-runs', title: 'Go to runs', group: 'Go to' });
    expect(offered.map(({ id }) => id)).not.toContain('next-row');
    await page.evaluate("shellRequest({ perform: 'no such command' })");
    await page.evaluate("shellRequest({ perform: 'go-runs' })");
    await heading(page, 'Runs').waitFor();
    await page.evaluate("shellRequest({ openExperiment: 'experiment-1' })");
    await heading(page, 'LoRA and NoRA on sea-questions').waitFor();

    expect(requests.filter((request) => request.startsWith('/api/'))).toEqual([]);
    expect(complaints).toEqual([]);
    stop();
    await page.context().close();
    await server.close();
  });
});

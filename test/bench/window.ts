/**
 * How quickly the window shows what months of work have left: `node test/bench/window.ts [--many] [SCREEN ...]` writes a data directory
 * through the real store (200 experiments, 2,000 runs; with `--many` 10,000 runs), serves it, opens Chromium, and prints a line for
 * each screen and for each call that it made (docs/window.md). The window has to be built: npm run build.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { formatTable } from '../../main/cli/table.ts';
import { startRealWorkbench } from '../e2e/real-workbench.ts';
import { launchBrowser } from '../renderer/support/browser.ts';
import { writeFullLibrary } from './full-library.ts';
import { measuredScreens, type MeasuredScreen } from './window-screens.ts';

interface Call {
  readonly method: string;
  readonly bytes: number;
  readonly milliseconds: number;
}

interface Measured {
  readonly name: string;
  readonly paint: number;
  readonly content: number;
  readonly longest: number;
  readonly nodes: number;
  readonly calls: readonly Call[];
}

// Text, not functions: this file is checked without the DOM's types.
const watchTasks = `globalThis.longTasks = [];
new PerformanceObserver((list) => longTasks.push(...list.getEntries().map(({ duration }) => duration)))
  .observe({ type: 'longtask', buffered: true })`;
const longestTask = 'Math.max(0, ...globalThis.longTasks)';
const firstPaint = `performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0`;
const countNodes = `document.querySelectorAll('*').length`;
/** The quiet after the last long task: what came with the content has been drawn. */
const settledMilliseconds = 1500;

const watchCalls = (page: Page): Call[] => {
  const calls: Call[] = [];
  page.on('response', (response) => {
    if (!response.url().endsWith('/api/call')) return;
    const request = response.request();
    const { method } = JSON.parse(request.postData() ?? '{}') as { method: string };
    void response.body().then(
      (body) => calls.push({ method, bytes: body.byteLength, milliseconds: request.timing().responseEnd }),
      () => undefined, // the page went away meanwhile
    );
  });
  return calls;
};

const measure = async (browser: Browser, loginUrl: string, screen: MeasuredScreen): Promise<Measured> => {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  await page.goto(loginUrl); // which signs in
  await page.goto('about:blank');
  await page.addInitScript({ content: watchTasks });
  const calls = watchCalls(page);
  const began = performance.now();
  await page.goto(`${new URL(loginUrl).origin}/#/${screen.address}`);
  await page.locator(screen.content).first().waitFor();
  const content = performance.now() - began;
  await page.waitForTimeout(settledMilliseconds);
  if (screen.use !== undefined) {
    await page.evaluate('globalThis.longTasks.length = 0');
    await screen.use(page);
    await page.waitForTimeout(settledMilliseconds);
  }
  const measured = {
    name: screen.name,
    paint: await page.evaluate<number>(firstPaint),
    content,
    longest: await page.evaluate<number>(longestTask),
    nodes: await page.evaluate<number>(countNodes),
    calls: [...calls],
  };
  await context.close();
  return measured;
};

const words = process.argv.slice(2);
const isMany = words.includes('--many');
const wanted = words.filter((word) => !word.startsWith('--'));
const directory = mkdtempSync(join(tmpdir(), 'nora-window-'));
try {
  await writeFullLibrary(directory, { experiments: 200, runs: isMany ? 50 : 10, recordedSteps: 20 });
  const workbench = await startRealWorkbench(directory);
  const browser = await launchBrowser(process.env['NORA_CHROMIUM'] ?? '/usr/bin/chromium');
  const screens = measuredScreens.filter(({ name }) => wanted.length === 0 || wanted.includes(name));
  const measured: Measured[] = [];
  for (const screen of screens) measured.push(await measure(browser, workbench.loginUrl, screen));
  await browser.close();
  await workbench.stop();
  const whole = (value: number): string => value.toFixed(0);
  console.log(
    formatTable(measured, [
      { title: 'screen', text: ({ name }) => name },
      { title: 'first paint, ms', text: ({ paint }) => whole(paint), isNumber: true },
      { title: 'content, ms', text: ({ content }) => whole(content), isNumber: true },
      { title: 'longest task, ms', text: ({ longest }) => whole(longest), isNumber: true },
      { title: 'nodes', text: ({ nodes }) => String(nodes), isNumber: true },
      { title: 'calls', text: ({ calls }) => String(calls.length), isNumber: true },
      {
        title: 'kB',
        text: ({ calls }) => whole(calls.reduce((sum, { bytes }) => sum + bytes, 0) / 1000),
        isNumber: true,
      },
    ]),
  );
  const calls = measured.flatMap(({ name, calls }) => calls.map((call) => ({ name, ...call })));
  console.log(
    `\n${formatTable(calls, [
      { title: 'screen', text: ({ name }) => name },
      { title: 'call', text: ({ method }) => method },
      { title: 'kB', text: ({ bytes }) => (bytes / 1000).toFixed(1), isNumber: true },
      { title: 'ms', text: ({ milliseconds }) => whole(milliseconds), isNumber: true },
    ])}`,
  );
} finally {
  rmSync(directory, { recursive: true, force: true });
}

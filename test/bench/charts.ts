/**
 * `node test/bench/charts.ts [--runs 50] [--steps 10000]`: how long an experiment of many long runs takes to be on screen, and to follow the
 * pointer (docs/window.md). Writes the runs through the real store, serves them, and asks Chromium. Needs the built renderer.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { createRandom } from '../../main/engine/random.ts';
import { experimentDefinitionSchema } from '../../main/services/shared/experiment-definition.ts';
import { createWorkbench } from '../../main/services/workbench.ts';
import { openDatabase } from '../../main/store/open-database.ts';
import { createStore } from '../../main/store/store.ts';
import { startRealWorkbench } from '../e2e/real-workbench.ts';
import { launchBrowser, openPage } from '../renderer/support/browser.ts';
import { root } from '../support/paths.ts';
import { requirement } from '../support/requirements.ts';

const { values: options } = parseArgs({
  options: { runs: { type: 'string', default: '50' }, steps: { type: 'string', default: '10000' } },
});
const [runs, steps] = [Number(options.runs), Number(options.steps)];

const chromium = requirement('chromium');
if (!chromium.available) throw new Error(chromium.reason);

/** An experiment whose runs have gone all their steps, with ten evaluations each. */
const fill = (dataDirectory: string, experimentRuns: readonly { id: string }[]): void => {
  const store = createStore(openDatabase(dataDirectory), dataDirectory);
  const random = createRandom(1);
  for (const [place, { id }] of experimentRuns.entries()) {
    const floor = 2 + place / 50;
    const lossAt = (step: number): number => floor + 2 * Math.exp((-6 * step) / steps);
    const metrics = Array.from({ length: steps }, (_, index) => index + 1).flatMap((step) => [
      { step, name: 'train/loss', value: Math.fround(lossAt(step) + 0.1 * random.normal()) },
      { step, name: 'train/step_seconds', value: 0.2 + 0.01 * random.uniform() },
      ...(step % (steps / 10) === 0 ? [{ step, name: 'validation/loss', value: lossAt(step) + 0.1 }] : []),
    ]);
    store.transaction(() => {
      store.metrics.insert(id, metrics);
      store.runs.update(id, { step: steps, status: 'cancelled' });
    });
  }
  store.close();
};

const prepare = async (dataDirectory: string): Promise<string> => {
  const workbench = createWorkbench({
    dataDirectory,
    sampleDirectory: join(root, 'main/sample'),
    version: '0.0.0',
    spawnTrainer: () => {
      throw new Error('nothing is trained here');
    },
  });
  const [model, dataset] = [workbench.models.list()[0], workbench.datasets.list()[0]];
  if (model === undefined || dataset === undefined) throw new Error('the sample model and data are missing');
  const experiment = await workbench.experiments.create({
    definition: experimentDefinitionSchema.parse({
      version: 1,
      name: 'many long runs',
      model: model.id,
      dataset: dataset.id,
      training: { steps },
      configurations: Array.from({ length: runs }, (_, index) => ({
        name: `run ${index + 1}`,
        adapter: { method: 'lora', rank: index + 1 },
      })),
    }),
  });
  fill(dataDirectory, experiment.runs);
  await workbench.close();
  return experiment.id;
};

/** Long tasks from the start, and what each move of the pointer takes until the next frame is due to be drawn. */
const watch = `
  window.longTasks = [];
  new PerformanceObserver((list) => window.longTasks.push(...list.getEntries().map(({ duration }) => duration)))
    .observe({ type: 'longtask', buffered: true });`;

const takeLongTasks = (page: Page): Promise<number[]> => page.evaluate('window.longTasks.splice(0)');

/** Synchronous work of each move, with styles and layout: what has to fit between two frames. */
const hover = (page: Page): Promise<number[]> =>
  page.evaluate(`(async () => {
    const over = document.querySelector('figure .u-over');
    const { left, top, width, height } = over.getBoundingClientRect();
    const times = [];
    for (let move = 0; move < 120; move++) {
      await new Promise(requestAnimationFrame);
      const from = performance.now();
      over.dispatchEvent(new MouseEvent('mousemove', {
        clientX: left + (width * (move + 1)) / 122, clientY: top + height * (0.3 + 0.5 * Math.abs(Math.sin(move / 9))),
        movementX: 1, movementY: 1, bubbles: true,
      }));
      await Promise.resolve();
      document.body.offsetHeight;
      times.push(performance.now() - from);
    }
    return times;
  })()`);

const until = async (what: () => Promise<unknown>): Promise<number> => {
  const from = performance.now();
  await what();
  return performance.now() - from;
};

/** Curves are on the canvas: its plot has pixels that are not of the grid. */
const drawn = `(() => {
  const canvas = document.querySelector('figure .u-wrap > canvas');
  if (canvas === null) return false;
  const { data } = canvas.getContext('2d').getImageData(canvas.width / 2, 0, 40, canvas.height);
  let coloured = 0;
  for (let i = 0; i < data.length; i += 4)
    if (data[i + 3] > 200 && Math.max(data[i], data[i + 1], data[i + 2]) - Math.min(data[i], data[i + 1], data[i + 2]) > 60) coloured++;
  return coloured > 100;
})()`;

const quantile = (values: readonly number[], part: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(part * (values.length - 1))] ?? 0;
const tell = (what: string, milliseconds: number): void =>
  console.log(`${what.padEnd(48)} ${milliseconds.toFixed(1)} ms`);

const directory = mkdtempSync(join(tmpdir(), 'nora-charts-'));
let stop: (() => Promise<void>) | undefined;
const browser = await launchBrowser(chromium.path);
try {
  console.log(`${cpus()[0]?.model}, ${cpus().length} cores; ${runs} runs of ${steps} steps`);
  const id = await prepare(directory);
  const workbench = await startRealWorkbench(directory);
  stop = () => workbench.stop();
  const { page } = await openPage(browser);
  page.setDefaultTimeout(120_000);
  await page.addInitScript({ content: watch });
  await page.goto(workbench.loginUrl);
  await page.getByRole('heading', { level: 1 }).waitFor();
  await page.waitForTimeout(1000);
  await takeLongTasks(page);

  const opening = await until(async () => {
    await page.evaluate(`location.hash = '#/experiments/${id}'`);
    await page.evaluate(`new Promise((resolve) => {
      const look = () => (${drawn} ? resolve() : setTimeout(look, 20));
      look();
    })`);
  });
  tell('experiment opened until its curves are drawn', opening);
  tell('  longest task', Math.max(0, ...(await takeLongTasks(page))));

  const chart = page.getByRole('slider', { name: /^Loss: place/ });
  await chart.scrollIntoViewIfNeeded();
  await page.waitForTimeout(500);
  await takeLongTasks(page);
  const moves = await hover(page);
  tell('a move of the pointer, median', quantile(moves, 0.5));
  tell('  95 of 100 within', quantile(moves, 0.95));
  tell('  the longest', Math.max(...moves));
  tell('  longest task', Math.max(0, ...(await takeLongTasks(page))));

  const zoom = await until(async () => {
    const answered = page.waitForResponse(
      (response) => response.request().postData()?.includes('"from"') === true,
    );
    await chart.press('+');
    await answered;
  });
  tell('zoomed in until the range is there', zoom);
  tell('  longest task', Math.max(0, ...(await takeLongTasks(page))));
} finally {
  await browser.close();
  await stop?.();
  rmSync(directory, { recursive: true, force: true });
}

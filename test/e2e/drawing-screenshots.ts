/**
 * `node test/e2e/drawing-screenshots.ts MODEL_FOLDER SET_FOLDER [RESOLUTION]`: the pictures of docs/drawing.md and docs/subject-training.md
 * (docs/screenshots/drawing-*.png, 1440 × 900), taken from the real workbench: the form of an experiment on pictures of a subject, the finished runs with what
 * they can be exported as, and pictures drawn by the model and its adapters. Needs the built renderer (npm run build) and Chromium.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { launchBrowser, openPage } from '../renderer/support/browser.ts';
import { root } from '../support/paths.ts';
import { requirement } from '../support/requirements.ts';
import { startRealWorkbench } from './real-workbench.ts';

const patience = 10 * 60_000;
const [model, set, resolution = '64'] = process.argv.slice(2);
if (model === undefined || set === undefined)
  throw new Error('expected the folder of a model that draws, and that of pictures of a subject');
const [modelFolder, setFolder] = [resolve(model), resolve(set)];
const chromium = requirement('chromium');
if (!chromium.available) throw new Error(chromium.reason);

const directory = await mkdtemp(join(tmpdir(), 'nora-screenshots-'));
const workbench = await startRealWorkbench(directory, {
  folders: [dirname(modelFolder), dirname(setFolder)],
});
const browser = await launchBrowser(chromium.path);
try {
  const { page } = await openPage(browser, { colorScheme: 'light' });
  page.setDefaultTimeout(patience);
  const take = async (name: string): Promise<void> => {
    await page.mouse.move(0, 0); // nothing hovered
    await page.waitForTimeout(500);
    await page.screenshot({ path: join(root, `docs/screenshots/drawing-${name}.png`) });
    console.log(`docs/screenshots/drawing-${name}.png`);
  };
  const go = (hash: string): Promise<unknown> => page.goto(`${page.url().split('#')[0]!}#${hash}`);

  const { id: modelId } = await workbench.call('models.import', { directory: modelFolder });
  const { id: datasetId } = await workbench.call('datasets.import', { trainFile: setFolder });
  await page.goto(workbench.loginUrl);
  await go(`/experiments/new?model=${modelId}&data=${datasetId}`);
  await page.getByLabel('Prompt', { exact: true }).fill('a photo of sks dog');
  await page.getByLabel('Resolution').fill(resolution);
  await page.getByLabel('Steps', { exact: true }).fill('20');
  await page
    .getByRole('img', { name: /as training sees it$/ })
    .nth(3)
    .waitFor();
  await take('form');

  await page.getByRole('switch', { name: 'Draw pictures while it trains' }).click();
  await page.getByLabel('Draw every').fill('10');
  await page.getByRole('button', { name: 'Create and start' }).click();
  await page.getByRole('region', { name: 'Result', exact: true }).waitFor();
  const samples = page.getByRole('region', { name: 'Pictures as it trains' });
  await samples.locator('img').first().waitFor();
  await samples.evaluate((section) => section.scrollIntoView());
  await page.evaluate("document.querySelector('main').scrollBy(0, -70)");
  await take('samples');
  await page
    .getByRole('button', { name: /^Export/ })
    .first()
    .click();
  await page.getByRole('menuitem', { name: /ComfyUI/ }).waitFor();
  await take('export');
  await page.keyboard.press('Escape');

  const [adapters] = [await workbench.call('adapters.list', { modelId, limit: 10 })];
  await go(`/playground?model=${modelId}`);
  await page.getByLabel('Prompt', { exact: true }).fill('a drawing of a red apple on a blue background');
  for (const { name } of adapters.items) await page.getByRole('button', { name, exact: true }).click();
  await page.getByRole('button', { name: 'Draw', exact: true }).click();
  await page.getByRole('list', { name: 'Pictures', exact: true }).waitFor();
  await take('draw');
} finally {
  await browser.close();
  await workbench.stop();
  await rm(directory, { recursive: true, force: true });
}

/**
 * `node test/e2e/screenshots.ts`: the pictures of the README, taken from the real workbench on the sample model and data
 * (docs/screenshots/*.png, 1440 × 900), and how long it takes from the first click to exported weights. Needs the built renderer (npm run build) and Chromium.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launchBrowser, openPage } from '../renderer/support/browser.ts';
import { root } from '../support/paths.ts';
import { requirement } from '../support/requirements.ts';
import { startRealWorkbench } from './real-workbench.ts';

const patience = 5 * 60_000;
const toTop = "document.querySelector('main').scrollTo(0, 0)";
const target = join(root, 'docs/screenshots');

const chromium = requirement('chromium');
if (!chromium.available) throw new Error(chromium.reason);

const directory = await mkdtemp(join(tmpdir(), 'nora-screenshots-'));
const workbench = await startRealWorkbench(directory);
const browser = await launchBrowser(chromium.path);
try {
  await mkdir(target, { recursive: true });
  const { page } = await openPage(browser, { colorScheme: 'light' });
  const take = async (name: string): Promise<void> => {
    await page.mouse.move(0, 0); // nothing hovered
    await page.screenshot({ path: join(target, `${name}.png`) });
    console.log(`docs/screenshots/${name}.png`);
  };
  const button = (name: string) => page.getByRole('button', { name, exact: true });

  // What somebody new does, from the first page to weights on the disk.
  await page.goto(workbench.loginUrl);
  await button('Run the demo').waitFor();
  await page.waitForTimeout(500);
  await take('home');
  const begun = performance.now();
  await button('Run the demo').click();
  const runs = page.getByRole('list', { name: 'Runs' }).getByRole('listitem');
  await runs
    .nth(2)
    .getByText(/Training [56]\d \//)
    .waitFor({ timeout: patience });
  await page.evaluate(toTop);
  await take('live-run');

  const result = page.getByRole('region', { name: 'Result', exact: true });
  await result.waitFor({ timeout: patience });
  await page.evaluate(toTop);
  await page.waitForTimeout(500);
  await take('comparison');
  await result.getByRole('button', { name: /^Export/ }).click();
  await page.getByRole('menuitem', { name: 'Merged weights…' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Export' }).click();
  const exports = page.getByRole('list', { name: 'Exports' });
  await exports.getByText('Exported', { exact: true }).waitFor({ timeout: patience });
  console.log(
    `from "Run the demo" to exported weights: ${((performance.now() - begun) / 1000).toFixed(0)} s`,
  );
  await exports.scrollIntoViewIfNeeded();
  await take('exported');

  await page.getByRole('link', { name: 'Adapters' }).click();
  await page
    .getByRole('link', { name: /^Try it: LoRA r16/ })
    .first()
    .click();
  await page.getByRole('radio', { name: 'Text' }).click();
  await page.getByRole('combobox', { name: /How tokens/ }).click();
  await page.getByRole('option', { name: 'Balanced' }).click();
  await page.getByLabel('Text to go on from').fill('The captain stood upon the deck, and');
  await page.getByLabel('Longest answer').fill('60');
  await page.getByRole('button', { name: 'Go on' }).click();
  const answers = page.getByRole('article');
  await answers
    .nth(1)
    .getByText(/tokens\/s/)
    .waitFor({ timeout: patience });
  await answers.nth(1).getByRole('group').focus();
  for (let token = 0; token < 6; token++) await page.keyboard.press('ArrowRight');
  await take('playground');
} finally {
  await browser.close();
  await workbench.stop();
  await rm(directory, { recursive: true, force: true });
}

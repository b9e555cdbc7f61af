/**
 * `node test/e2e/drawn-comparison-screenshots.ts DATA_DIRECTORY NAME`: the pictures of docs/comparisons.md that show arms that draw
 * (docs/screenshots/comparison-pictures.png, comparison-form-drawing.png), of a comparison that is completed, draws samples and has a task of drawn
 * pictures. Needs the built renderer (npm run build) and Chromium.
 */
import { join } from 'node:path';
import { launchBrowser, openPage } from '../renderer/support/browser.ts';
import { root } from '../support/paths.ts';
import { requirement } from '../support/requirements.ts';
import { startRealWorkbench } from './real-workbench.ts';

const patience = 2 * 60_000;
const [dataDirectory, name] = process.argv.slice(2);
if (dataDirectory === undefined || name === undefined)
  throw new Error('expected a data directory and the name of a comparison in it');
const chromium = requirement('chromium');
if (!chromium.available) throw new Error(chromium.reason);

const workbench = await startRealWorkbench(dataDirectory);
const browser = await launchBrowser(chromium.path);
try {
  const { page } = await openPage(browser, { colorScheme: 'light' });
  page.setDefaultTimeout(patience);
  const take = async (file: string): Promise<void> => {
    await page.mouse.move(0, 0); // nothing hovered
    await page.waitForTimeout(500);
    await page.screenshot({ path: join(root, `docs/screenshots/${file}.png`) });
    console.log(`docs/screenshots/${file}.png`);
  };
  await page.goto(workbench.loginUrl);
  await page.getByRole('link', { name: 'Comparisons' }).click();
  await page.getByRole('link', { name }).first().click();
  await page.getByRole('heading', { name: /^Answer/ }).waitFor();
  const drawn = page.getByRole('region', { name: 'What the arms draw' });
  await drawn.getByRole('table').waitFor();
  await drawn.evaluate((section) => section.scrollIntoView());
  await page.evaluate("document.querySelector('main').scrollBy(0, -70)");
  await drawn.locator('img').nth(5).waitFor();
  await take('comparison-pictures');

  await page.getByRole('link', { name: 'Duplicate' }).click();
  const samples = page.getByRole('switch', { name: 'Draw pictures while it trains' });
  await samples.waitFor();
  await page
    .getByRole('img', { name: /as training sees it$/ })
    .nth(3)
    .waitFor();
  await samples.evaluate((field) => field.scrollIntoView());
  await page.evaluate("document.querySelector('main').scrollBy(0, -110)");
  await take('comparison-form-drawing');
} finally {
  await browser.close();
  await workbench.stop();
}

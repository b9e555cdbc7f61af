/**
 * `node test/e2e/comparison-screenshots.ts DATA_DIRECTORY NAME`: the pictures of docs/comparisons.md and docs/diagnostics.md, of a comparison
 * that is completed and looked into (docs/screenshots/*.png, 1440 wide). Needs the built renderer (npm run build) and Chromium.
 */
import { join } from 'node:path';
import { launchBrowser, openPage } from '../renderer/support/browser.ts';
import { root } from '../support/paths.ts';
import { requirement } from '../support/requirements.ts';
import { startRealWorkbench } from './real-workbench.ts';

const patience = 5 * 60_000;
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
    await page.screenshot({ path: join(root, `docs/screenshots/${file}.png`) });
    console.log(`docs/screenshots/${file}.png`);
  };
  await page.goto(workbench.loginUrl);
  await page.getByRole('link', { name: 'Comparisons' }).click();
  await page.getByRole('link', { name }).first().click();
  await page.getByRole('heading', { name: /^Answer/ }).waitFor();
  await take('comparison-answer');
  await page.getByRole('table', { name: 'Diagnostics by arm' }).waitFor();
  const diagnostics = page.getByRole('region', { name: 'Diagnostics' });
  await page.getByRole('figure', { name: 'Effective rank by layer' }).getByRole('img').waitFor();
  await diagnostics.evaluate((section) => section.scrollIntoView());
  await page.evaluate("document.querySelector('main').scrollBy(0, -70)");
  await take('comparison-diagnostics');
  await page
    .getByRole('figure', { name: 'Effective rank by layer' })
    .evaluate((figure) => figure.scrollIntoView(false));
  await page.evaluate("document.querySelector('main').scrollBy(0, 20)");
  await take('comparison-layers');
} finally {
  await browser.close();
  await workbench.stop();
}

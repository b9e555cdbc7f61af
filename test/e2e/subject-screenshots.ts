/**
 * `node test/e2e/subject-screenshots.ts MODEL_FOLDER SET_FOLDER`: the pictures of docs/subject-pictures.md (docs/screenshots/subject-*.png, 1440 × 900), taken
 * from the real workbench: pictures of a subject are imported and looked at as training would see them. The model is one whose text tower reads captions.
 * Needs the built renderer (npm run build) and Chromium.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { launchBrowser, openPage } from '../renderer/support/browser.ts';
import { root } from '../support/paths.ts';
import { requirement } from '../support/requirements.ts';
import { startRealWorkbench } from './real-workbench.ts';

const [modelFolder, setFolder, into = join(root, 'docs/screenshots')] = process.argv
  .slice(2)
  .map((folder) => resolve(folder));
if (modelFolder === undefined || setFolder === undefined)
  throw new Error('expected the folder of a model, and that of pictures of a subject');
const chromium = requirement('chromium');
if (!chromium.available) throw new Error(chromium.reason);

const directory = await mkdtemp(join(tmpdir(), 'nora-screenshots-'));
const workbench = await startRealWorkbench(directory, {
  folders: [dirname(modelFolder), dirname(setFolder)],
});
const browser = await launchBrowser(chromium.path);
try {
  const { page } = await openPage(browser, { colorScheme: 'light' });
  page.setDefaultTimeout(60_000);
  const take = async (name: string): Promise<void> => {
    await page.mouse.move(0, 0); // nothing hovered
    await page.waitForTimeout(500);
    await page.screenshot({ path: join(into, `subject-${name}.png`) });
    console.log(`subject-${name}.png`);
  };
  await workbench.call('models.import', { directory: modelFolder });
  await page.goto(workbench.loginUrl);
  await page.getByRole('link', { name: 'Data', exact: true }).first().click();
  await page.getByRole('button', { name: 'Import data' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'Import data' });
  await dialog.getByText('A folder of pictures').click();
  await dialog.getByLabel('Folder of pictures').fill(setFolder);
  await dialog.getByRole('img').nth(3).waitFor();
  await dialog.getByText('Missing captions, repeats').click();
  await take('import');
  await dialog.getByRole('button', { name: 'Import', exact: true }).click();
  await dialog.waitFor({ state: 'detached' });
  const seen = page.getByRole('region', { name: 'As training sees them' });
  await seen.getByRole('list', { name: 'Sizes' }).waitFor();
  // Those that aren't there yet are called otherwise.
  for (const what of [/as training sees it$/, /the whole picture$/])
    await seen.getByRole('img', { name: what }).nth(3).waitFor();
  await take('set');
} finally {
  await browser.close();
  await workbench.stop();
  await rm(directory, { recursive: true, force: true });
}

/**
 * `npm run screens [-- NAME ...]`: a picture of every screen in both themes and at three widths (docs/screens/<screen>-<theme>-<width>.webp), of
 * the real workbench on the sample model and data. The list is the window's own, renderer/source/screens.ts. Names take pictures of
 * some screens alone. Needs the built renderer (npm run build) and Chromium.
 */
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CDPSession } from 'playwright-core';
import { launchBrowser, openPage } from '../renderer/support/browser.ts';
import { root } from '../support/paths.ts';
import { requirement } from '../support/requirements.ts';
import { furnish } from './furnish.ts';
import { startRealWorkbench } from './real-workbench.ts';
import { screenPaths, shownScreens } from './screen-list.ts';
import type { ShownScreen } from './screen-list.ts';
import { drawn, watchSettling } from './settled.ts';

const themes = ['light', 'dark'] as const;
const widths = [1440, 1280, 900];
const height = 900;
/** Of WebP, of 100: letters stay sharp, and all pictures together are a few megabytes. */
const quality = 55;
const target = join(root, 'docs/screens');
const firstScreen: ShownScreen = { name: 'home-first', address: 'home' };

const chromium = requirement('chromium');
if (!chromium.available) throw new Error(chromium.reason);
const wanted = process.argv.slice(2);
const isWanted = ({ name }: ShownScreen): boolean => wanted.length === 0 || wanted.includes(name);

const directory = await mkdtemp(join(tmpdir(), 'nora-screens-'));
// Of the repository it shows what furnish takes from there.
const workbench = await startRealWorkbench(join(directory, 'data'), {
  folders: [directory, join(root, 'test/trainer/fixtures')],
});
const browser = await launchBrowser(chromium.path);
const began = performance.now();
const seconds = (): string => `${((performance.now() - began) / 1000).toFixed(0)} s`;
try {
  const { page, complaints } = await openPage(browser, { colorScheme: 'light' });
  page.setDefaultTimeout(60_000);
  const settle = watchSettling(page);
  const session: CDPSession = await page.context().newCDPSession(page);

  const take = async ({ name, address }: ShownScreen): Promise<void> => {
    await page.setViewportSize({ width: widths[0]!, height });
    await page.goto('about:blank'); // nothing of the screen before: neither its place nor what it has asked for
    await page.goto(`${new URL(workbench.loginUrl).origin}/#/${address}`);
    for (const width of widths) {
      await page.setViewportSize({ width, height });
      await page.mouse.move(0, 0); // nothing hovered
      await settle();
      for (const colorScheme of themes) {
        await page.emulateMedia({ colorScheme });
        await drawn(page);
        const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality });
        await writeFile(join(target, `${name}-${colorScheme}-${width}.webp`), Buffer.from(data, 'base64'));
      }
    }
    console.log(`${name} (${seconds()})`);
  };

  if (wanted.length === 0) await rm(target, { recursive: true, force: true }); // screens that are no more
  await mkdir(target, { recursive: true });
  await page.goto(workbench.loginUrl); // which signs in
  if (isWanted(firstScreen)) await take(firstScreen);
  const { things, queries } = await furnish(workbench);
  console.log(`sample runs are done (${seconds()})`);
  for (const screen of shownScreens(screenPaths(), things, queries).filter(isWanted)) await take(screen);
  if (complaints.length > 0) throw new Error(`the browser complained: ${complaints.join('\n')}`);

  const files = await readdir(target);
  const sizes = await Promise.all(files.map(async (file) => (await stat(join(target, file))).size));
  const megabytes = sizes.reduce((sum, size) => sum + size, 0) / 1e6;
  console.log(`docs/screens: ${files.length} pictures, ${megabytes.toFixed(1)} MB (${seconds()})`);
} finally {
  await browser.close();
  await workbench.stop();
  await rm(directory, { recursive: true, force: true });
}

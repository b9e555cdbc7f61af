import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { createServer } from 'vite';
import type { ViteDevServer } from 'vite';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { root } from '../support/paths.ts';
import { describeWith } from '../support/requirements.ts';
import { axeFindings } from './support/axe.ts';
import { launchBrowser, openPage } from './support/browser.ts';

/** They show what the workbench holds, and stand on pages that have it. */
const needTheWorkbench = [
  ...[
    'drop-zone',
    'folder-browser',
    'folder-list',
    'folder-trail',
    'more-rows',
    'page',
    'path-field',
    'picture',
    'queue-notice',
  ],
];

describeWith('chromium', 'the gallery of components', ({ path }) => {
  let browser: Browser;
  let server: ViteDevServer;

  beforeAll(async () => {
    browser = await launchBrowser(path);
    server = await createServer({
      configFile: join(root, 'vite.config.ts'),
      cacheDir: join(root, 'out/gallery-cache'),
      server: { port: 0, hmr: false, ws: false, watch: null },
      logLevel: 'silent',
    });
    await server.listen();
  }, 300_000);
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  const open = async (width: number) => {
    const opened = await openPage(browser, { viewport: { width, height: 900 } });
    opened.page.setDefaultTimeout(60_000);
    await opened.page.goto(`${server.resolvedUrls?.local[0]}gallery.html`);
    await opened.page.getByRole('heading', { level: 1 }).waitFor();
    return opened;
  };

  it('has every component that needs no workbench', async () => {
    const { page, complaints } = await open(1440);
    const shown = await page.getByRole('heading', { level: 3 }).allTextContents();
    const files = readdirSync(join(root, 'renderer/source/components'))
      .filter((file) => file.endsWith('.svelte'))
      .map((file) => file.replace('.svelte', ''));
    expect(files.filter((file) => !shown.includes(file) && !needTheWorkbench.includes(file))).toEqual([]);
    // The development server's own, which is given no socket here.
    expect(complaints.filter((complaint) => !/websocket/i.test(complaint))).toEqual([]);
    await page.context().close();
  });

  it('has nothing that axe finds, and scrolls sideways at no width', async () => {
    for (const width of [1440, 900, 440]) {
      const { page } = await open(width);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        expect(await axeFindings(page), `${width} ${colorScheme}`).toEqual([]);
      }
      expect(await page.evaluate('document.querySelector("main").scrollWidth <= innerWidth')).toBe(true);
      await page.context().close();
    }
  });
});

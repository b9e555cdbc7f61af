import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import type { Router } from '../../../main/api/router.ts';
import { launchBrowser, openPage } from './browser.ts';
import { startFakeServer } from './fake-server.ts';
import type { FakeServer } from './fake-server.ts';
import type { FakeOptions } from './fake-workbench.ts';

export interface Window {
  page: Page;
  server: FakeServer;
  /** Emptied by a test that provokes one on purpose. */
  complaints: string[];
}

export interface WindowOptions {
  workbench?: Omit<FakeOptions, 'emit' | 'hold'>;
  context?: BrowserContextOptions;
}

/** Gives every test of the suite a window of its own; each must end without a complaint of the browser. */
export const useWindow = (chromium: string, { workbench, context }: WindowOptions = {}): Window => {
  const window = {} as Window;
  let browser: Browser;

  beforeAll(async () => void (browser = await launchBrowser(chromium)));
  afterAll(() => browser?.close());

  beforeEach(async () => {
    const server = await startFakeServer(workbench);
    Object.assign(window, { server }, await openPage(browser, context));
    await window.page.goto(`${server.loginUrl}#/experiments`);
    // Signing in takes a call; keys that are pressed before are nobody's.
    await window.page.locator('h1').first().waitFor();
  });
  afterEach(async () => {
    await window.page.context().close();
    await window.server.close();
    expect(window.complaints).toEqual([]);
  });

  return window;
};

export const heading = (page: Page, name: string | RegExp) =>
  page.getByRole('heading', { level: 1, name, exact: true });

/** From anywhere to the experiment's page, with LoRA and NoRA running. */
export const startExperiment = async (page: Page, steps = 60): Promise<void> => {
  await page.getByRole('link', { name: 'New experiment' }).first().click();
  await page.getByLabel('Steps', { exact: true }).fill(String(steps));
  await page.getByRole('button', { name: 'Create and start' }).click();
  await heading(page, 'LoRA and NoRA on sea-questions').waitFor();
};

/** What was made last, whole: lists tell less of it. */
export const newest = async <T>(router: Router, what: 'experiments' | 'comparisons'): Promise<T> => {
  const list = (await router.call(`${what}.list`, { limit: 1 })) as { result: { items: { id: string }[] } };
  const shown = await router.call(`${what}.show`, { id: list.result.items[0]?.id });
  return (shown as { result: T }).result;
};

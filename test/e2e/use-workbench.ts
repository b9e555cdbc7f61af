import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { launchBrowser, openPage } from '../renderer/support/browser.ts';
import type { WatchedPage } from '../renderer/support/browser.ts';
import { startRealWorkbench } from './real-workbench.ts';
import type { RealWorkbench, ServeOptions } from './real-workbench.ts';

/** Against hanging only: training, a browser and other tests share the machine's cores. */
export const patience = 120_000;

export interface JourneyOptions {
  /** Done with the empty data directory before the workbench is there. */
  readonly prepare?: (dataDirectory: string) => Promise<void>;
  /** Whether the story is about a workbench that does not answer, of which a browser complains by itself. */
  readonly hasOutages?: boolean;
}

export interface OpenOptions {
  /** The screen to begin at; the first otherwise. */
  readonly screen?: string;
  /** How the browser gets in, where not straight. */
  readonly loginUrl?: string;
  readonly context?: BrowserContextOptions;
}

/** A real workbench on a data directory of its own, and as many windows on it as a story needs. */
export interface Journey {
  readonly workbench: RealWorkbench;
  /** In the story's own folder, which the window's folder browser shows. */
  path(...names: string[]): string;
  open(options?: OpenOptions): Promise<WatchedPage>;
  /** The same data directory again, on the same port. */
  start(options?: ServeOptions): Promise<void>;
}

const ofTheNetwork = /^Failed to load resource: net::|^WebSocket connection/;

/** For one story, told by the tests of a suite in order: all of them share the workbench. No window may have complained in the end. */
export const useWorkbench = (
  chromium: string,
  { prepare, hasOutages = false }: JourneyOptions = {},
): Journey => {
  let directory = '';
  let browser: Browser;
  const windows: WatchedPage[] = [];
  const path = (...names: string[]): string => join(directory, ...names);
  const journey = {
    path,
    open: async ({ screen, loginUrl = journey.workbench.loginUrl, context = {} }: OpenOptions = {}) => {
      const window = await openPage(browser, context);
      window.page.setDefaultTimeout(patience);
      windows.push(window);
      await window.page.goto(`${loginUrl}${screen === undefined ? '' : `#/${screen}`}`);
      return window;
    },
    start: async (options: ServeOptions = {}) => {
      const port = journey.workbench?.port ?? 0;
      journey.workbench = await startRealWorkbench(path('data'), { port, folders: [directory], ...options });
    },
  } as { -readonly [K in keyof Journey]: Journey[K] };

  beforeAll(async () => {
    directory = await realpath(await mkdtemp(join(tmpdir(), 'nora-journey-')));
    await prepare?.(path('data'));
    await journey.start();
    browser = await launchBrowser(chromium);
  });
  afterAll(async () => {
    await browser?.close();
    await journey.workbench?.stop();
    await rm(directory, { recursive: true, force: true });
    const complaints = windows.flatMap((window) => window.complaints);
    expect(complaints.filter((complaint) => !hasOutages || !ofTheNetwork.test(complaint))).toEqual([]);
  });
  return journey;
};

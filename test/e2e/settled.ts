import type { Page } from 'playwright-core';

/** So long nothing is asked for before a page counts as settled: fields wait a moment for more to be typed. */
const quietMilliseconds = 500;

// Text, not a function: this is checked without the DOM's types.
const isStill = `document.querySelector('main h1') !== null && document.querySelector('[aria-busy="true"]') === null`;
const painted = `document.fonts.ready.then(() =>
  new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))`;

/** Asked from outside: the page's content security policy lets nobody wait for a text inside it. */
const becomesStill = async (page: Page): Promise<void> => {
  while (!(await page.evaluate<boolean>(isStill))) await page.waitForTimeout(50);
};

/** Resolves once what is there is drawn. */
export const drawn = (page: Page): Promise<unknown> => page.evaluate(painted);

/** Watches what the page asks for. What it gives resolves once all questions are answered, and the page's parts are there and drawn. */
export const watchSettling = (page: Page): (() => Promise<void>) => {
  const waiting = new Set<unknown>();
  let lastAt = performance.now();
  const ended = (request: unknown): void => {
    waiting.delete(request);
    lastAt = performance.now();
  };
  page.on('request', (request) => void waiting.add(request));
  page.on('requestfinished', ended);
  page.on('requestfailed', ended);
  const isQuiet = (): boolean => waiting.size === 0 && performance.now() - lastAt > quietMilliseconds;

  return async () => {
    lastAt = performance.now();
    await becomesStill(page);
    while (!isQuiet()) await page.waitForTimeout(50);
    await becomesStill(page);
    await drawn(page);
  };
};

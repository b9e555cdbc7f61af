import { chromium } from 'playwright-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';

const quiet = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export const launchBrowser = (executablePath: string): Promise<Browser> =>
  chromium.launch({ executablePath, args: quiet });

export interface WatchedPage {
  page: Page;
  /** Errors in the console, thrown errors, and violations of the content security policy. */
  complaints: string[];
}

// Text, not a function: the tests are checked without the DOM's types.
const tellViolations = `document.addEventListener('securitypolicyviolation', (event) =>
  tellViolation([event.violatedDirective, event.blockedURI, event.sourceFile].join(' ')))`;

/** A page of its own (cookies, storage), watched for everything that it complains about. */
export const openPage = async (
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> => {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    reducedMotion: 'reduce',
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.exposeFunction('tellViolation', (violation: string) => void complaints.push(violation));
  await page.addInitScript({ content: tellViolations });
  return { page, complaints };
};

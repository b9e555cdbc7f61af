import type { Page } from 'playwright-core';

/** One thing that is measured: an address, and what has to be there for a person to go on. */
export interface MeasuredScreen {
  readonly name: string;
  readonly address: string;
  /** A selector of the content, not of the frame around it. */
  readonly content: string;
  /** Done once it is there; the longest task is then counted from here. */
  readonly use?: (page: Page) => Promise<void>;
}

export const measuredScreens: readonly MeasuredScreen[] = [
  { name: 'experiments', address: 'experiments', content: 'main table tbody tr' },
  { name: 'experiment', address: 'experiments/experiment-00007', content: 'ul[aria-label="Runs"] li' },
  { name: 'adapters', address: 'adapters', content: 'table[aria-label="Adapters"] tbody tr' },
  {
    name: 'runs',
    address: 'runs',
    content: 'table[aria-label="Runs"] input',
    use: async (page) => {
      await page.getByRole('region', { name: 'Table of runs' }).hover();
      for (let turn = 0; turn < 40; turn++) await page.mouse.wheel(0, 1500);
    },
  },
  {
    name: 'runs-grouped',
    address: 'runs',
    content: 'table[aria-label="Runs"] input',
    use: async (page) => {
      await page.getByLabel('Group by').click();
      await page.getByRole('option', { name: 'Method', exact: true }).click();
      await page.getByRole('button', { name: 'Open all' }).click();
      await page.getByRole('region', { name: 'Table of runs' }).hover();
      for (let turn = 0; turn < 40; turn++) await page.mouse.wheel(0, 1500);
    },
  },
  { name: 'comparisons', address: 'comparisons', content: 'main h2, main table tbody tr' },
  {
    name: 'remove',
    address: 'experiments/experiment-00007',
    content: 'ul[aria-label="Runs"] li',
    use: async (page) => {
      const began = performance.now();
      await page.getByRole('button', { name: 'Remove the experiment' }).click();
      await page.getByRole('heading', { level: 1, name: 'Experiments' }).waitFor();
      console.log(`the experiment was gone after ${(performance.now() - began).toFixed(0)} ms`);
    },
  },
];

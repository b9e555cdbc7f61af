import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { heading } from '../renderer/support/use-window.ts';
import { describeWith } from '../support/requirements.ts';
import { useWorkbench } from './use-workbench.ts';

const trainingTime = 600_000;

// One story in order: each test goes on where the one before ended.
describeWith('chromium', 'what somebody new does, on the real engine', ({ path }) => {
  const journey = useWorkbench(path);
  let page: Page;
  const run = (name: string) =>
    page.getByRole('list', { name: 'Runs' }).getByRole('listitem').filter({ hasText: name });

  beforeAll(async () => void ({ page } = await journey.open()));

  it('runs the demo, and sees from Home how it comes along', async () => {
    await page.getByRole('button', { name: 'Run the demo' }).click();
    await heading(page, 'Demo').waitFor();
    await run('LoRA r16')
      .getByText(/Training \d/)
      .waitFor();
    await page.getByRole('link', { name: 'Home', exact: true }).click();
    const running = page.getByRole('list', { name: 'Running' }).getByRole('listitem');
    await running.getByRole('link', { name: 'LoRA r16' }).waitFor();
    await page.getByText(/^2 runs wait:/).waitFor();
    await running.getByRole('link', { name: 'LoRA r16' }).click();
    await heading(page, 'Demo').waitFor();
  });

  // Three runs would take minutes where two processors are shared: one tells as much of the window.
  it('leaves two runs out and sees what the other comes to', { timeout: trainingTime }, async () => {
    for (const name of ['LoRA r4', 'NoRA 64/16']) {
      await page.getByRole('button', { name: `Cancel: ${name}` }).click();
      await run(name).getByText('Cancelled').waitFor();
    }
    const result = page.getByRole('region', { name: 'Result', exact: true });
    await result.getByText('improved on the base', { exact: true }).waitFor({ timeout: trainingTime });
    await page.locator('figure .u-wrap > canvas').first().waitFor();
  });

  it('tries the result beside the base model', async () => {
    await page
      .getByRole('region', { name: 'Result', exact: true })
      .getByRole('link', { name: /^Try it/ })
      .click();
    await heading(page, 'Playground').waitFor();
    await page.getByRole('radio', { name: 'Text' }).click();
    await page.getByLabel('Text to go on from').fill('The captain stood upon the deck, and');
    await page.getByLabel('Longest answer').fill('8');
    await page.getByRole('button', { name: 'Go on' }).click();
    const answers = page.getByRole('article');
    for (const index of [0, 1])
      await answers
        .nth(index)
        .getByText(/tokens\/s/)
        .waitFor();
    expect(await answers.count()).toBe(2);
    expect((await answers.nth(1).getByRole('group').textContent())?.trim()).not.toBe('');
  });
});

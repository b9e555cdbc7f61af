import { expect, it } from 'vitest';
import { describeWith } from '../support/requirements.ts';
import { axeFindings } from './support/axe.ts';
import { heading, useWindow } from './support/use-window.ts';

describeWith('chromium', 'blind tests', ({ path }) => {
  const window = useWindow(path);

  const begin = async (): Promise<void> => {
    const { page } = window;
    await page.keyboard.press('g');
    await page.keyboard.press('b');
    await page.getByRole('button', { name: 'Choose two folders' }).click();
    await page.getByLabel('First arm’s folder').fill('/drawn/nora');
    await page.getByLabel('Second arm’s folder').fill('/drawn/lora');
    await page.getByLabel('First arm’s name').fill('NoRA');
    await page.getByRole('button', { name: 'Begin' }).click();
    await heading(page, 'NoRA and lora').waitFor();
  };

  it('shows pairs side by side without saying whose they are, takes keys, and tells in the end', async () => {
    const { page } = window;
    await begin();
    await page.getByText('a photo of a dog, 0').waitFor();
    expect(
      await page.getByRole('img').evaluateAll((all) => all.map((one) => one.getAttribute('alt'))),
    ).toEqual(['Left of pair 1', 'Right of pair 1']);
    expect(await page.getByText('NoRA', { exact: true }).count()).toBe(0);
    await page.getByText('1 pictures of these folders have no partner').waitFor();

    expect(await axeFindings(page)).toEqual([]);
    // NoRA stands left in the first pair and every other one.
    for (const [at, key] of ['ArrowLeft', 'ArrowRight', 'ArrowLeft', 'b', 'x'].entries()) {
      await page.getByText(`a photo of a dog, ${at}`).waitFor();
      await page.keyboard.press(key);
    }
    await page.getByText('a photo of a dog, 5').waitFor();
    await page.getByText('5 of 6 pairs judged').waitFor();
    // Ending it now takes a second word, and going back leaves it open.
    await page.getByRole('button', { name: 'Say whose they are' }).click();
    const dialog = page.getByRole('dialog', { name: 'End the test early?' });
    await dialog.getByText('5 of 6 pairs are judged.').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await dialog.waitFor({ state: 'hidden' });
    await page.getByText('5 of 6 pairs judged').waitFor();
    await page.getByRole('button', { name: 'Pair 4: Both as good' }).click();
    await page.getByText('a photo of a dog, 3').waitFor();
    expect(
      await page.getByRole('button', { name: 'Both as good', exact: true }).getAttribute('aria-pressed'),
    ).toBe('true');
    await page.getByRole('button', { name: 'Left is better', exact: true }).click();
    await page.getByText('a photo of a dog, 5').waitFor();
    await page.keyboard.press('ArrowRight');
    await page.getByText('Every pair is judged.').waitFor();

    await page.getByRole('button', { name: 'Say whose they are' }).click();
    const verdict = page.getByRole('region', { name: 'Verdict' });
    await verdict.getByText('4 : 1').waitFor();
    await verdict.getByText('All 6 pairs were judged.').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Pair 4: lora' }).click();
    await page.getByAltText('NoRA of pair 4').waitFor();
    expect(await page.getByRole('button', { name: 'Left is better', exact: true }).count()).toBe(0);

    await page.getByRole('link', { name: 'Blind tests' }).first().click();
    await page
      .getByRole('row', { name: /NoRA and lora/ })
      .getByText('6 of 6')
      .waitFor();
  });

  it('is ended early where that is said twice', async () => {
    const { page } = window;
    await begin();
    await page.getByText('a photo of a dog, 0').waitFor();
    await page.keyboard.press('ArrowLeft');
    await page.getByText('1 of 6 pairs judged').waitFor();
    await page.getByRole('button', { name: 'Say whose they are' }).click();
    await page.getByRole('button', { name: 'End the test', exact: true }).click();
    await page.getByRole('region', { name: 'Verdict' }).getByText('1 : 0').waitFor();
  });

  it('says where a folder can’t be read, and removes a test', async () => {
    const { page } = window;
    await page.keyboard.press('g');
    await page.keyboard.press('b');
    await heading(page, 'Blind tests').waitFor();
    await page.keyboard.press('i');
    await page.getByLabel('First arm’s folder').fill('/drawn/torn');
    await page.getByLabel('Second arm’s folder').fill('/drawn/lora');
    await page.getByRole('button', { name: 'Begin' }).click();
    await page.getByRole('alert').getByText('/drawn/torn: has no pictures').waitFor();
    await page.getByLabel('First arm’s folder').fill('/drawn/nora');
    await page.getByRole('button', { name: 'Begin' }).click();
    await heading(page, 'nora and lora').waitFor();
    await page.getByRole('button', { name: 'Remove the blind test' }).click();
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
    await page.getByText('No blind tests yet').waitFor();
  });
});

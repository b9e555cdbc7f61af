import { expect, it } from 'vitest';
import { describeWith } from '../support/requirements.ts';
import type { Experiment } from '../../main/api/contract.ts';
import { axeFindings } from './support/axe.ts';
import { heading, useWindow, newest } from './support/use-window.ts';

describeWith('chromium', 'the methods', ({ path }) => {
  const window = useWindow(path);

  it('are explained, each with what it trains', async () => {
    const { page } = window;
    await page.getByRole('link', { name: 'Methods' }).click();
    await heading(page, 'Methods').waitFor();
    const nora = page.getByRole('article', { name: 'NoRA, zero drift' });
    const formula = nora.locator('math').first();
    expect((await formula.textContent())?.replaceAll(/\s/g, '')).toBe('ΔW=sBB′A′A');
    expect(await nora.textContent()).toContain('numbers a layer');
    // Drawn as formulas: a fraction's parts stand one above the other.
    const [over, under] = await Promise.all(
      [0, 1].map(async (at) => (await nora.locator('mfrac').first().locator('> *').nth(at).boundingBox())!),
    );
    expect(over!.y + over!.height).toBeLessThanOrEqual(under!.y + 2);
    expect(await axeFindings(page)).toEqual([]);
  });

  it('can be used at once: beside a LoRA as large, or in a draft that was left', async () => {
    const { page } = window;
    const use = async (title: string): Promise<void> => {
      await page.getByRole('link', { name: 'Methods' }).click();
      await page.getByRole('link', { name: `Use this method: ${title}` }).click();
      await heading(page, 'New experiment').waitFor();
    };
    await use('DoRA');
    await page.getByRole('article', { name: /^DoRA/ }).waitFor();
    await page.getByRole('article', { name: /^LoRA/ }).waitFor();
    await page.getByLabel('Steps', { exact: true }).fill('33');
    await page.getByText('Draft kept').waitFor();

    await use('NoRA, paper');
    await page.getByText('A draft that you left is kept: LoRA and DoRA on sea-questions.').waitFor();
    await page.getByLabel('Steps', { exact: true }).fill('44');
    await page.getByRole('button', { name: 'Add the method to it' }).click();
    expect(await page.getByLabel('Steps', { exact: true }).inputValue()).toBe('33');
    const nora = page.getByRole('article', { name: /^NoRA/ });
    expect(await nora.getByRole('combobox', { name: /^Preset/ }).textContent()).toContain('Paper');
    await page.getByRole('article', { name: /^DoRA/ }).waitFor();
  });

  it('can be chosen in a new experiment, with their own settings', async () => {
    const { page } = window;
    await page.getByRole('link', { name: 'New experiment' }).first().click();
    await page.getByRole('button', { name: 'Other method' }).click();
    await page.getByRole('menuitem', { name: /^LoRA\+/ }).click();
    const card = page.getByRole('article', { name: 'LoRA+ r16' });
    await card.getByRole('button', { name: 'More of LoRA+' }).click();
    await card.getByLabel("B's rate / A's").fill('8');
    await page.getByRole('button', { name: 'Remove LoRA r6' }).click();
    await page.getByRole('button', { name: 'Create and start' }).click();
    await heading(page, 'NoRA and LoRA+ on sea-questions').waitFor();
    const experiment = await newest<Experiment>(window.server.router, 'experiments');
    expect(experiment.definition.configurations[1]).toMatchObject({
      adapter: { method: 'loraplus', learningRateRatio: 8 },
    });
  });

  it("take NoRA's presets, and say which one the settings are", async () => {
    const { page } = window;
    await page.getByRole('link', { name: 'New experiment' }).first().click();
    const nora = page.getByRole('article', { name: /^NoRA/ });
    const preset = nora.getByRole('combobox', { name: /^Preset/ });
    await preset.click();
    await page.getByRole('option', { name: 'Official code' }).click();
    await nora.getByText('For reproduction.').waitFor();
    await nora.getByRole('button', { name: 'More of NoRA' }).click();
    await nora.getByRole('switch', { name: 'Residual base' }).click();
    expect(await preset.textContent()).toContain('Own settings');
  });
});

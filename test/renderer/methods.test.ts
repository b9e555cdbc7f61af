import { expect, it } from 'vitest';
import { describeWith } from '../support/requirements.ts';
import type { Experiment } from '../../main/api/contract.ts';
import { heading, useWindow, newest } from './support/use-window.ts';

describeWith('chromium', 'the methods', ({ path }) => {
  const window = useWindow(path);

  it('are explained, each with what it trains', async () => {
    const { page } = window;
    await page.getByRole('link', { name: 'Methods' }).click();
    await heading(page, 'Methods').waitFor();
    const nora = page.getByRole('article', { name: 'NoRA, zero drift' });
    expect(await nora.textContent()).toContain("s B B' A' A,  s = alpha / r'");
    expect(await nora.textContent()).toContain("r·r' + r'·r numbers a layer");
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

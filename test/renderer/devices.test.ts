import { expect, it } from 'vitest';
import { describeWith } from '../support/requirements.ts';
import { heading, useWindow } from './support/use-window.ts';

describeWith('chromium', 'devices', ({ path }) => {
  const window = useWindow(path);

  it('lists what works, and why the rest does not and how to get it', async () => {
    const { page } = window;
    await page.getByRole('link', { name: 'Devices' }).click();
    await heading(page, 'Devices').waitFor();
    await page.getByRole('row', { name: /Usable WebGPU works: three training steps/ }).waitFor();
    await page
      .getByRole('row', {
        name: /Not usable CUDA .*is not there Needs an NVIDIA driver and the CUDA 12 files/,
      })
      .waitFor();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('row', { name: /Usable CPU/ }).waitFor();
  });

  it('offers the usable ones to a new experiment, and says why not the others', async () => {
    const { page } = window;
    await page.getByRole('link', { name: 'New experiment' }).first().click();
    await page.getByRole('combobox', { name: /^Device/ }).click();
    await page.getByRole('option', { name: 'WebGPU' }).waitFor();
    expect(await page.getByRole('option', { name: 'CUDA' }).count()).toBe(0);
    await page.getByRole('option', { name: 'WebGPU' }).click();
    await page.getByText('Why not another device').click();
    await page.getByText('libonnxruntime_providers_shared.so is not there').waitFor();
    expect(await page.getByRole('combobox', { name: /^Device/ }).textContent()).toContain('WebGPU');
  });
});

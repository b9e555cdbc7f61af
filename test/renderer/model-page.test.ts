import { expect, it } from 'vitest';
import { describeWith } from '../support/requirements.ts';
import { axeFindings } from './support/axe.ts';
import { heading, useWindow } from './support/use-window.ts';

describeWith('chromium', "a model's page", ({ path }) => {
  const window = useWindow(path, { workbench: { stepMilliseconds: 5 } });

  const open = async (): Promise<void> => {
    await window.page.getByRole('link', { name: 'Models', exact: true }).click();
    await window.page.getByRole('link', { name: 'sample-llama' }).click();
    await heading(window.page, 'sample-llama').waitFor();
  };

  it('tells what each use takes, and what each device has', async () => {
    await open();
    const table = window.page.getByRole('table', { name: 'Memory by use and device' });
    const row = (name: string) => table.getByRole('row', { name });
    expect(await row('Train LoRA r16').innerText()).toMatch(/410 MB\s+Fits\s+not known/);
    expect(await row('Train NoRA 64/16').innerText()).toMatch(/4\.20 GB\s+Too large/);
    expect(await row('Run it, held in 4 bits').innerText()).toMatch(/401 MB\s+Fits/);
    await window.page.getByText("CUDA and DirectML can't be used here").waitFor();
  });

  it('of CLIP has both towers with their sites by name, and how it sees pictures', async () => {
    const { page, server } = window;
    await server.router.call('models.import', { directory: '/models/clip', name: 'clip' });
    await page.getByRole('link', { name: 'Models', exact: true }).click();
    await page.getByRole('link', { name: 'clip', exact: true }).click();
    await page.getByText('224 × 224 pixels').waitFor();
    await page.getByText('until its shorter side has 224 pixels (bicubic)').waitFor();
    const pictures = page.getByRole('table', { name: 'Sites of pictures' });
    await pictures
      .getByRole('row', { name: 'vision_model.encoder.layers.*.self_attn.q_proj 4 128 × 128' })
      .waitFor();
    await page.getByRole('table', { name: 'Sites of texts' }).waitFor();
    expect(await page.getByText('Chat template').count()).toBe(0);
    expect(await axeFindings(page)).toEqual([]);
  });

  it('that draws is shown by its parts, with what adapters come to and what is only used', async () => {
    const { page, server } = window;
    await server.router.call('models.import', { directory: '/models/diffusion', name: 'painter' });
    await page.getByRole('link', { name: 'Models', exact: true }).click();
    await page.getByRole('link', { name: 'painter', exact: true }).click();
    const unet = page.getByRole('table', { name: 'Sites of U-Net' });
    await unet
      .getByRole('row', { name: /^Self-attention to_q to_k to_v to_out\.0 16 128 × 128–256 Yes/ })
      .waitFor();
    await unet.getByRole('row', { name: /^Convolutions 3 × 3 conv1 conv2 4 .* By name/ }).waitFor();
    const vae = page.getByRole('table', { name: 'Sites of VAE' });
    await vae.getByRole('row', { name: /quant_conv 1 8 × 8 Only used/ }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
  });

  it('decomposes the weights of one kind, or all, and draws how they decay', async () => {
    const { page } = window;
    await open();
    const layers = page.getByRole('table', { name: 'Linear layers' });
    const kind = layers.getByRole('button', { name: 'q_proj' });
    expect(await kind.getAttribute('aria-expanded')).toBe('false');
    await kind.click();
    await layers.getByRole('button', { name: 'Decompose these 4' }).click();
    const chart = layers.getByRole('img', { name: /^Singular values of q_proj/ });
    await chart.waitFor();
    const sites = layers.getByRole('group', { name: 'Layers of q_proj' });
    await sites.getByRole('button', { name: 'Layer 3' }).click();
    expect(await sites.getByRole('button', { name: 'Layer 3' }).getAttribute('aria-pressed')).toBe('true');
    await expect.poll(() => chart.getAttribute('aria-label')).toContain('Layer 3');
    // sum of i^-0.8 for i up to 16 over that up to 128, of layer 0: independent of the program.
    expect(await sites.getByRole('row', { name: /Layer 0/ }).innerText()).toContain(`${heldBy16()} %`);
    expect(
      await layers
        .getByRole('row', { name: /k_proj/ })
        .locator('svg.icon ~ svg')
        .count(),
    ).toBe(0);

    await page.getByRole('button', { name: 'Decompose all weights' }).click();
    await expect.poll(() => layers.locator('td.decay svg').count(), { timeout: 8000 }).toBe(9);
    expect(await page.getByRole('button', { name: 'Decompose all weights' }).count()).toBe(0);
    expect(await axeFindings(page)).toEqual([]);
  });

  it('can be stopped, and keeps what is done', async () => {
    const { page } = window;
    await open();
    await page.getByRole('button', { name: 'Decompose all weights' }).click();
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Decompose all weights' }).waitFor();
  });
});

const heldBy16 = (): number => {
  const energy = (count: number): number =>
    Array.from({ length: count }, (_, index) => (index + 1) ** -0.8).reduce((a, b) => a + b, 0);
  return Math.round((100 * energy(16)) / energy(128));
};

import { expect, it } from 'vitest';
import { describeWith } from '../support/requirements.ts';
import { heading, startExperiment, useWindow } from './support/use-window.ts';

describeWith('chromium', 'the page of an experiment', ({ path }) => {
  const window = useWindow(path);
  const run = (name: string) =>
    window.page.getByRole('list', { name: 'Runs' }).getByRole('listitem').filter({ hasText: name });
  const completed = () => run('NoRA 64/16').getByText('Completed').waitFor();

  it('follows the runs live and compares them', async () => {
    const { page, server } = window;
    server.hold.atStep = 20;
    await startExperiment(page);
    await run('LoRA r6').getByText('Training 20 / 60').waitFor();
    await run('NoRA 64/16').getByText('Queued').waitFor();
    await page.locator('figure .u-wrap > canvas').waitFor();
    await page.getByRole('button', { name: 'Table: Loss' }).click();
    const numbers = page
      .getByRole('group', { name: 'Loss in numbers' })
      .getByRole('row', { name: /LoRA r6/ });
    const before = await numbers.textContent();
    server.hold.atStep = null;
    await expect.poll(() => numbers.textContent(), { timeout: 15_000 }).not.toBe(before);
    await completed();
    const table = page.getByRole('table', { name: 'Comparison' });
    const best = table.getByRole('row', { name: /NoRA 64\/16/ });
    await best.getByText('best', { exact: true }).waitFor();
    expect(await best.getByRole('cell').allTextContents()).toEqual(
      expect.arrayContaining(['3.7400', '2.1508', '−1.5892', '0.212', '4,830', '1.94', '412 MB']),
    );
    await page.getByText('One seed and one held-out part').waitFor();
  });

  it('draws each run in its colour, and keeps drawing with the smoothing off', async () => {
    const { page } = window;
    await startExperiment(page);
    await completed();
    const drawn = (): Promise<string[]> =>
      page.evaluate(`(() => {
        const canvas = document.querySelector('figure .u-wrap > canvas');
        // A copy: the browser complains of a canvas that is read again and again.
        const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d', { willReadFrequently: true });
        copy.drawImage(canvas, 0, 0);
        const { data } = copy.getImageData(0, 0, canvas.width, canvas.height);
        const seen = new Map();
        for (let i = 0; i < data.length; i += 4) {
          if (data[i + 3] < 255) continue;
          const colour = data.slice(i, i + 3).join();
          seen.set(colour, (seen.get(colour) ?? 0) + 1);
        }
        return [...seen].filter(([, count]) => count > 200).map(([colour]) => colour);
      })()`);
    await expect.poll(drawn, { timeout: 15_000 }).toEqual(expect.arrayContaining(['0,114,178', '200,82,0']));
    await page.getByRole('slider', { name: 'Smoothing' }).fill('0');
    await expect.poll(drawn, { timeout: 15_000 }).toEqual(expect.arrayContaining(['0,114,178', '200,82,0']));
  });

  it('shows the values of the step under the pointer', async () => {
    const { page } = window;
    await startExperiment(page, 10);
    await completed();
    const figure = page.getByRole('figure');
    await figure.locator('.u-over').hover();
    await figure.getByText(/^Step \d+/).waitFor();
  });

  it('draws what else was measured, by group', async () => {
    const { page } = window;
    await startExperiment(page, 10);
    await completed();
    const titles = (): Promise<string[]> => page.locator('figcaption').allTextContents();
    expect(await titles()).toEqual([]);
    await page.getByRole('radio', { name: 'Optimisation' }).click();
    await page.getByRole('heading', { name: 'Optimisation' }).waitFor();
    expect(await titles()).toEqual(['Gradient norm', 'Learning rate']);
    await page.getByRole('radio', { name: 'Speed' }).click();
    expect(await titles()).toEqual(['Seconds per step', 'Tokens per second']);
    await page.getByRole('button', { name: 'Table: Tokens per second' }).click();
    const row = page
      .getByRole('figure', { name: /^Tokens per second/ })
      .getByRole('row', { name: /LoRA r6/ });
    expect(await row.textContent()).toMatch(/\d,\d{3}/);
    expect(await page.locator('figure .u-wrap > canvas').count()).toBe(2);
    await page.getByRole('radio', { name: 'Loss' }).click();
    await page.getByRole('figure', { name: /^Loss by step/ }).waitFor();
  });

  it('pauses, resumes and cancels', async () => {
    const { page } = window;
    // So long that no run ends while a busy machine clicks.
    await startExperiment(page, 5000);
    await page.getByRole('button', { name: 'Pause: LoRA r6' }).click();
    await run('LoRA r6').getByText('Paused').waitFor();
    await page.getByRole('button', { name: 'Resume: LoRA r6' }).click();
    await run('LoRA r6').getByText('Queued').waitFor();
    await page.getByRole('button', { name: 'Cancel: NoRA 64/16' }).click();
    await run('NoRA 64/16').getByText('Cancelled').waitFor();
    await run('LoRA r6').getByText('Running').waitFor();
    await page.getByRole('button', { name: 'Start 1 more' }).waitFor();
  });

  it('shows the error of a control at its run', async () => {
    const { page, server } = window;
    await startExperiment(page, 300);
    server.failures.set('runs.pause', 'the run has just ended');
    await page.getByRole('button', { name: 'Pause: LoRA r6' }).click();
    await run('LoRA r6').getByRole('alert').getByText('the run has just ended').waitFor();
  });

  it('exports with the keyboard and shows how exact the export is', async () => {
    const { page } = window;
    await startExperiment(page, 5);
    await completed();
    await page.getByRole('button', { name: 'Export NoRA 64/16' }).press('Enter');
    await page.getByRole('menuitem', { name: 'PEFT adapter…' }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: /NoRA 64\/16: merged weights/ });
    await dialog.getByLabel('Folder').fill('/full');
    await page.keyboard.press('Enter');
    await dialog.getByRole('alert').getByText('no space left on the disk').waitFor();
    await dialog.getByLabel('Folder').fill('/tmp/merged');
    await page.keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
    const exported = page.getByRole('list', { name: 'Exports' }).getByRole('listitem');
    await exported.getByText('Exported', { exact: true }).waitFor();
    await exported.getByText('/tmp/merged').waitFor();
    await exported.getByText(/Largest logit difference 3.8e−6/).waitFor();
    await exported
      .getByText('Measured on 32 held-out rows (4,096 tokens): loss 2.0710 before and 2.0712 after')
      .waitFor();
  });

  it('leads on: list, adapters, a copy, and out', async () => {
    const { page } = window;
    await startExperiment(page, 5);
    await completed();
    await page.getByRole('link', { name: 'Adapters' }).click();
    await page
      .getByRole('row', { name: /NoRA 64\/16/ })
      .getByRole('link', { name: /sea-questions/ })
      .click();
    await page.getByRole('link', { name: 'Duplicate' }).click();
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe(
      'LoRA and NoRA on sea-questions (copy)',
    );
    expect(await page.getByLabel('Steps', { exact: true }).inputValue()).toBe('5');
    await page.getByRole('navigation').getByRole('link', { name: 'Experiments' }).click();
    const row = page.getByRole('row', { name: /LoRA and NoRA on sea-questions/ });
    await row.getByText('2.1508').waitFor();
    await row.getByRole('link').click();
    await page.getByRole('button', { name: 'Remove the experiment' }).click();
    await heading(page, 'Experiments').waitFor();
    await page.getByText('No experiments yet').waitFor();
  });
});

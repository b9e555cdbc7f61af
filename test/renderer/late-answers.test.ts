import { expect, it } from 'vitest';
import { describeWith } from '../support/requirements.ts';
import { startExperiment, useWindow } from './support/use-window.ts';

describeWith('chromium', 'an answer that is older than what was told meanwhile', ({ path }) => {
  const window = useWindow(path);

  it('never takes a run back, and is not asked for again and again while a run trains', async () => {
    const { page } = window;
    let asked = 0;
    await page.route('**/api/call', async (route) => {
      const { method } = route.request().postDataJSON() as { method: string };
      if (method !== 'experiments.show') return route.continue();
      asked++;
      const response = await route.fetch();
      await new Promise((done) => setTimeout(done, 1500));
      await route.fulfill({ response }).catch(() => {}); // the window may be closed by now
    });
    await page.evaluate(`window.seen = [];
      new MutationObserver(() => {
        const label = document.querySelector('[aria-label="Controls of LoRA r6"] button')?.textContent.trim();
        if (label !== undefined && label !== seen.at(-1)) seen.push(label);
      }).observe(document.body, { childList: true, subtree: true, characterData: true })`);
    await startExperiment(page, 5000);
    await page.getByRole('button', { name: 'Pause: LoRA r6' }).click();
    await page.getByRole('button', { name: 'Resume: LoRA r6' }).waitFor();
    await page.waitForTimeout(3500); // as long as two more answers take
    expect(await page.evaluate('seen.slice(seen.indexOf("Resume"))')).toEqual(['Resume']);
    expect(asked).toBe(1);
  });
});

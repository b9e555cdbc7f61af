import { expect, it } from 'vitest';
import { describeWith } from '../support/requirements.ts';
import { heading, startExperiment, useWindow } from './support/use-window.ts';

describeWith('chromium', 'the focus and the voice of the window', ({ path }) => {
  const window = useWindow(path);
  const focused = (): Promise<string> =>
    window.page.evaluate(`(() => {
      const { activeElement: at } = document;
      return at.tagName + ' ' + (at.getAttribute('aria-label') ?? at.textContent.trim());
    })()`);
  const run = (name: string) =>
    window.page.getByRole('list', { name: 'Runs' }).getByRole('listitem').filter({ hasText: name });

  it('stays at a run’s control through pause and resume, and near it through cancel', async () => {
    const { page } = window;
    await startExperiment(page, 5000);
    await page.getByRole('button', { name: 'Pause: LoRA r6' }).press('Enter');
    await run('LoRA r6').getByText('Paused').waitFor();
    expect(await focused()).toBe('BUTTON Resume: LoRA r6');
    await page.keyboard.press('Enter');
    await run('LoRA r6').getByText('Queued').waitFor();
    expect(await focused()).toBe('BUTTON Hold: LoRA r6');
    await page.keyboard.press('Enter');
    await run('LoRA r6').getByText('Paused').waitFor();
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('BUTTON Cancel: LoRA r6');
    await page.keyboard.press('Enter');
    await run('LoRA r6').getByText('Cancelled').waitFor();
    expect(await focused()).toBe('DIV Controls of LoRA r6');
    await page.keyboard.press('Shift+Tab');
    expect(await focused()).not.toMatch(/^BODY/);
  });

  it('comes back to the control that asked for an export, and to the heading after a removal', async () => {
    const { page } = window;
    await startExperiment(page, 2);
    const exporting = page.getByRole('button', { name: 'Export NoRA 64/16' }).first();
    await exporting.press('Enter');
    await page.getByRole('menuitem').first().press('Enter');
    await page.getByRole('dialog').getByRole('button', { name: 'Export' }).press('Enter');
    await page.getByRole('list', { name: 'Exports' }).waitFor();
    await expect.poll(focused).toBe('BUTTON Export NoRA 64/16');
    await page.getByRole('button', { name: 'Remove the experiment' }).press('Enter');
    await heading(page, 'Experiments').waitFor();
    await expect.poll(focused).toBe('H1 Experiments');
  });

  it('tells how runs and exports come along, and not their steps', async () => {
    const { page, server } = window;
    const said: string[] = [];
    await page.exposeFunction('tellSaid', (text: string) => void said.push(text));
    await page.evaluate(`new MutationObserver(([{ target }]) => tellSaid(target.textContent))
      .observe(document.querySelector('[aria-live="polite"]'), { childList: true, characterData: true, subtree: true })`);
    await startExperiment(page, 150);
    await page.getByRole('button', { name: 'Pause: LoRA r6' }).click();
    await expect.poll(() => said.join(' | '), { timeout: 30_000 }).toContain('LoRA r6 is paused at step');
    await expect
      .poll(() => said.join(' | '), { timeout: 30_000 })
      .toContain('NoRA 64/16 is finished, held-out loss 2.1508');
    expect(said.join(' | ')).toContain('LoRA r6 has started');
    expect(said.length).toBeLessThan(6);
    const listed = await server.router.call('adapters.list', {});
    if (!listed.ok) throw new Error(listed.error.message);
    const [{ id: adapterId }] = (listed.result as { items: [{ id: string }] }).items;
    await server.router.call('exports.create', { adapterId, kind: 'merged', destination: '/tmp/out' });
    await expect.poll(() => said.at(-1)).toBe('The export is written to /tmp/out');
  });

  it('says what is on where the system chooses the colours', async () => {
    const { page } = window;
    await page.emulateMedia({ forcedColors: 'active' });
    await page.getByRole('link', { name: 'New experiment' }).first().click();
    await page.getByRole('button', { name: 'More settings' }).click();
    const control = page.getByRole('switch').first();
    await control.waitFor();
    const look = (): Promise<string[]> =>
      control.evaluate((element) =>
        [element, element.firstElementChild!].map(
          (part) => element.ownerDocument.defaultView!.getComputedStyle(part).backgroundColor,
        ),
      );
    const before = await look();
    const isOn = (await control.getAttribute('aria-checked')) === 'true';
    await control.click();
    await expect.poll(() => control.getAttribute('aria-checked')).toBe(String(!isOn));
    const after = await look();
    const [on, off] = isOn ? [before, after] : [after, before];
    expect(on[0]).not.toBe(on[1]);
    expect(off[0]).not.toBe(off[1]);
    expect(on[0]).not.toBe(off[0]);
    const done: string = await page.evaluate(
      `getComputedStyle(document.querySelector('.segments [data-state="checked"]')).backgroundColor`,
    );
    expect(done).toBe(on[0]);
  });
});

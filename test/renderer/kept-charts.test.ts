import { expect, it } from 'vitest';
import { understoodSettings } from '../../renderer/source/charts/kept-settings.ts';
import { describeWith } from '../support/requirements.ts';
import { createExperiment } from './support/long-experiment.ts';
import { useWindow } from './support/use-window.ts';

it.each([
  [undefined, {}],
  ['step', {}],
  [
    { axis: 'fathoms', smoothing: 7, group: 'speed' },
    { smoothing: 7, group: 'speed' },
  ],
  [{ axis: 'seconds', smoothing: 4000, group: 3 }, { axis: 'seconds' }],
])('of %j it takes what it knows', (stored, understood) => {
  expect(understoodSettings(stored)).toEqual(understood);
});

describeWith('chromium', 'what was chosen of charts', ({ path }) => {
  const window = useWindow(path, { workbench: { stepMilliseconds: 2 } });

  it('is kept over a reload, and an unknown value is not', async () => {
    const { page, server } = window;
    const id = await createExperiment(server, ['first']);
    await page.evaluate(`location.hash = '#/experiments/${id}'`);
    const time = page.getByRole('radio', { name: 'Time' });
    await time.click();
    await page.reload();
    await time.waitFor();
    expect(await time.getAttribute('aria-checked')).toBe('true');
    await page.evaluate(`localStorage.setItem('charts: experiment', '{"axis":"fathoms","group":"none"}')`);
    await page.reload();
    await page.getByRole('radio', { name: 'Steps' }).waitFor();
    expect(await page.getByRole('radio', { name: 'Steps' }).getAttribute('aria-checked')).toBe('true');
  });
});

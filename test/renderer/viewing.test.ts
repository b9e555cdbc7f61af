import { it } from 'vitest';
import { describeWith } from '../support/requirements.ts';
import { heading, useWindow } from './support/use-window.ts';

const viewing = '/data can only be read: nothing can be started, imported or changed';

describeWith('chromium', 'a data directory that can only be read', ({ path }) => {
  const window = useWindow(path, { workbench: { viewing } });

  it('is told above every page, before anything is asked for', async () => {
    const { page } = window;
    const notice = page.getByRole('status').getByText(`${viewing}.`);
    await notice.waitFor();
    await page.evaluate("location.hash = '#/models'");
    await heading(page, 'Models').waitFor();
    await notice.waitFor();
  });
});

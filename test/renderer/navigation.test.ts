import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { describeWith } from '../support/requirements.ts';
import { heading, useWindow } from './support/use-window.ts';

describeWith('chromium', 'finding the way', ({ path }) => {
  const window = useWindow(path);
  const focused = (): Promise<string> => window.page.evaluate('document.activeElement.textContent.trim()');

  /** By their links. */
  const screensOf = async (page: Page): Promise<string[]> => {
    const links = page.getByRole('navigation').getByRole('link');
    await links.first().waitFor();
    const names = (await links.allTextContents()).map((name) => name.trim());
    expect(names).toEqual(expect.arrayContaining(['Experiments', 'Models', 'Data', 'Doctor']));
    return names;
  };

  it('goes to every screen of the sidebar and marks where it is', async () => {
    const { page } = window;
    for (const name of await screensOf(page)) {
      const link = page.getByRole('navigation').getByRole('link', { name });
      await link.click();
      await heading(page, name).waitFor();
      expect(await link.getAttribute('aria-current')).toBe('page');
      expect(await page.getByRole('navigation').locator('[aria-current]').count()).toBe(1);
      expect(await page.title()).toBe(`${name} · NoRA Workbench`);
    }
  });

  it('follows the browser back, and starts where the address says', async () => {
    const { page } = window;
    await page.getByRole('link', { name: 'Models' }).click();
    await page.getByRole('link', { name: 'sample-llama' }).click();
    await heading(page, 'sample-llama').waitFor();
    await page.reload();
    await heading(page, 'sample-llama').waitFor();
    await page.goBack();
    await heading(page, 'Models').waitFor();
  });

  it('says so where there is nothing at an address', async () => {
    const { page } = window;
    for (const hash of ['#/experiments/none', '#/models/none', '#/data/none', '#/nowhere']) {
      await page.evaluate(`location.hash = '${hash}'`);
      await page.getByRole('heading', { name: /There is no such/ }).waitFor();
    }
  });

  it('moves the focus to the heading of a new page', async () => {
    const { page } = window;
    await page.getByRole('link', { name: 'Data' }).click();
    await heading(page, 'Data').waitFor();
    expect(await focused()).toBe('Data');
  });

  it('follows shortcuts, but not while something is typed', async () => {
    const { page } = window;
    await heading(page, 'Experiments').waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('m');
    await heading(page, 'Models').waitFor();
    await page.keyboard.press('n');
    await heading(page, 'New experiment').waitFor();
    await page.getByLabel('Name', { exact: true }).pressSequentially('gm?n');
    expect(await heading(page, 'New experiment').count()).toBe(1);
    expect(await page.getByRole('dialog').count()).toBe(0);
  });

  it('lists the shortcuts, and gives the focus back', async () => {
    const { page } = window;
    await page.getByRole('button', { name: 'Keyboard shortcuts' }).click();
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(await page.evaluate('document.activeElement.getAttribute("aria-label")')).toBe(
      'Keyboard shortcuts',
    );
  });

  it('reaches everything with Tab, with a focus that can be seen', async () => {
    const { page } = window;
    await heading(page, 'Experiments').waitFor();
    const stops: string[] = [];
    const names = await screensOf(page);
    const others = ['Skip to content', 'Keyboard shortcuts', 'New experiment'];
    for (let count = 0; count < names.length + 9; count++) {
      await page.keyboard.press('Tab');
      stops.push(
        await page.evaluate(
          `(() => { const element = document.activeElement;
            if (element === document.body) return 'the browser itself';
            const { outlineStyle, outlineWidth } = getComputedStyle(element);
            const after = getComputedStyle(element, '::after');
            const isVisible = outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2 || after.outlineStyle !== 'none';
            return (element.getAttribute('aria-label') ?? element.textContent).trim() + (isVisible ? '' : ' (invisible)'); })()`,
        ),
      );
    }
    for (const name of [...names, ...others]) expect(stops).toContain(name);
    expect(stops.filter((stop) => stop.endsWith('(invisible)'))).toEqual([]);
  });

  it('opens a new page at its top, and goes back to where a page was left', async () => {
    const { page } = window;
    await page.setViewportSize({ width: 1000, height: 400 });
    const scrolled = (): Promise<number> => page.evaluate('document.querySelector("main").scrollTop');
    const scrollTo = (top: number) =>
      page.evaluate(`new Promise((done) => {
        document.querySelector("main").scrollTop = ${top};
        requestAnimationFrame(() => requestAnimationFrame(done));
      })`);
    const at = (top: number) => expect.poll(scrolled, { timeout: 5000 }).toBe(top);

    await page.getByRole('link', { name: 'Methods' }).click();
    await heading(page, 'Methods').waitFor();
    await scrollTo(300);
    await page.getByRole('link', { name: 'Doctor' }).click();
    await heading(page, 'Doctor').waitFor();
    await at(0);
    await page.goBack();
    await heading(page, 'Methods').waitFor();
    await at(300);
    await page.goForward();
    await heading(page, 'Doctor').waitFor();
    await at(0);
    // The same page anew is a new entry, which has no place yet.
    await page.getByRole('link', { name: 'Methods' }).click();
    await heading(page, 'Methods').waitFor();
    await at(0);
  });

  it('says that the workbench has ended, and catches up when it is back', async () => {
    const { page, server, complaints } = window;
    await heading(page, 'Experiments').waitFor();
    await server.close();
    const told = page.getByText('The workbench does not answer: it has ended, or is starting.');
    await told.waitFor();
    await server.router.call('models.import', { directory: '/models/arrived-meanwhile' });
    await server.restart();
    await told.waitFor({ state: 'detached' });
    await page.getByRole('link', { name: 'Models' }).click();
    await page.getByText('arrived-meanwhile', { exact: true }).waitFor();
    complaints.length = 0; // the browser logs the attempts that failed
  });

  it('takes the code out of its address and of the history, and is signed in from then on', async () => {
    const { page, server } = window;
    await heading(page, 'Experiments').waitFor();
    expect(page.url()).toBe(`${new URL(server.loginUrl).origin}/#/experiments`);
    await page.goto('about:blank');
    await page.goBack();
    await heading(page, 'Experiments').waitFor();
    expect(page.url()).not.toContain('code');
    const cookies = await page.context().cookies();
    expect(cookies).toMatchObject([{ httpOnly: true, sameSite: 'Strict', path: '/' }]);
    expect(cookies[0]?.name).toBe(`nora-${new URL(server.loginUrl).port}`);
  });

  it('says that it is signed out where the token is another, and goes on once it has that', async () => {
    const { page, server, complaints } = window;
    await heading(page, 'Experiments').waitFor();
    await server.close();
    const loginUrl = await server.restart('another-token-than-before');
    const told = page.getByText('Signed out: the workbench runs, but does not know this page.');
    await told.waitFor();
    expect(await page.getByText('does not answer').count()).toBe(0);

    // In another tab, as a link from the terminal opens.
    const tab = await page.context().newPage();
    await tab.goto(loginUrl);
    await told.waitFor({ state: 'detached' });
    complaints.length = 0;
  });
});

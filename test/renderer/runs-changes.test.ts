import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { describeWith } from '../support/requirements.ts';
import { axeFindings } from './support/axe.ts';
import { useFullLibrary } from './support/use-full-library.ts';

describeWith('chromium', 'what can be done in the table of runs', ({ path }) => {
  const window = useFullLibrary(path, { experiments: 15, runs: 20, recordedSteps: 60 });
  let page: Page;
  let complaints: string[];
  beforeAll(() => void ({ page, complaints } = window));
  const region = () => page.getByRole('region', { name: /Table of runs/ });
  const cell = (text: string) => region().getByText(text, { exact: true }).first();
  const press = async (...keys: string[]) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  const undo = () => page.getByRole('button', { name: 'Undo', exact: true }).click();
  const shownColumns = () =>
    region()
      .getByRole('columnheader')
      .evaluateAll((cells) => cells.map((one) => one.getAttribute('title')).filter((name) => name !== null));

  it('renames with F2, keeps by Enter, leaves by Escape, and takes it back', async () => {
    await cell('LoRA 1').click();
    await press('F2');
    await page.getByRole('textbox', { name: 'Name of LoRA 1' }).fill('given up');
    await press('Escape');
    await cell('LoRA 1').waitFor();
    await press('F2');
    await page.getByRole('textbox', { name: 'Name of LoRA 1' }).fill('NoRA 2');
    await press('Enter');
    await page.getByRole('alert').getByText('another run of its experiment is called "NoRA 2"').waitFor();
    await page.getByRole('textbox', { name: 'Name of LoRA 1' }).fill('low rate');
    await press('Enter');
    await cell('low rate').waitFor();
    await page.getByText('Renamed LoRA 1 to low rate').waitFor();
    // The keys are the table's again: one goes on where one was.
    expect(await region().evaluate((one) => one === one.ownerDocument.activeElement)).toBe(true);
    await press('Control+z');
    await cell('LoRA 1').waitFor();
  });

  it('keeps a note where it is read, and takes it back', async () => {
    await cell('LoRA 1').click();
    await press('e');
    await page.getByRole('textbox', { name: 'Note of LoRA 1' }).fill('look at layer 3');
    await press('Enter');
    await cell('look at layer 3').waitFor();
    await undo();
    await cell('look at layer 3').waitFor({ state: 'detached' });
  });

  it('chooses ranges by Shift, by click and by arrow, and all that the filter lets through', async () => {
    await region().evaluate((one) => one.scrollTo(0, 0));
    await cell('LoRA 1').click();
    await press('Shift+ArrowDown', 'Shift+ArrowDown', 'Shift+ArrowDown');
    await page.getByText('4 chosen').waitFor();
    await press('Shift+ArrowUp');
    await page.getByText('3 chosen').waitFor();
    // Rows are drawn as they come: a click that begins on one drawing of a row and ends on the next is none.
    await expect
      .poll(
        async () => {
          await press('Escape');
          await cell('NoRA 2').click();
          await cell('LoRA 11').click({ modifiers: ['Shift'] });
          return page.getByText(/^\d+ chosen$/).textContent({ timeout: 1000 });
        },
        { timeout: 10_000 },
      )
      .toBe('10 chosen');
    await press('Escape');
    await page.getByLabel('Filter').fill('method = nora');
    await page.getByText('150 runs').waitFor();
    await region().focus();
    await press('Control+a');
    await page.getByText('150 chosen').waitFor();
    // The first and the last, without the rows between ever having been here.
    await press('Escape', 'Home', 'Shift+End');
    await page.getByText('150 chosen').waitFor();
    await press('Escape');
    await page.getByLabel('Filter').fill('');
    await page.getByText('300 runs').waitFor();
  });

  it('takes a tag off those of the chosen that have it, and gives it back to them alone', async () => {
    await press('Home');
    await region().focus();
    await press('Home', 'x');
    await page.getByLabel('Tag', { exact: true }).fill('best');
    await page.getByRole('button', { name: 'Add tag' }).click();
    await page.getByText('Tagged 1 run with best').waitFor();
    await region().focus();
    await press('j', 'x');
    await page.getByText('2 chosen').waitFor();
    await page.getByRole('button', { name: 'Take best off 1 run' }).click();
    await page.getByText('Took best off 1 run').waitFor();
    await undo();
    await page.getByRole('button', { name: 'Take best off 1 run' }).waitFor();
    await page.getByRole('button', { name: 'Choose none' }).click();
  });

  it('draws the course of each run, with its numbers', async () => {
    await region()
      .getByRole('img', { name: /^Held-out loss [\d.]+ → [\d.]+$/ })
      .first()
      .waitFor();
    await region().getByRole('img').nth(5).waitFor();
  });

  it('shows the columns that are chosen, pinned ones first, also after the page was left', async () => {
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.getByRole('textbox', { name: 'Find a column' }).fill('adapter.rank');
    await page.getByRole('button', { name: 'Rank adapter.rank', exact: true }).click();
    await page.getByRole('button', { name: 'Hide Note' }).click();
    await page.getByRole('button', { name: 'Pin Rank' }).click();
    await press('Escape');
    expect((await shownColumns()).slice(0, 3)).toEqual(['name', 'adapter.rank', 'experiment']);
    expect(await shownColumns()).not.toContain('note');
    await page.getByRole('link', { name: 'Models', exact: true }).click();
    await page.getByRole('link', { name: 'Runs', exact: true }).click();
    await page.getByText('300 runs').waitFor();
    expect((await shownColumns()).slice(0, 2)).toEqual(['name', 'adapter.rank']);
  });

  it('shows only what differs among the listed runs', async () => {
    await page.getByLabel('Filter').fill('method = lora and experiment = "ranks and rates 3"');
    await page.getByText('10 runs').waitFor();
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.getByRole('switch', { name: 'Only what differs' }).click();
    await press('Escape');
    await region().getByRole('columnheader', { name: 'Learning rate' }).waitFor();
    await expect.poll(shownColumns).not.toContain('experiment');
    const shown = await shownColumns();
    expect(shown).toEqual(expect.arrayContaining(['name', 'adapter.rank', 'training.learningRate']));
    for (const same of ['experiment', 'method', 'status', 'adapter.alpha', 'training.batchSize'])
      expect(shown).not.toContain(same);
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.getByRole('switch', { name: 'Only what differs' }).click();
    await press('Escape');
    await page.getByLabel('Filter').fill('');
    await page.getByText('300 runs').waitFor();
  });

  it('groups, with the count, the best and the mean of each group', async () => {
    await page.getByLabel('Group by').click();
    await page.getByRole('option', { name: 'Method', exact: true }).click();
    await page.getByText('300 runs in 2 groups').waitFor();
    await region()
      .getByText(/^Held-out loss: best 2\.\d+, mean 2\.\d+$/)
      .first()
      .waitFor();
    expect(await region().getByRole('checkbox').count()).toBe(0);
    await region().focus();
    await press('Home', 'Enter', 'j');
    await region().getByRole('checkbox').first().waitFor();
    // From within the open group over the header of the closed one.
    await press('Shift+End');
    await page.getByText('150 chosen').waitFor();
    await press('Escape');
    await page.getByRole('button', { name: /Choose the 150 runs of NoRA/ }).click();
    await page.getByText('150 chosen').waitFor();
    await page.getByRole('button', { name: 'Choose none' }).click();
    await page.getByRole('button', { name: 'Open all' }).click();
    await region().focus();
    await press('End');
    await page.getByRole('checkbox', { name: 'Choose NoRA 20 of ranks and rates 1', exact: true }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.getByLabel('Group by').click();
    await page.getByRole('option', { name: 'Nothing' }).click();
    await page.getByText('300 runs', { exact: true }).waitFor();
  });

  it('keeps a view under a name, with an address of its own', async () => {
    await page.getByLabel('Filter').fill('method = nora');
    await page.getByRole('button', { name: 'Held-out loss' }).click();
    await page.getByText('150 runs').waitFor();
    await page.getByRole('button', { name: 'Views' }).click();
    await page.getByLabel('Name of the new view').fill('NoRA, best first');
    await page.getByRole('button', { name: 'Keep as new' }).click();
    await page.getByRole('list', { name: 'Stored views' }).getByRole('link').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await press('Escape');
    await expect.poll(() => page.url()).toMatch(/#\/runs\?view=/);
    const address = page.url();
    await page.getByRole('link', { name: 'Models', exact: true }).click();
    await page.goto(address);
    await page.getByText('150 runs').waitFor();
    expect(await page.getByLabel('Filter').inputValue()).toBe('method = nora');
    await region().locator('[aria-sort="ascending"]').getByText('Held-out loss').waitFor();
    await page.getByLabel('Filter').fill('method = lora');
    await page.getByRole('button', { name: 'NoRA, best first (changed)' }).click();
    await page.getByRole('button', { name: 'Rename NoRA, best first' }).click();
    await page.getByLabel('Name of the view NoRA, best first').fill('best first');
    await press('Enter');
    await page.getByRole('button', { name: 'Keep changes' }).click();
    await page.getByRole('button', { name: 'Keep changes' }).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Remove best first' }).click();
    await page.getByText('A view keeps the filter').waitFor();
    await undo();
    await page.getByRole('button', { name: 'Views' }).click();
    await page
      .getByRole('list', { name: 'Stored views' })
      .getByRole('link', { name: 'best first' })
      .waitFor();
    await page.getByRole('button', { name: 'Back to the usual table' }).click();
    await page.getByText('300 runs').waitFor();
  });

  it('removes what is chosen, and brings it back', async () => {
    await region().focus();
    await press('Home', 'x', 'Shift+ArrowDown');
    await page.getByText('2 chosen').waitFor();
    await page.getByRole('button', { name: 'Remove', exact: true }).click();
    await page.getByText('298 runs').waitFor();
    await page.getByText('Removed 2 runs').waitFor();
    await undo();
    await page.getByText('300 runs').waitFor();
    expect(complaints).toEqual([]);
  });
});

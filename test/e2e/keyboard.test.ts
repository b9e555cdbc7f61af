import { existsSync, writeFileSync } from 'node:fs';
import type { Locator, Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { heading } from '../renderer/support/use-window.ts';
import { describeWith } from '../support/requirements.ts';
import { importTiny } from './small-runs.ts';
import { useWorkbench } from './use-workbench.ts';

/** More stops than any page has. */
const mostStops = 150;
/**
 * What has the focus and shows nothing of it; null where it is seen. A heading or a page that was just opened takes the focus for readers, and needs no
 * frame: nothing can be done there. Text, not a function: this is checked without the DOM's types.
 */
const unseenFocus = `(() => {
  const focused = document.activeElement;
  if (focused === null || focused === document.body) return 'nothing has the focus';
  if (focused.tabIndex < 0) return null;
  const isMarked = (element) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
    return (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none';
  };
  const box = focused.getBoundingClientRect();
  const around = [focused, focused.parentElement, focused.nextElementSibling].filter(Boolean);
  return box.width > 0 && around.some(isMarked) ? null : focused.outerHTML.slice(0, 160);
})()`;

// One story in order, without a pointer: each test goes on where the one before ended.
describeWith('chromium', 'the keyboard alone', ({ path }) => {
  const journey = useWorkbench(path);
  let page: Page;
  const press = (...keys: string[]): Promise<void> =>
    keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());
  const isFocused = (locator: Locator): Promise<boolean> =>
    locator.evaluateAll((all) => all.some((element) => element === element.ownerDocument.activeElement));

  /** Goes on by Tab until there, and sees the focus at every stop. */
  const tabTo = async (locator: Locator, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> => {
    await locator.first().waitFor();
    for (let stop = 0; stop < mostStops; stop++) {
      if (await isFocused(locator)) return;
      await page.keyboard.press(key);
      expect(await page.evaluate(unseenFocus)).toBeNull();
    }
    throw new Error(`not reached by ${key}: ${locator.toString()}`);
  };
  const type = async (locator: Locator, text: string): Promise<void> => {
    await tabTo(locator);
    await press('Control+A');
    await page.keyboard.type(text);
  };
  const run = () => page.getByRole('list', { name: 'Runs' }).getByRole('listitem');

  beforeAll(async () => {
    await importTiny(journey);
    ({ page } = await journey.open());
    await heading(page, 'Home').waitFor();
  });

  it('makes an experiment and starts it', async () => {
    await press('n');
    await heading(page, 'New experiment').waitFor();
    await type(page.getByLabel('Name', { exact: true }), 'by keys');
    await tabTo(page.getByRole('combobox', { name: /^Model/ }));
    await press('Enter');
    await page.getByRole('option', { name: 'tiny' }).waitFor();
    await page.keyboard.type('tiny');
    await press('Enter');
    await page.getByRole('combobox', { name: 'Model tiny' }).waitFor();
    await tabTo(page.getByRole('button', { name: /^Remove NoRA/ }));
    await press('Enter');
    await type(page.getByLabel('Steps', { exact: true }), '2000');
    await type(page.getByLabel('Batch size'), '1');
    await type(page.getByLabel('Sequence length'), '16');
    await press('Control+Enter');
    await heading(page, 'by keys').waitFor();
  });

  it('watches it, pauses it and lets it go on', async () => {
    await run()
      .getByText(/Training [\d,]+/)
      .waitFor();
    await tabTo(run().getByRole('button', { name: /^Pause/ }));
    await press('Enter');
    await run().getByText('Paused').waitFor();
    await tabTo(run().getByRole('button', { name: /^Resume/ }));
    await press('Enter');
    await page.getByRole('region', { name: 'Result', exact: true }).waitFor();
    expect(await page.evaluate(unseenFocus)).toBeNull();
  });

  it('looks along the curve', async () => {
    await tabTo(page.getByRole('group', { name: /^Loss by step/ }).or(page.locator('figure [tabindex="0"]')));
    await press('End', 'ArrowLeft');
    await page
      .getByRole('figure')
      .getByText(/^Step [\d,]+/)
      .first()
      .waitFor();
  });

  it('exports the result', async () => {
    const exporting = page.getByRole('button', { name: /^Export/ }).first();
    await tabTo(exporting, 'Shift+Tab');
    await press('Enter');
    await page.getByRole('menuitem').first().waitFor();
    await press('Enter');
    const dialog = page.getByRole('dialog');
    await type(dialog.getByLabel('Folder'), journey.path('exported'));
    await press('Enter');
    await page.getByRole('list', { name: 'Exports' }).getByText('Exported', { exact: true }).waitFor();
    expect(existsSync(journey.path('exported', 'config.json'))).toBe(true);
    expect(await page.evaluate(unseenFocus)).toBeNull();
  });

  it('imports data', async () => {
    const file = journey.path('sea.jsonl');
    writeFileSync(
      file,
      ['the sea', 'a whale', 'the ship'].map((text) => `${JSON.stringify({ text })}\n`).join(''),
    );
    await press('g', 'd');
    await heading(page, 'Data').waitFor();
    await tabTo(page.getByRole('button', { name: 'Import data' }));
    await press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Import data' });
    await type(dialog.getByLabel('Training file'), file);
    await press('Enter');
    await heading(page, 'sea').waitFor();
    expect(await page.evaluate(unseenFocus)).toBeNull();
  });

  it('finds its way by the palette and down a list', async () => {
    await press('Control+K');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.type('experiments');
    await page.getByRole('option', { name: /Go to experiments/ }).waitFor();
    await press('Enter');
    await heading(page, 'Experiments').waitFor();
    await page.getByRole('link', { name: 'by keys' }).waitFor();
    await press('j', 'Enter');
    await heading(page, 'by keys').waitFor();
    expect(await page.evaluate(unseenFocus)).toBeNull();
  });
});

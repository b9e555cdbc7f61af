import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, expect, it } from 'vitest';
import { describeWith } from '../support/requirements.ts';
import { writeTinyModel } from '../support/tiny-model.ts';
import { startExperiment, useWindow } from './support/use-window.ts';

const home = realpathSync(mkdtempSync(join(tmpdir(), 'nora-browse-')));
const at = (...names: string[]): string => join(home, ...names);
writeTinyModel(at('models', 'tiny'));
for (const name of ['file-10', 'File-2', 'papers', 'poems']) mkdirSync(at('models', name));
mkdirSync(at('.hidden'));
mkdirSync(at('data'));
writeFileSync(at('data', 'train.jsonl'), '{"text":"a"}\n');
writeFileSync(at('data', 'notes.md'), 'n');
writeFileSync(at('data', 'painter.safetensors'), 'p');
symlinkSync('/', at('disk'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

const browse = async (page: Page, dialog: Locator, title: string): Promise<Locator> => {
  await dialog.getByRole('button', { name: 'Browse…' }).first().click();
  const browser = page.getByRole('dialog', { name: title });
  await browser.getByRole('option').first().waitFor();
  return browser;
};

const openImport = async (page: Page, screen: string, button: string): Promise<Locator> => {
  await page.getByRole('link', { name: screen, exact: true }).click();
  await page.getByRole('button', { name: button }).click();
  return page.getByRole('dialog', { name: button.replace('Import', 'Import a').replace('a data', 'data') });
};

const optionNames = async (browser: Locator): Promise<string[]> =>
  (await browser.getByRole('option').allInnerTexts()).map((text) => text.split('\n')[0]!.trim());

describeWith('chromium', 'the folder browser', ({ path }) => {
  const window = useWindow(path, { workbench: { home } });

  it('finds a model with the keyboard alone', async () => {
    const { page } = window;
    const dialog = await openImport(page, 'Models', 'Import model');
    await dialog.getByLabel('Folder').press('Tab');
    await page.keyboard.press('Enter');
    const browser = page.getByRole('dialog', { name: 'Choose a model folder' });
    await browser.getByRole('option', { name: 'models' }).waitFor();
    const focused = (): Promise<string> => page.evaluate('document.activeElement.getAttribute("role")');
    await expect.poll(focused).toBe('listbox');

    const active = (): Promise<string> => browser.getByRole('option', { selected: true }).innerText();
    await page.keyboard.type('mo');
    expect(await active()).toMatch(/^models/);
    await page.keyboard.press('Enter');
    await browser.getByRole('option', { name: 'tiny model' }).waitFor();
    expect(await optionNames(browser)).toEqual(['File-2', 'file-10', 'papers', 'poems', 'tiny']);

    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    expect(await active()).toMatch(/^file-10/);
    await page.keyboard.press('p');
    expect(await active()).toMatch(/^papers/);
    await page.keyboard.press('p');
    expect(await active()).toMatch(/^poems/);
    await page.keyboard.press('Home');
    expect(await active()).toMatch(/^File-2/);
    await page.keyboard.press('ArrowUp');
    expect(await active()).toMatch(/^File-2/);

    await page.keyboard.press('Backspace');
    await browser.getByRole('option', { name: 'models' }).waitFor();
    expect(await active()).toMatch(/^models/);
    await page.keyboard.press('Backspace');
    await page.keyboard.press('Enter');
    await browser.getByRole('option', { name: 'tiny model' }).waitFor();
    await page.keyboard.press('End');
    expect(await active()).toMatch(/^tiny/);
    await page.keyboard.press('Enter');
    await browser.getByText('This is a model folder.').waitFor();

    await browser.getByRole('button', { name: 'Choose “tiny”' }).focus();
    await page.keyboard.press('Enter');
    await browser.waitFor({ state: 'detached' });
    expect(await dialog.getByLabel('Folder').inputValue()).toBe(at('models', 'tiny'));
    await expect
      .poll(() => page.evaluate('document.activeElement.closest("[role=dialog]") !== null'))
      .toBe(true);
  });

  it('takes files that fit, and begins at the one that is there', async () => {
    const { page } = window;
    const dialog = await openImport(page, 'Data', 'Import data');
    await dialog.getByLabel('Training file').fill(at('data', 'gone.jsonl'));
    const browser = await browse(page, dialog, 'Choose a file');
    expect(await optionNames(browser)).toEqual(['notes.md', 'painter.safetensors', 'train.jsonl']);
    const choose = browser.getByRole('button', { name: /^Choose/ });
    await browser.getByRole('option', { name: /notes/ }).dblclick({ force: true });
    expect(await choose.isDisabled()).toBe(true);
    await browser.getByRole('option', { name: /train\.jsonl data, 13 B/ }).dblclick();
    await browser.waitFor({ state: 'detached' });
    expect(await dialog.getByLabel('Training file').inputValue()).toBe(at('data', 'train.jsonl'));
  });

  it('takes a model that is one file, and no file of another ending', async () => {
    const { page } = window;
    const dialog = await openImport(page, 'Models', 'Import model');
    await dialog.getByRole('button', { name: 'File…' }).click();
    const browser = page.getByRole('dialog', { name: 'Choose a .safetensors file' });
    await browser.getByRole('option', { name: 'data' }).dblclick();
    await browser.getByRole('option', { name: /^painter\.safetensors/ }).waitFor();
    const choose = browser.getByRole('button', { name: /^Choose/ });
    await browser.getByRole('option', { name: /^notes\.md/ }).dblclick({ force: true });
    expect(await choose.isDisabled()).toBe(true);
    await browser.getByRole('option', { name: /^painter\.safetensors/ }).dblclick();
    await browser.waitFor({ state: 'detached' });
    expect(await dialog.getByLabel('Folder').inputValue()).toBe(at('data', 'painter.safetensors'));
  });

  it('shows hidden files when asked, and where it may not go', async () => {
    const { page } = window;
    const dialog = await openImport(page, 'Models', 'Import model');
    const browser = await browse(page, dialog, 'Choose a model folder');
    expect(await optionNames(browser)).toEqual(['data', 'models', 'disk']);
    const out = browser.getByRole('option', { name: 'disk a link out of the shown folders' });
    expect(await out.getAttribute('aria-disabled')).toBe('true');
    await browser.getByRole('switch', { name: 'Hidden files' }).click();
    await browser.getByRole('option', { name: '.hidden' }).dblclick();
    await browser.getByText('Empty.').waitFor();
    await browser.getByRole('navigation', { name: 'Path' }).getByRole('button', { name: home }).click();
    await browser.getByRole('option', { name: 'models' }).waitFor();
    rmSync(at('data'), { recursive: true });
    try {
      await browser.getByRole('option', { name: 'data' }).dblclick();
      await browser
        .getByRole('alert')
        .getByText(`${at('data')}: no such file`)
        .waitFor();
    } finally {
      mkdirSync(at('data'));
      writeFileSync(at('data', 'train.jsonl'), '{"text":"a"}\n');
      writeFileSync(at('data', 'notes.md'), 'n');
    }
  });

  it('makes a folder to export to', async () => {
    const { page, server } = window;
    await startExperiment(page, 2);
    await page.getByRole('button', { name: 'Export NoRA 64/16' }).click();
    await page.getByRole('menuitem', { name: 'PEFT adapter…' }).click();
    const dialog = page.getByRole('dialog', { name: /^Export NoRA/ });
    const browser = await browse(page, dialog, 'Choose an empty folder');
    await browser.getByLabel('New folder').fill('a/b');
    await page.keyboard.press('Enter');
    await browser.getByText('expected the name of one folder, without slashes').waitFor();
    await browser.getByLabel('New folder').fill('out');
    await page.keyboard.press('Enter');
    await browser.getByText('Empty.').waitFor();
    expect(readdirSync(at('out'))).toEqual([]);
    await browser.getByRole('button', { name: 'Choose “out”' }).click();
    expect(await dialog.getByLabel('Folder').inputValue()).toBe(at('out'));
    expect(await server.router.call('exports.list', {})).toMatchObject({ result: { items: [] } });
  });

  it('closes alone on Escape, and a relative path is told before it is sent', async () => {
    const { page } = window;
    const dialog = await openImport(page, 'Models', 'Import model');
    const field = dialog.getByLabel('Folder');
    await field.fill('models/tiny');
    const browser = await browse(page, dialog, 'Choose a model folder');
    await page.keyboard.press('Escape');
    await browser.waitFor({ state: 'detached' });
    await dialog.getByText('Expected a whole path, such as ~/models/tiny, not "models/tiny"').waitFor();
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    await field.fill(' "~/models/tiny" ');
    await field.blur();
    expect(await field.getAttribute('aria-invalid')).toBe('false');
  });
});

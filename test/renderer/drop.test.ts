import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, expect, it } from 'vitest';
import { describeWith } from '../support/requirements.ts';
import { writeTinyModel } from '../support/tiny-model.ts';
import { dragOver, dropOn } from './support/drop-on.ts';
import { heading, useWindow } from './support/use-window.ts';

const home = realpathSync(mkdtempSync(join(tmpdir(), 'nora-drop-')));
const at = (...names: string[]): string => join(home, ...names);
writeTinyModel(at('models', 'tiny'));
mkdirSync(at('models', 'poems'));
writeFileSync(at('notes.md'), 'n');
writeFileSync(at('models', 'rows.jsonl'), '{"text":"a"}\n');
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** What the preload adds where the window may know where a file lies. */
const knowsPaths = `const known = ${JSON.stringify(at('models'))};
Object.defineProperty(Object.prototype, 'pathOf', {
  configurable: true,
  get() { return 'call' in this && 'subscribe' in this ? (file) => file.name === 'nowhere.png' ? null : known + '/' + file.name : undefined; },
});`;

describeWith('chromium', 'what is dropped on the window', ({ path }) => {
  const window = useWindow(path, { workbench: { home } });

  const openModels = async (page: Page): Promise<Locator> => {
    await page.getByRole('link', { name: 'Models', exact: true }).click();
    const title = heading(page, 'Models');
    await title.waitFor();
    return title;
  };

  it('opens the folder browser where its place is not known, and finds it there by name', async () => {
    const { page } = window;
    const target = await openModels(page);
    await dropOn(page, target, [at('models', 'tiny')]);
    const browser = page.getByRole('dialog', { name: 'Choose a model folder' });
    await browser.getByText('A browser does not tell where “tiny” lies on the disk.').waitFor();
    await browser.getByRole('option', { name: 'models' }).dblclick();
    await browser.getByRole('option', { name: 'tiny model', selected: true }).waitFor();
    await browser.getByRole('button', { name: 'Choose “tiny”' }).click();
    const dialog = page.getByRole('dialog', { name: 'Import a model' });
    expect(await dialog.getByLabel('Folder').inputValue()).toBe(at('models', 'tiny'));
  });

  it('says what a page takes while something is over it', async () => {
    const { page } = window;
    const target = await openModels(page);
    await dragOver(page, target, [at('models', 'tiny')]);
    await page.getByText('Drop a model folder anywhere').waitFor();
  });

  it('is refused by name where it is of the other kind, or several at once', async () => {
    const { page } = window;
    const target = await openModels(page);
    await dropOn(page, target, [at('notes.md')]);
    const dialog = page.getByRole('dialog', { name: 'Import a model' });
    await dialog.getByText('“notes.md” is a file. Drop a folder.').waitFor();
    expect(await dialog.getByLabel('Folder').inputValue()).toBe('');
    await dropOn(page, dialog, [at('models', 'tiny'), at('models', 'poems')]);
    await dialog.getByText('2 things were dropped. Drop one.').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Import model' }).click();
    await dialog.waitFor();
    expect(await dialog.getByText('Drop one').count()).toBe(0);
  });

  it('does not lead away from a page that takes nothing', async () => {
    const { page } = window;
    await dropOn(page, heading(page, 'Experiments'), [at('notes.md')]);
    await page.getByRole('link', { name: 'Methods' }).click();
    await heading(page, 'Methods').waitFor();
  });

  it('fills the field where the window knows its place: on the page, and on the field itself', async () => {
    const { page } = window;
    await page.addInitScript({ content: knowsPaths });
    await page.reload();
    const target = await openModels(page);
    await dropOn(page, target, [at('models', 'tiny')]);
    const dialog = page.getByRole('dialog', { name: 'Import a model' });
    await expect.poll(() => dialog.getByLabel('Folder').inputValue()).toBe(at('models', 'tiny'));
    await dropOn(page, dialog.getByLabel('Folder'), [at('models', 'poems')]);
    await expect.poll(() => dialog.getByLabel('Folder').inputValue()).toBe(at('models', 'poems'));

    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Adapters', exact: true }).click();
    await dropOn(page, heading(page, 'Adapters'), [at('models', 'poems')]);
    const adapters = page.getByRole('dialog', { name: 'Import an adapter' });
    await expect.poll(() => adapters.getByLabel('Folder').inputValue()).toBe(at('models', 'poems'));

    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Data', exact: true }).click();
    await dropOn(page, heading(page, 'Data'), [at('models', 'rows.jsonl')]);
    const data = page.getByRole('dialog', { name: 'Import data' });
    await expect.poll(() => data.getByLabel('Training file').inputValue()).toBe(at('models', 'rows.jsonl'));
  });
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, expect, it } from 'vitest';
import { likeliestClasses } from '../../renderer/source/screens/playground/pictures/likeliest.ts';
import {
  dots,
  extentOf,
  nearestPoint,
  placesIn,
} from '../../renderer/source/screens/playground/pictures/plane.ts';
import { wordsIn } from '../../renderer/source/screens/playground/pictures/words.ts';
import { describeWith } from '../support/requirements.ts';
import { axeFindings } from './support/axe.ts';
import { dropOn } from './support/drop-on.ts';
import { samplePictures } from './support/fake-entities.ts';
import { useWindow } from './support/use-window.ts';

it('classes are read a line each, or with commas on one line, each once', () => {
  expect(wordsIn(' a cat \n\na dog\na cat')).toEqual(['a cat', 'a dog']);
  expect(wordsIn('cat, dog,')).toEqual(['cat', 'dog']);
  expect(wordsIn('salt, pepper\nfish')).toEqual(['salt, pepper', 'fish']);
  expect(wordsIn('')).toEqual([]);
});

it('the likeliest classes of every arm are shown, in the order of one', () => {
  const arms = [{ probabilities: [0.5, 0.3, 0.15, 0.05] }, { probabilities: [0.1, 0.1, 0.1, 0.7] }];
  const rows = likeliestClasses(['a', 'b', 'c', 'd'], arms, { by: 0, most: 1 });
  expect(rows).toEqual([
    { name: 'a', probabilities: [0.5, 0.1] },
    { name: 'd', probabilities: [0.05, 0.7] },
  ]);
  expect(likeliestClasses(['a', 'b', 'c', 'd'], arms, { by: 1, most: 2 })[0]!.name).toBe('d');
});

it('points are placed with one scale for both axes, and found again', () => {
  const points = [0, 0, 4, 1];
  const extent = extentOf([points]);
  const places = placesIn(points, extent, 100);
  expect(extent.reach).toBeCloseTo(2.12);
  expect((places[2]! - places[0]!) / (places[1]! - places[3]!)).toBeCloseTo(4);
  expect(nearestPoint(places, [places[2]! + 3, places[3]!], 10)).toBe(1);
  expect(nearestPoint(places, [50, 99], 10)).toBeUndefined();
  expect(dots(places, (at) => at === 1)).toMatch(/^M[\d.]+ [\d.]+h0$/);
  expect(extentOf([[1, 1, 1, 1]]).reach).toBe(1);
});

const folder = mkdtempSync(join(tmpdir(), 'nora-looking-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describeWith('chromium', 'a model that looks at pictures', ({ path }) => {
  const window = useWindow(path);

  const open = async (): Promise<void> => {
    const { page } = window;
    const call = async (method: string, params: object) =>
      ((await window.server.router.call(method, params)) as { result: { id: string } }).result;
    await call('datasets.import', { trainFile: samplePictures.trainFile });
    const model = await call('models.import', { directory: '/models/clip' });
    const adapter = await call('adapters.import', {
      directory: '/adapters/textures',
      modelId: model.id,
      name: 'LoRA',
    });
    await page.goto(`${page.url().split('#')[0]!}#/playground?adapter=${adapter.id}`);
    await page.getByRole('heading', { name: 'What is on a picture' }).waitFor();
  };
  const picture = async (name: string): Promise<string> => {
    const file = join(folder, name);
    await sharp({ create: { width: 8, height: 6, channels: 3, background: '#48c' } })
      .png()
      .toFile(file);
    return file;
  };

  it('says what is on a picture that is dropped, by base and adapter, in the words of the data or of a person', async () => {
    const { page } = window;
    await open();
    const words = page.getByLabel('What may be on it');
    await expect.poll(() => words.inputValue()).toBe('banded\ndotted\nwoven');
    expect(await page.getByLabel('Asked as').inputValue()).toBe('{} texture.');
    await dropOn(page, page.locator('h1').first(), [await picture('a-dotted-one.png')]);
    const table = page.getByRole('group', { name: 'Probabilities of the classes' });
    await table.waitFor();
    expect(await table.getByRole('columnheader').allTextContents()).toEqual(
      ['Class', 'Base model ↓', 'LoRA'].map((title) => expect.stringContaining(title) as string),
    );
    expect((await table.getByRole('row').nth(1).textContent())!.replaceAll(/\s+/g, ' ')).toMatch(
      /dotted ?58 % ?91 %/,
    );
    await page
      .getByRole('status')
      .filter({ hasText: 'Base model: dotted (58 %). LoRA: dotted (91 %).' })
      .waitFor();
    await page.getByRole('img', { name: 'What the model sees of a-dotted-one.png' }).waitFor();
    expect(await axeFindings(page)).toEqual([]);

    await words.fill('a-dotted, a cat');
    await page.getByRole('button', { name: 'Look', exact: true }).click();
    await table.getByRole('rowheader', { name: 'a cat' }).waitFor();
    await page.getByRole('button', { name: 'Classes of textures' }).click();
    expect(await words.inputValue()).toBe('banded\ndotted\nwoven');

    // Other arms are asked the same at once.
    await page.getByRole('button', { name: 'Base model', exact: true }).click();
    await expect.poll(() => table.getByRole('columnheader').count()).toBe(2);
  });

  it('never shows under one model what another has said, nor under its arms', async () => {
    const { page } = window;
    await open();
    await expect.poll(() => page.getByLabel('What may be on it').inputValue()).toContain('dotted');
    await window.server.router.call('models.import', { directory: '/models/another-clip' });
    const first = Promise.withResolvers<void>();
    let asked = 0;
    await page.route('**/api/call', async (route) => {
      const { method } = route.request().postDataJSON() as { method: string };
      if (method !== 'classifying.classify') return route.continue();
      const isFirst = ++asked === 1;
      const response = await route.fetch();
      if (isFirst) await first.promise;
      else await new Promise((done) => setTimeout(done, 1500));
      await route.fulfill({ response }).catch(() => {}); // the window may be closed by now
    });
    await dropOn(page, page.locator('h1').first(), [await picture('a-dotted-one.png')]);
    await expect.poll(() => asked).toBe(1);
    await page.getByRole('combobox', { name: 'Model' }).click();
    await page.getByRole('option', { name: 'another-clip' }).click();
    await expect.poll(() => page.getByRole('button', { name: 'LoRA', exact: true }).count()).toBe(0);
    first.resolve();
    // The picture is shown to the model that is chosen, and what the other one said of it is dropped.
    const table = page.getByRole('group', { name: 'Probabilities of the classes' });
    await table.waitFor();
    expect(asked).toBe(2);
    expect(await table.getByRole('columnheader').count()).toBe(2);
  });

  it('tells what it can’t take: a picture that is torn, a folder, a class alone, a template without a place', async () => {
    const { page } = window;
    await open();
    await dropOn(page, page.locator('h1').first(), [await picture('torn.png')]);
    await page.getByRole('alert').getByText('torn.png: breaks off').waitFor();
    await dropOn(page, page.locator('h1').first(), [folder]);
    await page.getByRole('alert').getByText('is a folder. Drop a picture.').waitFor();
    await page.getByLabel('What may be on it').fill('cat');
    await page.getByText('Two at least').waitFor();
    await page.getByLabel('Asked as').fill('a photo');
    await page.getByText('Write {} once').waitFor();
    expect(await page.getByRole('button', { name: 'Look', exact: true }).isDisabled()).toBe(true);
    const large = join(folder, 'large.png');
    writeFileSync(large, Buffer.alloc(17 * 2 ** 20));
    await dropOn(page, page.locator('h1').first(), [large]);
    await page.getByRole('alert').getByText('is larger than 16 MB').waitFor();
  });

  it('shows where pictures lie, by base and adapter, by pointer, keyboard and table', async () => {
    const { page } = window;
    await open();
    await page.getByRole('button', { name: 'Draw the map' }).click();
    await page.getByText('All 30 pictures to test on').waitFor();
    await page.getByText('A projection loses').waitFor();
    const base = page.getByRole('figure', { name: 'Map of Base model' });
    const adapter = page.getByRole('figure', { name: 'Map of LoRA' });
    await base.getByText('Across 27 % and up 14 %').waitFor();
    const pointer = base.getByRole('slider');
    await pointer.focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowDown');
    expect(await pointer.getAttribute('aria-valuetext')).toBe('test/dotted/10.png, dotted, 11 of 30');
    // The same picture is marked in both.
    expect(await page.locator('figure circle').count()).toBe(2);
    await page.getByText('test/dotted/10.png').waitFor();
    await page.keyboard.press('Escape');

    const dot = (await adapter.getByRole('slider').boundingBox())!;
    for (let at = 4; at < 40 && (await page.locator('figure circle').count()) === 0; at++)
      await page.mouse.move(dot.x + (dot.width * at) / 44, dot.y + dot.height / 2);
    expect(await page.locator('figure circle').count()).toBe(2);

    await page.getByRole('button', { name: 'woven' }).click();
    await expect.poll(() => base.locator('path.front').count()).toBe(1);
    await page.getByRole('radio', { name: 'Own axes' }).click();
    await base.getByText('Across 31 % and up 18 %').waitFor();
    await page.getByRole('button', { name: 'Table', exact: true }).click();
    const table = page.getByRole('group', { name: 'Places of the pictures' });
    expect(await table.getByRole('row').count()).toBe(21);
    await page.getByRole('button', { name: 'Show all 30 pictures' }).click();
    expect(await table.getByRole('row').count()).toBe(31);
    expect(await axeFindings(page)).toEqual([]);
  });
});

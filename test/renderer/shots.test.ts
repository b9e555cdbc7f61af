import { expect, it } from 'vitest';
import {
  classesToShow,
  mostConfused,
} from '../../renderer/source/screens/comparisons/shots/confusion-pairs.ts';
import { describeWith } from '../support/requirements.ts';
import { axeFindings } from './support/axe.ts';
import { samplePictures } from './support/fake-entities.ts';
import { useWindow } from './support/use-window.ts';

const counts = [
  [5, 2, 0, 1],
  [0, 8, 0, 0],
  [0, 0, 8, 0],
  [3, 0, 0, 5],
];

it('what is confused most comes first, and of many classes those that take part in it are shown', () => {
  expect(mostConfused(counts, 2)).toEqual([
    { right: 3, said: 0, count: 3 },
    { right: 0, said: 1, count: 2 },
  ]);
  expect(mostConfused(counts, 9)).toHaveLength(3);
  expect(classesToShow(counts, 4)).toEqual([0, 1, 2, 3]);
  expect(classesToShow(counts, 2)).toEqual([0, 3]);
});

describeWith('chromium', 'a comparison over shots', ({ path }) => {
  const window = useWindow(path, { workbench: { studies: ['over shots'] } });

  const open = async (): Promise<void> => {
    const { page } = window;
    await window.server.router.call('datasets.import', { trainFile: samplePictures.trainFile });
    await page.goto(`${page.url().split('#')[0]!}#/comparisons/over-shots`);
    await page.getByRole('heading', { name: 'By shots' }).waitFor();
  };

  it('says in words who is ahead, with curves over shots beside zero-shot, and the same in numbers', async () => {
    const { page } = window;
    await open();
    await page.getByRole('heading', { name: 'Answer', exact: true }).waitFor();
    const figure = page.getByRole('figure', { name: /by shots/ });
    await figure.getByText('zero-shot', { exact: true }).waitFor();
    expect(await figure.locator('path.line').count()).toBe(2);
    await figure.getByRole('button', { name: /In numbers/ }).click();
    const firsts = await figure.locator('tr > :first-child').allTextContents();
    expect(firsts).toEqual(['Shots', '0', '1', '4', '16']);
    expect(await axeFindings(page)).toEqual([]);
  });

  it('shows the scores of one number of shots at a time, the most at first, and every run', async () => {
    const { page } = window;
    await open();
    const shots = page.getByRole('radiogroup', { name: 'Shots' });
    expect(await shots.getByRole('radio', { name: '16 shots' }).getAttribute('aria-checked')).toBe('true');
    const scores = page.getByRole('article', { name: 'held-out, accuracy' });
    expect(await scores.count()).toBe(1);
    const before = await scores.textContent();
    await shots.getByRole('radio', { name: '1 shot', exact: true }).click();
    await expect.poll(() => scores.textContent()).not.toBe(before);
    const runs = page.getByRole('table', { name: 'Runs by arm and seed' });
    expect(await runs.getByRole('rowheader').allTextContents()).toEqual(
      ['LoRA r2', 'NoRA 16/2'].flatMap((arm) =>
        ['1 shot', '4 shots', '16 shots'].map((one) => `${arm}, ${one}`),
      ),
    );
  });

  it('tells classes apart, and shows the pictures of a cell of the confusion table', async () => {
    const { page } = window;
    await open();
    await page.getByRole('button', { name: 'Class by class' }).click();
    const accuracies = page.getByRole('group', { name: 'Accuracy of each class' });
    expect(await accuracies.getByRole('row').count()).toBe(11);
    await accuracies.getByRole('button', { name: 'Base model' }).click();
    expect(await accuracies.locator('th[aria-sort=ascending]').textContent()).toBe('Base model ↑');
    await page.getByRole('button', { name: 'Show all 12 classes' }).click();
    expect(await accuracies.getByRole('row').count()).toBe(13);

    await page.getByRole('button', { name: 'What was taken for what' }).click();
    await page.getByRole('radio', { name: 'Base model' }).click();
    const pair = page.getByRole('list', { name: 'Confused most' }).getByRole('button').first();
    const [right, said] = (await pair.textContent())!.split(' → ').map((part) => part.split(' ')[0]!) as [
      string,
      string,
    ];
    await pair.click();
    const cell = page.getByRole('region', { name: 'Pictures of the cell' });
    await cell.getByText(`taken for ${said}`).waitFor();
    const pictures = cell.getByRole('list', { name: 'Pictures' }).getByRole('listitem');
    await expect.poll(() => pictures.count()).toBeGreaterThan(2);
    await page.getByRole('button', { name: new RegExp(`^${right} taken for ${right}: `) }).click();
    await cell.getByText('taken for what it is').waitFor();
    expect(await axeFindings(page)).toEqual([]);
  });

  it('lists what each did with each picture, which is shown', async () => {
    const { page } = window;
    await open();
    const item = page.getByRole('article', { name: 'Item 0' });
    await item.getByText('test/banded/0.png').waitFor();
    await item.getByText('16 shots, seed 1').first().waitFor();
  });
});

import { expect, it } from 'vitest';
import { describeWith } from '../../support/requirements.ts';
import { createButton, createdExperiment, openForm } from '../support/experiment-form.ts';
import { useWindow } from '../support/use-window.ts';

describeWith('chromium', 'what a new experiment starts from', ({ path }) => {
  const window = useWindow(path);

  it('starts with a fair comparison: arms of one size, each at its usual rate, evaluated ten times', async () => {
    await openForm(window);
    await createButton(window.page).click();
    const { definition } = await createdExperiment(window);
    expect(definition.configurations).toMatchObject([
      // 55,488 parameters against 57,344: a sixth of the rank is the nearest, and alpha follows. k_proj is 64 × 128.
      { name: 'LoRA r6', adapter: { rank: 6, alpha: 12 }, training: { learningRate: 5e-3 } },
      { name: 'NoRA 64/16', adapter: { outerRank: 64, innerRank: 16 }, training: { learningRate: 1e-2 } },
    ]);
    expect(definition.training).toMatchObject({
      steps: 100,
      batchSize: 4,
      evaluateEvery: 10,
      schedule: 'cosine',
      warmupRatio: 0.1,
    });
  });

  it('keeps the arms at one size as one of them changes, until a rank is chosen', async () => {
    const { page } = window;
    await openForm(window);
    const lora = page.getByRole('article').first();
    await lora.getByText('trains 55,488 (4.2 %), 3.2 % fewer than NoRA 64/16').waitFor();
    await page.getByLabel('Inner rank', { exact: true }).fill('32');
    await lora.getByText('3.2 % fewer than NoRA 64/32').waitFor();
    expect(await lora.getByLabel('Rank', { exact: true }).inputValue()).toBe('12');
    expect(await lora.getByLabel('Alpha').inputValue()).toBe('24');
    // While a number is being typed the size stays as it was.
    await page.getByLabel('Inner rank', { exact: true }).fill('');
    expect(await lora.getByLabel('Rank', { exact: true }).inputValue()).toBe('12');
    await page.getByLabel('Inner rank', { exact: true }).fill('16');
    await lora.getByLabel('Rank', { exact: true }).fill('20');
    await lora.getByRole('combobox', { name: 'Size Own ranks' }).waitFor();
    await page.getByLabel('Inner rank', { exact: true }).fill('8');
    expect(await lora.getByLabel('Rank', { exact: true }).inputValue()).toBe('20');
    await lora.getByRole('combobox', { name: /^Size/ }).click();
    await page.getByRole('option', { name: 'As NoRA 64/8' }).click();
    expect(await lora.getByLabel('Rank', { exact: true }).inputValue()).toBe('3');
    // Without the other there is nothing to be as large as.
    await page.getByRole('button', { name: 'Remove NoRA 64/8' }).click();
    expect(await page.getByRole('combobox', { name: /^Size/ }).count()).toBe(0);
    expect(await lora.getByLabel('Rank', { exact: true }).inputValue()).toBe('3');
  });

  it('gives each method its rate, and a common one to those that have none', async () => {
    const { page } = window;
    await openForm(window);
    const rates = page.getByLabel('Learning rate', { exact: true });
    await expect.poll(() => rates.count()).toBe(2);
    await page.getByRole('article').first().getByLabel('Learning rate').fill('3e-3');
    await page.getByText('Usual: 0.005.').waitFor();
    await page.getByRole('article').first().getByLabel('Learning rate').fill('');
    await page.getByRole('region', { name: 'Training' }).getByLabel('Learning rate').fill('1e-3');
    await createButton(window.page).click();
    const { definition } = await createdExperiment(window);
    expect(definition.training.learningRate).toBe(1e-3);
    expect(definition.configurations.map(({ training }) => training?.learningRate)).toEqual([
      undefined,
      1e-2,
    ]);
  });

  it('evaluates about ten times whatever the length, unless it is told how often', async () => {
    const { page } = window;
    await openForm(window);
    await page.getByRole('button', { name: 'More settings' }).click();
    const every = page.getByLabel('Evaluate every');
    const is = async (steps: string): Promise<void> =>
      expect.poll(() => every.inputValue(), { timeout: 3000 }).toBe(steps);
    await is('10');
    await page.getByLabel('Steps', { exact: true }).fill('250');
    await is('25');
    await page.getByLabel('Steps', { exact: true }).fill('3');
    await is('1');
    await page.getByRole('radio', { name: 'Epochs' }).click(); // 3 x 1,840 rows, 4 a step
    await is('138');
    await page.getByRole('radio', { name: 'Tokens', exact: true }).click(); // 100,000 of 1,024 a step
    await is('10');
    await every.fill('7');
    await page.getByRole('radio', { name: 'Steps', exact: true }).click();
    await is('7');
  });

  it('names the experiment after what it compares until a person does', async () => {
    const { page } = window;
    await openForm(window);
    const name = page.getByLabel('Name', { exact: true });
    expect(await name.inputValue()).toBe('LoRA and NoRA on sea-questions');
    await page.getByRole('button', { name: 'Remove LoRA r6' }).click();
    expect(await name.inputValue()).toBe('NoRA on sea-questions');
    await name.fill('Mine');
    await page.getByRole('button', { name: 'Add LoRA' }).click();
    expect(await name.inputValue()).toBe('Mine');
  });
});

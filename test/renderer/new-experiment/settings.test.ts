import { expect, it } from 'vitest';
import { describeWith } from '../../support/requirements.ts';
import { createButton, createdExperiment, openForm } from '../support/experiment-form.ts';
import { useWindow } from '../support/use-window.ts';

describeWith('chromium', 'the settings of a new experiment', ({ path }) => {
  const window = useWindow(path);

  it('sends what was filled in', async () => {
    const { page } = window;
    await openForm(window);
    await page.getByLabel('Steps', { exact: true }).fill('12');
    await page.getByRole('radio', { name: 'Linear' }).click();
    await page.getByRole('switch', { name: 'Packing' }).click();
    const lora = page.getByRole('article').first();
    await lora.getByLabel('Rank').fill('8');
    await lora.getByLabel('Learning rate').fill('1e-3');
    await lora.getByRole('button', { name: /Target modules/ }).click();
    await lora.getByRole('button', { name: 'down_proj' }).click();
    await page.getByRole('button', { name: 'More settings' }).click();
    await page.getByLabel('Seed').fill('7');
    await page.getByLabel('Gradient clipping').fill('');
    await createButton(window.page).click();
    const { definition } = await createdExperiment(window);
    expect(definition).toMatchObject({
      seed: 7,
      training: { steps: 12, schedule: 'linear', packing: true, maxGradientNorm: null },
    });
    expect(definition.configurations[0]).toEqual({
      name: 'LoRA r8',
      training: { learningRate: 1e-3 },
      adapter: {
        method: 'lora',
        rank: 8,
        alpha: 12,
        rankPattern: {},
        alphaPattern: {},
        dropout: 0,
        targetModules: ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj'],
        excludeModules: [],
        layersToTransform: null,
        modulesToSave: [],
      },
    });
  });

  it('gives a length in epochs or tokens, and ends early or keeps the best where asked', async () => {
    const { page } = window;
    await openForm(window);
    await page.getByRole('radio', { name: 'Tokens', exact: true }).click();
    expect(await page.getByLabel('Tokens', { exact: true }).inputValue()).toBe('100000');
    await page.getByRole('radio', { name: 'Epochs' }).click();
    await page.getByLabel('Epochs', { exact: true }).fill('');
    await page.getByText('Enter a number.').waitFor();
    await page.getByLabel('Epochs', { exact: true }).fill('2');
    await page.getByText('2 runs on the same data, 2 epochs each.').waitFor();
    await page.getByRole('button', { name: 'More settings' }).click();
    await page.getByLabel('Warmup steps').fill('5');
    expect(await page.getByLabel('Warmup ratio').inputValue()).toBe('0');
    await page.getByLabel('Warmup ratio').fill('0.1');
    expect(await page.getByLabel('Warmup steps').inputValue()).toBe('0');
    await page.getByLabel('Evaluate every').fill('0');
    await page.getByRole('switch', { name: 'Keep the best' }).click();
    await page.getByText('Keeping the best needs evaluations during training: at least 1, not 0.').waitFor();
    await page.getByLabel('Early stopping patience').fill('4');
    await page.getByLabel('Least improvement').fill('0.01');
    await page.getByLabel('Evaluate every').fill('10');
    await createButton(window.page).click();
    const { definition, runs } = await createdExperiment(window);
    expect(definition.training).toMatchObject({
      epochs: 2,
      warmupRatio: 0.1,
      evaluateEvery: 10,
      keepBest: true,
      earlyStopping: { patience: 4, minDelta: 0.01 },
    });
    expect(definition.training.steps).toBeUndefined();
    expect(runs).toHaveLength(2);
    await page.getByText(/2 epochs, 4 × 256 tokens a step/).waitFor();
  });

  it('offers embeddings and the head as targets, and takes them only where they are chosen', async () => {
    const { page } = window;
    await openForm(window);
    const lora = page.getByRole('article').first();
    await lora.getByRole('button', { name: /Target modules/ }).click();
    const chip = (name: string) => lora.getByRole('button', { name, exact: true });
    const isChosen = (name: string) => chip(name).getAttribute('aria-pressed');
    expect([await isChosen('q_proj'), await isChosen('embed_tokens'), await isChosen('lm_head')]).toEqual([
      'true',
      'false',
      'false',
    ]);
    await lora.getByText('All-linear leaves out embed_tokens and lm_head: choose them by name.').waitFor();
    await lora.getByLabel('Rank').fill('8');
    await lora.getByText('trains 73,984').waitFor();
    await chip('embed_tokens').click();
    await lora.getByText('trains 91,392').waitFor();
    await createButton(window.page).click();
    const { definition } = await createdExperiment(window);
    expect(definition.configurations[0]?.adapter).toMatchObject({
      targetModules: [
        'q_proj',
        'k_proj',
        'v_proj',
        'o_proj',
        'gate_proj',
        'up_proj',
        'down_proj',
        'embed_tokens',
      ],
    });
  });

  it.each([
    ['Steps', '0', 'Must be at least 1.'],
    ['Steps', '', 'Enter a number.'],
    ['Steps', '1.5', 'Enter a whole number.'],
    ['Sequence length', '513', 'sample-llama takes at most 512 tokens.'],
    ['Rank', '65', 'At most 64: model.layers.0.k_proj is 64 × 128.'],
    ['Outer rank', '80', 'At most 64: model.layers.0.k_proj is 64 × 128.'],
    ['Inner rank', '65', 'At most the outer rank.'],
    ['Exponent', '2', 'Must be at most 1.'],
  ])('tells at the field that %s %j is wrong', async (label, value, message) => {
    const { page } = window;
    await openForm(window);
    const more = page.getByRole('button', { name: 'More of NoRA' });
    if (label === 'Exponent') await more.click();
    const field = page.getByLabel(label, { exact: true });
    await field.fill(value);
    await page.getByText(message).waitFor();
    const described = await field.getAttribute('aria-describedby');
    expect(await page.locator(`[id="${described}"]`).textContent()).toBe(message);
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    expect(await createButton(window.page).isDisabled()).toBe(true);
  });
});

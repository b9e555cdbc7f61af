import { expect, it } from 'vitest';
import type { Experiment } from '../../main/api/contract.ts';
import { describeWith } from '../support/requirements.ts';
import { heading, useWindow, newest } from './support/use-window.ts';

describeWith('chromium', 'the form of a new experiment', ({ path }) => {
  const window = useWindow(path);
  const open = async (): Promise<void> => {
    await window.page.getByRole('link', { name: 'New experiment' }).first().click();
    await heading(window.page, 'New experiment').waitFor();
  };
  const create = () => window.page.getByRole('button', { name: 'Create and start' });
  const created = async (): Promise<Experiment> => {
    await heading(window.page, 'LoRA and NoRA on sea-questions').waitFor();
    return newest<Experiment>(window.server.router, 'experiments');
  };

  it('starts with the defaults of the schema, fitted to the model', async () => {
    await open();
    await create().click();
    const { definition } = await created();
    expect(definition.configurations.map(({ name }) => name)).toEqual(['LoRA r16', 'NoRA 64/16']); // k_proj is 64 × 128
    expect(definition.training).toMatchObject({
      steps: 100,
      batchSize: 4,
      learningRate: 2e-4,
      schedule: 'linear',
    });
  });

  it('sends what was filled in', async () => {
    const { page } = window;
    await open();
    await page.getByLabel('Steps', { exact: true }).fill('12');
    await page.getByRole('radio', { name: 'Cosine' }).click();
    await page.getByRole('switch', { name: 'Packing' }).click();
    const lora = page.getByRole('article').first();
    await lora.getByLabel('Rank').fill('8');
    await lora.getByLabel('Learning rate').fill('1e-3');
    await lora.getByRole('button', { name: /Target modules/ }).click();
    await lora.getByRole('button', { name: 'down_proj' }).click();
    await page.getByRole('button', { name: 'More settings' }).click();
    await page.getByLabel('Seed').fill('7');
    await page.getByLabel('Gradient clipping').fill('');
    await create().click();
    const { definition } = await created();
    expect(definition).toMatchObject({
      seed: 7,
      training: { steps: 12, schedule: 'cosine', packing: true, maxGradientNorm: null },
    });
    expect(definition.configurations[0]).toEqual({
      name: 'LoRA r8',
      training: { learningRate: 1e-3 },
      adapter: {
        method: 'lora',
        rank: 8,
        alpha: 32,
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
    await open();
    await page.getByRole('radio', { name: 'Tokens', exact: true }).click();
    expect(await page.getByLabel('Tokens', { exact: true }).inputValue()).toBe('100000');
    await page.getByRole('radio', { name: 'Epochs' }).click();
    await page.getByLabel('Epochs', { exact: true }).fill('');
    await page.getByText('Enter a number.').waitFor();
    await page.getByLabel('Epochs', { exact: true }).fill('2');
    await page.getByText('2 runs on the same data, 2 epochs each.').waitFor();
    await page.getByRole('button', { name: 'More settings' }).click();
    await page.getByLabel('Warmup ratio').fill('0.1');
    await page.getByRole('switch', { name: 'Keep the best' }).click();
    await page.getByText('Keeping the best needs evaluations during training: at least 1, not 0.').waitFor();
    await page.getByLabel('Early stopping patience').fill('4');
    await page.getByLabel('Least improvement').fill('0.01');
    await page.getByLabel('Evaluate every').fill('10');
    await create().click();
    const { definition, runs } = await created();
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
    await open();
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
    await create().click();
    const { definition } = await created();
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
    ['Rank', '65', 'At most 64: k_proj is 64 × 128.'],
    ['Outer rank', '80', 'At most 64: k_proj is 64 × 128.'],
    ['Inner rank', '65', 'At most the outer rank.'],
    ['Exponent', '2', 'Must be at most 1.'],
  ])('tells at the field that %s %j is wrong', async (label, value, message) => {
    const { page } = window;
    await open();
    const more = page.getByRole('button', { name: 'More of NoRA' });
    if (label === 'Exponent') await more.click();
    const field = page.getByLabel(label, { exact: true });
    await field.fill(value);
    await page.getByText(message).waitFor();
    const described = await field.getAttribute('aria-describedby');
    expect(await page.locator(`[id="${described}"]`).textContent()).toBe(message);
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    expect(await create().isDisabled()).toBe(true);
  });

  it('adds, duplicates and removes configurations', async () => {
    const { page } = window;
    await open();
    const names = async () =>
      Promise.all((await page.getByRole('article').all()).map((card) => card.getAttribute('aria-label')));
    await page.getByRole('button', { name: 'Duplicate LoRA r16' }).click();
    expect(await names()).toEqual(['LoRA r16', 'LoRA r16 (2)', 'NoRA 64/16']);
    await page.getByRole('article').nth(1).getByLabel('Rank').fill('4');
    await page.getByRole('button', { name: 'Add NoRA' }).click();
    expect(await names()).toEqual(['LoRA r16', 'LoRA r4', 'NoRA 64/16', 'NoRA 64/16 (2)']);
    await page.getByLabel('Name of configuration 2').fill('LoRA r16 again');
    for (const name of ['LoRA r16', 'NoRA 64/16', 'NoRA 64/16']) {
      await page.getByRole('button', { name: `Remove ${name}`, exact: true }).click();
    }
    expect(await names()).toEqual(['LoRA r16 again']);
    await page.getByRole('button', { name: 'Remove LoRA r16 again' }).click();
    await page.getByText('Add at least one.').waitFor();
  });

  it('refuses two configurations of one name', async () => {
    const { page } = window;
    await open();
    await page.getByLabel('Name of configuration 1').fill('same');
    await page.getByLabel('Name of configuration 2').fill('same');
    await page.getByText('Two configurations have the same name.').waitFor();
  });

  it('shows the tokens with their loss mask, and why nothing is left to train on', async () => {
    const { page } = window;
    await open();
    const tokens = page.getByRole('region', { name: 'Tokens of example 1' });
    await tokens.waitFor();
    expect(await tokens.locator('.context').first().textContent()).toBe('Q:');
    expect(await tokens.locator('.target').count()).toBeGreaterThan(5);
    await page.getByRole('button', { name: 'Next example' }).click();
    await page.getByText('2 of 5').waitFor();
    await page.getByText('12 cut at 256').waitFor();
    await page.getByRole('status').getByText("3 of 1840 rows begin with the tokenizer's own <s>").waitFor();
    await page.getByLabel('Sequence length').fill('4');
    await page.getByText('1,840 cut at 4').waitFor();
    await page.getByRole('alert').getByText('nothing to train on').waitFor();
    await page.getByRole('radio', { name: 'All tokens' }).click();
    await page.getByRole('alert').waitFor({ state: 'detached' });
  });

  it('shows what the runs would take, and what would make them fit', async () => {
    const { page } = window;
    await open();
    const memory = page.getByRole('region', { name: 'Memory' });
    const run = memory.getByRole('listitem').filter({ hasText: 'LoRA r16' });
    await run.getByText('about 1.82 GB').waitFor();
    await memory.getByText('4.00 GB available now').waitFor();
    expect(await run.getByRole('img').getAttribute('aria-label')).toBe(
      'Weights 500 MB, Activations 1.02 GB, Adapter and optimiser 100 MB, Program 200 MB',
    );
    expect(await memory.getByRole('switch').count()).toBe(0);

    await page.getByLabel('Batch size').fill('16');
    await run.getByText('about 4.90 GB').waitFor();
    await memory
      .getByText('Not expected to fit. About 928 MB with low memory, batch size 1, 16 batches a step.')
      .waitFor();
    await memory.getByRole('switch', { name: 'Start even if it may not fit' }).waitFor();
    await memory.getByRole('button', { name: 'Use these settings' }).click();
    await run.getByText('about 928 MB').waitFor();
    await memory.getByText('Not expected to fit').waitFor({ state: 'detached' });

    await create().click();
    expect((await created()).definition.training).toMatchObject({
      memory: 'low',
      batchSize: 1,
      gradientAccumulation: 16,
      memoryCheck: 'refuse',
    });
  });

  it('lets a run start that may not fit', async () => {
    const { page } = window;
    await open();
    await page.getByLabel('Batch size').fill('16');
    await page.getByRole('switch', { name: 'Start even if it may not fit' }).click();
    await create().click();
    expect((await created()).definition.training).toMatchObject({ memory: 'fast', memoryCheck: 'off' });
  });

  it('offers low memory, and says that other devices are not estimated', async () => {
    const { page } = window;
    await open();
    const memory = page.getByRole('region', { name: 'Memory' });
    await page.getByRole('radio', { name: 'Low memory' }).click();
    await memory.getByText('about 1.31 GB').first().waitFor();
    await page.getByRole('combobox', { name: /^Device/ }).click();
    await page.getByRole('option', { name: 'WebGPU' }).click();
    await memory.getByText('Estimated for runs on the CPU only.').waitFor();
  });

  it('chooses from the lists by keyboard', async () => {
    const { page, server } = window;
    await server.router.call('models.import', { directory: '/models/second' });
    await page.reload();
    await open();
    await page.getByRole('combobox', { name: /^Model/ }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('option', { name: 'second' }).waitFor();
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await page.getByRole('combobox', { name: 'Model second' }).waitFor();
  });

  it('names the experiment after what it compares until a person does', async () => {
    const { page } = window;
    await open();
    const name = page.getByLabel('Name', { exact: true });
    expect(await name.inputValue()).toBe('LoRA and NoRA on sea-questions');
    await page.getByRole('button', { name: 'Remove LoRA r16' }).click();
    expect(await name.inputValue()).toBe('NoRA on sea-questions');
    await name.fill('Mine');
    await page.getByRole('button', { name: 'Add LoRA' }).click();
    expect(await name.inputValue()).toBe('Mine');
  });

  it('creates with Ctrl+Enter, and shows an answer that is an error', async () => {
    const { page, server } = window;
    server.failures.set('experiments.create', 'seed: already used');
    await open();
    await page.getByLabel('Steps', { exact: true }).press('Control+Enter');
    await page.getByRole('alert').getByText('seed: already used').waitFor();
    server.failures.clear();
    server.failures.set('experiments.start', 'the model’s folder is gone');
    await page.getByLabel('Steps', { exact: true }).press('Control+Enter');
    await heading(page, 'LoRA and NoRA on sea-questions').waitFor();
    await page.getByRole('alert').getByText('the model’s folder is gone').waitFor();
  });
});

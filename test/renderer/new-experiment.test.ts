import { readFileSync } from 'node:fs';
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

  it('starts with a fair comparison: arms of one size, each at its usual rate, evaluated ten times', async () => {
    await open();
    await create().click();
    const { definition } = await created();
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
    await open();
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
    await open();
    const rates = page.getByLabel('Learning rate', { exact: true });
    expect(await rates.count()).toBe(2);
    await page.getByRole('article').first().getByLabel('Learning rate').fill('3e-3');
    await page.getByText('Usual: 0.005.').waitFor();
    await page.getByRole('article').first().getByLabel('Learning rate').fill('');
    await page.getByRole('region', { name: 'Training' }).getByLabel('Learning rate').fill('1e-3');
    await create().click();
    const { definition } = await created();
    expect(definition.training.learningRate).toBe(1e-3);
    expect(definition.configurations.map(({ training }) => training?.learningRate)).toEqual([
      undefined,
      1e-2,
    ]);
  });

  it('evaluates about ten times whatever the length, unless it is told how often', async () => {
    const { page } = window;
    await open();
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

  it('sends what was filled in', async () => {
    const { page } = window;
    await open();
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
    await create().click();
    const { definition } = await created();
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
    await open();
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
    await page.getByRole('button', { name: 'Duplicate LoRA r6' }).click();
    expect(await names()).toEqual(['LoRA r6', 'LoRA r6 (2)', 'NoRA 64/16']);
    await page.getByRole('article').nth(1).getByLabel('Rank').fill('4');
    await page.getByRole('button', { name: 'Add NoRA' }).click();
    expect(await names()).toEqual(['LoRA r6', 'LoRA r4', 'NoRA 64/16', 'NoRA 64/16 (2)']);
    await page.getByLabel('Name of configuration 2').fill('LoRA r6 again');
    for (const name of ['LoRA r6', 'NoRA 64/16', 'NoRA 64/16']) {
      await page.getByRole('button', { name: `Remove ${name}`, exact: true }).click();
    }
    expect(await names()).toEqual(['LoRA r6 again']);
    await page.getByRole('button', { name: 'Remove LoRA r6 again' }).click();
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
    const run = memory.getByRole('listitem').filter({ hasText: 'LoRA r6' });
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
    await page.getByRole('button', { name: 'Remove LoRA r6' }).click();
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

  it('is created by `n` and Ctrl+Enter alone', async () => {
    const { page } = window;
    await page.getByRole('link', { name: 'Models' }).click();
    await heading(page, 'Models').waitFor();
    await page.keyboard.press('n');
    await heading(page, 'New experiment').waitFor();
    await page.getByRole('button', { name: 'Create and start' }).waitFor();
    await page.keyboard.press('Control+Enter');
    await created();
  });

  it('goes to the field that is wrong instead of creating', async () => {
    const { page } = window;
    await open();
    const steps = page.getByLabel('Steps', { exact: true });
    await steps.fill('0');
    await page.getByLabel('Name', { exact: true }).focus();
    await page.keyboard.press('Control+Enter');
    await steps.and(page.locator(':focus')).waitFor();
  });

  it('keeps what was typed when one leaves, until it is discarded or created', async () => {
    const { page } = window;
    const away = async (): Promise<void> => {
      await page.getByRole('link', { name: 'Models' }).click();
      await heading(page, 'Models').waitFor();
    };
    const steps = page.getByLabel('Steps', { exact: true });
    const inner = page.getByLabel('Inner rank', { exact: true });
    const back = async (): Promise<void> => {
      await page.evaluate(`location.hash = '#/experiments/new'`);
      await heading(page, 'New experiment').waitFor();
    };
    await open();
    await away();
    await back();
    expect(await page.getByRole('button', { name: 'Discard draft' }).count()).toBe(0);
    await steps.fill('12');
    await inner.fill('');
    await away(); // at once: nothing has settled yet
    await back();
    expect([await steps.inputValue(), await inner.inputValue()]).toEqual(['12', '']);
    await page.reload();
    await heading(page, 'New experiment').waitFor();
    expect([await steps.inputValue(), await inner.inputValue()]).toEqual(['12', '']);
    await inner.fill('32');
    await page.getByRole('article', { name: 'LoRA r12' }).waitFor(); // still as large as the other
    await page.getByRole('button', { name: 'Discard draft' }).click();
    await expect.poll(() => steps.inputValue()).toBe('100');
    expect(await page.getByRole('button', { name: 'Discard draft' }).count()).toBe(0);
    await heading(page, 'New experiment').and(page.locator(':focus')).waitFor();
    await steps.fill('13');
    await create().click();
    await created();
    await back();
    expect(await steps.inputValue()).toBe('100');
  });

  it('opens what is left of a draft that it does not understand', async () => {
    const { page } = window;
    const draft = {
      model: 'gone',
      dataset: 'dataset-1',
      seed: 'x',
      training: { steps: 'many', batchSize: 2, schedule: 'wave', colour: 'red' },
      configurations: [
        null,
        { adapter: { method: 'no-such' } },
        {
          key: 7,
          adapter: { method: 'lora', rank: 3, alpha: 'much', other: 1 },
          equalTo: 8,
          training: { x: 1 },
        },
      ],
    };
    const leave = (value: unknown): Promise<void> =>
      page.evaluate((text) => localStorage.setItem('draft: experiment', text), JSON.stringify(value));
    await leave({ version: 1, origin: '', draft });
    await open();
    expect(await page.getByLabel('Batch size').inputValue()).toBe('2');
    expect(await page.getByLabel('Steps', { exact: true }).inputValue()).toBe('100');
    expect(await page.getByLabel('Alpha').inputValue()).toBe('32');
    expect(await page.getByRole('article').count()).toBe(1);
    await page.getByText('Choose a model.').waitFor();
    for (const other of [{ version: 99, draft }, 'text', null, { version: 1, draft: 3 }]) {
      await leave(other);
      await page.reload();
      await page.getByRole('article', { name: 'LoRA r6' }).waitFor();
    }
  });

  it('hands the focus on as configurations come and go', async () => {
    const { page } = window;
    await open();
    const focused = () => page.locator(':focus').getAttribute('aria-label');
    const is = (label: string): Promise<void> => expect.poll(focused, { timeout: 3000 }).toBe(label);
    await page.getByRole('button', { name: 'Add NoRA' }).click();
    await is('Name of configuration 3');
    await page.getByRole('button', { name: 'Duplicate LoRA r6' }).click();
    await is('Name of configuration 2');
    await page.getByRole('button', { name: 'Other method' }).click();
    await page.getByRole('menuitem', { name: /^DoRA/ }).click();
    await is('Name of configuration 5');
    await page.getByRole('button', { name: 'Remove LoRA r6 (2)' }).click();
    await is('Remove NoRA 64/16');
    await page.getByRole('button', { name: 'Remove DoRA r16' }).click();
    await is('Remove NoRA 64/16 (2)');
    for (let left = 3; left > 0; left--)
      await page
        .getByRole('button', { name: /^Remove/ })
        .first()
        .click();
    await expect
      .poll(async () => (await page.locator(':focus').textContent())?.trim(), { timeout: 3000 })
      .toBe('Add LoRA');
  });

  it('shows every field that the keyboard reaches, above its footer and below its header', async () => {
    const { page } = window;
    await page.setViewportSize({ width: 900, height: 560 });
    await open();
    await page.getByRole('button', { name: 'More settings' }).click();
    await page.getByLabel('Name', { exact: true }).focus();
    for (let presses = 0; presses < 45; presses++) {
      await page.keyboard.press('Tab');
      const hidden = await page.evaluate(`(() => {
        const focused = document.activeElement;
        if (focused.closest('main form') === null || focused.closest('footer') !== null) return null;
        const { top, bottom } = focused.getBoundingClientRect();
        const header = document.querySelector('main header').getBoundingClientRect().bottom;
        const footer = document.querySelector('form > footer').getBoundingClientRect().top;
        return top < header || bottom > footer ? focused.outerHTML.slice(0, 120) : null;
      })()`);
      expect(hidden).toBeNull();
    }
  });

  it('starts from the demo, a template and a YAML file, and saves both', async () => {
    const { page } = window;
    await open();
    const startFrom = async (item: RegExp): Promise<void> => {
      await page.getByRole('button', { name: 'Start from' }).click();
      await page.getByRole('menuitem', { name: item }).click();
    };
    await startFrom(/^The demo/);
    await page.getByRole('article', { name: 'LoRA r4' }).waitFor();
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Demo');
    expect(await page.getByLabel('Steps', { exact: true }).inputValue()).toBe('12');

    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByRole('menuitem', { name: /^As a template/ }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Mine');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.waitFor({ state: 'detached' });

    await page.getByRole('button', { name: 'Save', exact: true }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: /^As a YAML file/ }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('demo.yaml');
    const text = readFileSync(await download.path(), 'utf8');
    expect(text).toContain('model: sample-llama');

    const file = page.getByLabel('YAML file of an experiment');
    const give = (content: string) =>
      file.setInputFiles({ name: 'mine.yaml', mimeType: 'text/yaml', buffer: Buffer.from(content) });
    await give('version: 1\nname: x\n');
    await page
      .getByRole('alert')
      .getByText(/^mine.yaml: model: missing/)
      .waitFor();
    await give(text.replace('name: Demo', 'name: From a file').replace('sample-llama', 'elsewhere'));
    await page.getByText('It names a model “elsewhere”, which the library does not have.').waitFor();
    await page.getByText('Choose a model.').waitFor();
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('From a file');

    await page.getByRole('button', { name: 'Start from' }).click();
    await page.getByRole('menuitem', { name: 'Template “Mine”' }).click();
    await page.getByRole('menuitem', { name: 'Use it' }).click();
    await expect.poll(() => page.getByLabel('Name', { exact: true }).inputValue()).toBe('Mine');
    await page.getByText('It names').waitFor({ state: 'detached' });
  });
});

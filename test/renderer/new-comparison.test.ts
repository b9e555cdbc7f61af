import type { Locator } from 'playwright-core';
import { expect, it } from 'vitest';
import type { Comparison } from '../../main/api/contract.ts';
import { describeWith } from '../support/requirements.ts';
import { heading, newest as newestOf, useWindow } from './support/use-window.ts';

describeWith('chromium', 'the form of a new comparison', ({ path }) => {
  const window = useWindow(path, { workbench: { studies: ['answered'] } });
  const title = 'LoRA against NoRA at equal parameters';
  const open = async (template: RegExp | string = title): Promise<void> => {
    await window.page.evaluate(`location.hash = '#/comparisons/new'`);
    await window.page
      .getByRole('list', { name: 'Templates' })
      .getByRole('button', { name: template })
      .click();
    await window.page.getByRole('form', { name: 'New comparison' }).waitFor();
  };
  const start = () => window.page.getByRole('button', { name: 'Create and start' });
  const newest = async (): Promise<Comparison> => {
    return newestOf<Comparison>(window.server.router, 'comparisons');
  };
  const plan = () => window.page.getByRole('list', { name: 'Plan' });

  it('starts from a template, shows what it comes to, and starts once confounds are accepted', async () => {
    const { page } = window;
    await open();
    await plan().getByText('10 runs to tune: 5 trials of each arm').waitFor();
    await plan().getByText('11 assessments').waitFor();
    await page.getByRole('list', { name: 'Proposed arms' }).getByText('It sets the target.').waitFor();
    const table = page.getByRole('table', { name: /What the arms cost/ });
    await table.getByRole('row', { name: /Stored parameters.*2\.00×.*unequal/ }).waitFor();
    expect(await start().isDisabled()).toBe(true);
    await page.getByText('To start, accept or remove: scaling.').waitFor();
    await page.getByRole('checkbox', { name: 'Accept scaling' }).press('Space');
    await expect.poll(() => start().isDisabled()).toBe(false);
    await page.keyboard.press('Control+Enter');
    await heading(page, title).waitFor();
    await page.getByText('Training', { exact: true }).first().waitFor();
    const { definition, status } = await newest();
    expect(status).toBe('training');
    expect(definition).toMatchObject({
      seeds: [0, 1, 2, 3, 4],
      accepted: ['scaling'],
      matching: { by: 'trained-parameters', target: null },
      tuning: {
        sweep: { settings: { learningRate: { logRange: [5e-5, 1e-3], points: 5 } }, search: 'grid' },
      },
    });
  });

  it('sends what was filled in', async () => {
    const { page } = window;
    await open(/^From nothing/);
    await page.getByLabel('Name', { exact: true }).fill('Mine');
    await page.getByLabel('Seeds', { exact: true }).fill('3, 5');
    await page.getByRole('article', { name: /^LoRA/ }).getByLabel('Learning rate').fill('1e-3');
    await page
      .getByRole('article', { name: /^LoRA/ })
      .getByRole('button', { name: 'Own training setting' })
      .click();
    await page.getByRole('menuitem', { name: 'Weight decay' }).click();
    await page.getByLabel('Own weight decay').fill('0.1');
    await page.getByRole('combobox', { name: /^Equal in/ }).click();
    await page.getByRole('option', { name: 'Peak memory' }).click();
    await page.getByLabel('Target, in bytes').fill('4e8');
    await page.getByRole('switch', { name: /learning rate first/ }).click();
    await page.getByRole('radio', { name: 'Values' }).click();
    await page.getByLabel('Learning rates').fill('1e-4, 1e-3');
    await page.getByRole('radio', { name: 'Random' }).click();
    await page.getByLabel('Trials of each arm').fill('6');
    const search = page.getByRole('group', { name: /^Search of/ });
    await page.getByRole('button', { name: 'Search another setting' }).click();
    await search.getByLabel('Setting', { exact: true }).fill('adapter.dropout');
    await search.getByRole('textbox', { name: 'Values' }).fill('0, 0.1');
    await page.getByRole('button', { name: 'Search another setting' }).click();
    await search.nth(1).getByLabel('Setting', { exact: true }).fill('training.weightDecay');
    await search
      .nth(1)
      .getByRole('combobox', { name: /^Tried/ })
      .click();
    await page.getByRole('option', { name: 'From and to', exact: true }).click();
    await search.nth(1).getByRole('textbox', { name: 'From', exact: true }).fill('0');
    await search.nth(1).getByRole('textbox', { name: 'To', exact: true }).fill('0.2');
    await page.getByRole('button', { name: 'Search another setting' }).click();
    await page.getByRole('button', { name: 'Remove a setting' }).click();
    await page.getByLabel('Seeds looked into').fill('1');
    await page.getByLabel('Runs side by side').fill('1');
    await page.getByRole('button', { name: 'Add a task' }).press('Enter');
    await page.getByRole('menuitem', { name: /Multiple choice/ }).click();
    const task = page.getByRole('article', { name: 'Task choices' });
    await task.getByLabel('File').fill('/data/arc.csv');
    await task.getByRole('combobox', { name: /^Separator/ }).click();
    await page.getByRole('option', { name: 'Semicolon' }).click();
    await task.getByRole('combobox', { name: /^Prompt/ }).click();
    await page.getByRole('option', { name: 'arc', exact: true }).click();
    await task.getByLabel('Rows').fill('100');
    await page.getByLabel('choices, acc', { exact: true }).fill('0.01');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await heading(page, 'Mine').waitFor();
    const { definition, status } = await newest();
    expect(status).toBe('created');
    expect(definition).toMatchObject({
      seeds: [3, 5],
      matching: { by: 'peak-memory', target: 4e8 },
      tuning: {
        sweep: {
          settings: {
            learningRate: { values: [1e-4, 1e-3] },
            'adapter.dropout': { values: [0, 0.1] },
            'training.weightDecay': { range: [0, 0.2] },
          },
          search: 'random',
          trials: 6,
        },
      },
      diagnostics: { seeds: 1 },
      sideBySide: 1,
      tasks: [
        { kind: 'held-out' },
        { kind: 'choices', file: '/data/arc.csv', separator: 'semicolon', prompt: 'arc', limit: 100 },
      ],
      margins: { 'choices/accuracy': 0.01 },
    });
    expect(definition.arms[0]?.training).toEqual({ learningRate: 1e-3, weightDecay: 0.1 });
  });

  const addTask = async (kind: RegExp): Promise<void> => {
    await window.page.getByRole('button', { name: 'Add a task' }).press('Enter');
    await window.page.getByRole('menuitem', { name: kind }).click();
  };
  const choose = async (within: Locator, label: RegExp, option: string): Promise<void> => {
    await within.getByRole('combobox', { name: label }).click();
    await window.page.getByRole('option', { name: option, exact: true }).click();
  };
  const message = async (field: Locator): Promise<string | null> => {
    await expect.poll(() => field.getAttribute('aria-invalid')).toBe('true');
    return window.page.locator(`[id="${await field.getAttribute('aria-describedby')}"]`).textContent();
  };

  it('says how the rows of a task are read', async () => {
    const { page } = window;
    await open(/^From nothing/);
    await addTask(/Answers/);
    const answers = page.getByRole('article', { name: 'Task answers' });
    await answers.getByLabel('File', { exact: true }).fill('/data/gsm8k.jsonl');
    await choose(answers, /^Format/, 'Prompt and completion');
    const rows = answers.getByRole('group', { name: 'How rows are read' });
    const prompt = rows.getByLabel('Prompt', { exact: true });
    expect(await message(prompt)).toBe('Name a column, or write a template.');
    await prompt.fill('Question: {question}\nAnswer:');
    await rows.getByLabel('Completion', { exact: true }).fill('answer');
    await addTask(/Multiple choice/);
    const choices = page.getByRole('article', { name: 'Task choices' });
    await choices.getByLabel('File', { exact: true }).fill('/data/arc.jsonl');
    expect(await choices.getByRole('combobox', { name: /^Format/ }).count()).toBe(0);
    await choose(choices, /^Prompt/, 'as-trained');
    await choices.getByRole('combobox', { name: /^Format/ }).waitFor();
    await addTask(/Loss on a text file/);
    const text = page.getByRole('article', { name: 'Task text' });
    await text.getByLabel('File', { exact: true }).fill('/data/wiki.jsonl');
    await choose(text, /^Format/, 'Chat');
    await text.getByLabel('Column', { exact: true }).fill('messages');
    await text.getByLabel('Column of tools').fill('tools');
    await text.getByLabel('Column of tools').fill('');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await heading(page, /^LoRA and NoRA/).waitFor();
    const { id, definition } = await newest();
    expect(definition.tasks).toMatchObject([
      { kind: 'held-out' },
      {
        kind: 'answers',
        format: {
          kind: 'prompt-completion',
          prompt: 'Question: {question}\nAnswer:',
          completion: 'answer',
        },
        examples: null,
      },
      { kind: 'choices', prompt: 'as-trained', format: null, examples: null },
      { kind: 'text', format: { kind: 'chat', column: 'messages' } },
    ]);
    expect(definition.tasks[3]).not.toHaveProperty('format.tools');
    await page.evaluate(`location.hash = '#/comparisons/${id}'`);
    await page.getByRole('link', { name: 'Duplicate' }).click();
    expect(await answers.getByLabel('Prompt', { exact: true }).inputValue()).toBe(
      'Question: {question}\nAnswer:',
    );
  });

  it('shows solved examples before the questions of a task', async () => {
    const { page } = window;
    await open(/^From nothing/);
    await addTask(/Multiple choice/);
    const choices = page.getByRole('article', { name: 'Task choices' });
    await choices.getByLabel('File', { exact: true }).fill('/data/arc.test.jsonl');
    await choices.getByRole('switch', { name: 'Show solved examples before each question' }).click();
    const examples = choices.getByRole('group', { name: 'Examples' });
    const file = examples.getByLabel('File of the examples');
    const count = examples.getByLabel('How many');
    const seed = examples.getByLabel('Seed', { exact: true });
    expect(await message(file)).toBe('Choose a file.');
    await file.fill('/data/arc.train.jsonl');
    await count.fill('101');
    expect(await message(count)).toBe('Must be at most 100.');
    await count.fill('25');
    await seed.fill('-1');
    expect(await message(seed)).toBe('Must be at least 0.');
    await seed.fill('1234');
    await choose(choices, /^Prompt/, 'as-trained');
    expect(await message(choices.getByRole('combobox', { name: /^Prompt/ }))).toBe(
      'It shows no examples: leave out one of the two.',
    );
    await choose(choices, /^Prompt/, 'arc');
    await addTask(/Answers/);
    const answers = page.getByRole('article', { name: 'Task answers' });
    await answers.getByLabel('File', { exact: true }).fill('/data/chats.jsonl');
    await answers.getByRole('switch', { name: /solved examples/ }).press('Space');
    await answers.getByLabel('File of the examples').fill('/data/chats.train.jsonl');
    await choose(answers, /^Format/, 'Chat');
    await answers.getByLabel('Column', { exact: true }).fill('messages');
    expect(await message(answers.getByRole('combobox', { name: /^Format/ }))).toBe(
      'Examples are shown in rows of prompt and completion.',
    );
    await answers.getByRole('switch', { name: /solved examples/ }).press('Space');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await heading(page, /^LoRA and NoRA/).waitFor();
    const { id, definition } = await newest();
    expect(definition.tasks.slice(1)).toMatchObject([
      { examples: { file: '/data/arc.train.jsonl', count: 25, seed: 1234 } },
      { examples: null },
    ]);
    await page.evaluate(`location.hash = '#/comparisons/${id}'`);
    await page.getByRole('link', { name: 'Duplicate' }).click();
    expect(await seed.inputValue()).toBe('1234');
  });

  it.each([
    ['Seeds', '1, 1', '1 is there twice.'],
    ['Seeds', 'one', 'Enter a number.'],
    ['Seeds', '', 'Add at least one.'],
    ['Level of significance', '0.7', 'Must be less than 0.5.'],
    ['Tolerance', '2', 'Must be at most 1.'],
    ['Part to tune by', '1', 'Must be less than 1.'],
  ])('tells at the field that %s %j is wrong', async (label, value, message) => {
    const { page } = window;
    await open();
    const field = page.getByLabel(label, { exact: true });
    await field.fill(value);
    await page.getByText(message, { exact: true }).waitFor();
    const described = await field.getAttribute('aria-describedby');
    expect(await page.locator(`[id="${described}"]`).textContent()).toBe(message);
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    expect(await page.getByRole('button', { name: 'Create', exact: true }).isDisabled()).toBe(true);
  });

  it('wants two arms at least, and a file for a task', async () => {
    const { page } = window;
    await open();
    await page.getByRole('button', { name: 'Remove NoRA' }).click();
    await page.getByText('A comparison needs at least two.').waitFor();
    await page.getByRole('button', { name: 'Add NoRA' }).click();
    await page.getByRole('button', { name: 'Add a task' }).click();
    await page.getByRole('menuitem', { name: /Answers/ }).click();
    const file = page.getByRole('article', { name: 'Task answers' }).getByLabel('File');
    expect(await file.getAttribute('aria-invalid')).toBe('true');
    await page.getByRole('button', { name: 'Remove answers' }).click();
    await page.getByText('attention.').waitFor({ state: 'detached' });
  });

  it('shows why a design or a template is refused', async () => {
    const { page, server } = window;
    server.failures.set('comparisons.fromTemplate', 'the data has no answers to choose from');
    await page.evaluate(`location.hash = '#/comparisons/new'`);
    await page.getByRole('button', { name: 'Rank ladder' }).click();
    await page.getByRole('alert').getByText('the data has no answers to choose from').waitFor();
    server.failures.clear();
    server.failures.set('comparisons.design', 'tasks.1.file: no such file');
    await page.getByRole('button', { name: 'Rank ladder' }).click();
    await page.getByRole('alert').getByText('tasks.1.file: no such file').waitFor();
    expect(await start().isDisabled()).toBe(true);
  });

  it('asks for the files that a template scores on', async () => {
    const { page } = window;
    await page.evaluate(`location.hash = '#/comparisons/new'`);
    await page.getByRole('button', { name: /^Commonsense.*Data: Prompt and completion/ }).click();
    const dialog = page.getByRole('dialog', { name: 'Commonsense, as published' });
    await dialog.getByLabel('BoolQ').fill('/data/boolq.json');
    await page.keyboard.press('Enter');
    const task = page.getByRole('article', { name: 'Task BoolQ' });
    expect(await task.getByLabel('File').inputValue()).toBe('/data/boolq.json');
  });

  it('starts from another comparison, whose confounds have to be accepted again', async () => {
    const { page } = window;
    await page.evaluate(`location.hash = '#/comparisons/answered'`);
    await page.getByRole('link', { name: 'Duplicate' }).click();
    const subject = page.getByRole('group', { name: 'What to train' });
    expect(await subject.getByLabel('Name').inputValue()).toBe(`${title} (copy)`);
    await page.getByRole('article', { name: 'Task ARC-Easy' }).waitFor();
    expect(await page.getByRole('checkbox', { name: 'Accept scaling' }).isChecked()).toBe(false);
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await heading(page, `${title} (copy)`).waitFor();
    const begin = page.getByRole('button', { name: 'Start', exact: true });
    expect(await begin.isDisabled()).toBe(true);
    await page.getByRole('checkbox', { name: 'Accept scaling' }).click();
    await begin.click();
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    expect((await newest()).confounds).toMatchObject([{ name: 'scaling', accepted: true }]);
  });

  it('fits into a narrow window without scrolling sideways', async () => {
    const { page } = window;
    await page.setViewportSize({ width: 900, height: 700 });
    await open();
    await plan().waitFor();
    const overflow: string[] = await page.evaluate(`[...document.querySelectorAll('html, main, main *')]
      .filter((element) => element.scrollWidth > element.clientWidth && /auto|scroll/.test(getComputedStyle(element).overflowX))
      .map((element) => element.tagName + '.' + element.className)`);
    expect(overflow).toEqual([]);
  });

  it('opens the file of a comparison by its path', async () => {
    const { page } = window;
    await page.evaluate(`location.hash = '#/comparisons/new'`);
    await page.getByRole('button', { name: /^From a file/ }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('File', { exact: true }).fill('/studies/none.yaml');
    await dialog.getByRole('button', { name: 'Open', exact: true }).click();
    await dialog.getByText('/studies/none.yaml: no such file').waitFor();
    await dialog.getByLabel('File', { exact: true }).fill('/studies/mine.yaml');
    await dialog.getByRole('button', { name: 'Open', exact: true }).click();
    await page.getByRole('form', { name: 'New comparison' }).waitFor();
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Mine');
    await page.getByRole('combobox', { name: 'Model sample-llama' }).waitFor();
  });
});

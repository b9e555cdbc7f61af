import { expect, it } from 'vitest';
import { describeWith } from '../support/requirements.ts';
import { axeFindings } from './support/axe.ts';
import { heading, useWindow } from './support/use-window.ts';

describeWith('chromium', 'models and data', ({ path }) => {
  const window = useWindow(path);

  it('shows the sample model and data', async () => {
    const { page } = window;
    await page.getByRole('link', { name: 'Models' }).click();
    await page
      .getByRole('row', { name: /sample-llama.*llama.*1\.3M.*float32/ })
      .getByRole('link')
      .click();
    await page.getByRole('row', { name: /k_proj 4 64 × 128 64/ }).waitFor();
    await page.getByRole('link', { name: 'Data', exact: true }).click();
    await page
      .getByRole('row', { name: /sea-questions.*Prompt and completion.*1,840.*204/ })
      .getByRole('link')
      .click();
    await page.getByRole('region', { name: 'Tokens of example 1' }).waitFor();
  });

  it('imports a model, and says what is wrong with a folder', async () => {
    const { page } = window;
    await page.getByRole('link', { name: 'Models' }).click();
    await page.getByRole('button', { name: 'Import model' }).click();
    const dialog = page.getByRole('dialog', { name: 'Import a model' });
    expect(await dialog.getByRole('button', { name: 'Import' }).isDisabled()).toBe(true);
    await dialog.getByLabel('Folder').fill('/nowhere');
    await page.keyboard.press('Enter');
    await dialog.getByRole('alert').getByText('/nowhere/config.json: no such file').waitFor();
    await dialog.getByLabel('Folder').fill('/models/SmolLM2-135M');
    await page.keyboard.press('Enter');
    await heading(page, 'SmolLM2-135M').waitFor();
    await page.getByRole('button', { name: 'Remove the model' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await heading(page, 'Models').waitFor();
    await page.getByRole('link', { name: 'SmolLM2-135M' }).waitFor({ state: 'detached' });
  });

  it('says what of a model has changed, and imports it again', async () => {
    const { page, server } = window;
    await server.router.call('models.import', { directory: '/models/changed', name: 'fresh' });
    await page.getByRole('link', { name: 'Models' }).click();
    await page
      .getByRole('row', { name: /sample-llama/ })
      .getByRole('link')
      .click();
    await page.getByText('The files are as they were at import.').waitFor();
    await page.getByRole('button', { name: 'Verify' }).click();
    await page.getByText('Every file was read and holds what it held at import.').waitFor();
    await page.getByRole('link', { name: 'Models', exact: true }).first().click();
    await page.getByRole('row', { name: /fresh/ }).getByRole('link').click();
    await page.getByText('/models/changed: the model "fresh" has changed since it was imported').waitFor();
    await page.getByRole('row', { name: /model\.safetensors weights changed aaaaaaaaaaaa/ }).waitFor();
    await page.getByRole('button', { name: 'Import again as a new model' }).click();
    await heading(page, 'changed').waitFor();
  });

  it('shows how far a large file is read, and stops', async () => {
    const { page } = window;
    await page.getByRole('link', { name: 'Data' }).click();
    await page.getByRole('button', { name: 'Import data' }).click();
    const dialog = page.getByRole('dialog', { name: 'Import data' });
    await dialog.getByLabel('Training file').fill('/data/endless.jsonl');
    await page.keyboard.press('Enter');
    await dialog.getByText('2.00 GB of 8.00 GB read').waitFor();
    const bar = dialog.getByRole('progressbar', { name: 'Reading the files' });
    expect(await bar.getAttribute('aria-valuenow')).toBe('25');
    expect(await axeFindings(page)).toEqual([]);
    await dialog.getByRole('button', { name: 'Stop reading' }).click();
    await dialog.getByRole('alert').getByText('/data/endless.jsonl: reading it was stopped').waitFor();
    expect(await bar.count()).toBe(0);
  });

  it('imports data in a format that a person chooses', async () => {
    const { page, server } = window;
    await page.getByRole('link', { name: 'Data' }).click();
    await page.getByRole('button', { name: 'Import data' }).click();
    const dialog = page.getByRole('dialog', { name: 'Import data' });
    await dialog.getByLabel('Training file').fill('/data/broken.jsonl');
    await page.keyboard.press('Enter');
    await dialog.getByRole('alert').getByText('line 3 is not JSON').waitFor();
    await dialog.getByLabel('Training file').fill('/data/arc.jsonl');
    await dialog.getByText('The first 120 rows of 413 kB · looks like prompts and completions').waitFor();
    await dialog.getByRole('columnheader', { name: 'question prompt' }).waitFor();
    await dialog.getByRole('columnheader', { name: 'source not used' }).waitFor();
    await dialog.getByRole('cell', { name: 'At the Spouter-Inn' }).waitFor();

    await dialog.getByRole('combobox', { name: /^Completion/ }).click();
    await page.getByRole('option', { name: 'source' }).click();
    await dialog.getByRole('columnheader', { name: 'answer not used' }).waitFor();
    await dialog.getByRole('listitem').first().getByText('chapter 3').waitFor();
    await dialog.getByRole('combobox', { name: /^Completion/ }).click();
    await page.getByRole('option', { name: 'answer' }).click();
    await dialog.getByRole('combobox', { name: /^Prompt/ }).click();
    await page.getByRole('option', { name: 'A template of columns' }).click();
    await dialog.getByRole('textbox', { name: 'Prompt: template' }).fill('{question}\nAnswer:');
    await dialog.getByRole('listitem').first().getByText('Where does Ishmael sleep? Answer:').waitFor();
    await dialog.getByText('Tokens', { exact: true }).click();
    await dialog.getByRole('region', { name: 'Tokens of example 1' }).waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await dialog.getByLabel('Name (optional)').fill('ARC');
    await page.keyboard.press('Enter');
    await heading(page, 'ARC').waitFor();
    expect(await server.router.call('datasets.show', { id: 'ARC' })).toMatchObject({
      result: { format: { kind: 'prompt-completion', prompt: '{question}\nAnswer:', completion: 'answer' } },
    });
  });

  it('tries another chat template on the rows, and keeps it with data of its own', async () => {
    const { page, server } = window;
    const format = { kind: 'chat', column: 'messages' };
    await server.router.call('datasets.import', { trainFile: '/data/chats.jsonl', name: 'chats', format });
    await page.getByRole('link', { name: 'Data' }).click();
    await page.getByRole('link', { name: 'chats', exact: true }).click();
    await page.getByText('Chats are written with the template of the model that is trained.').waitFor();
    await page.getByRole('button', { name: 'Edit the template' }).click();
    const template = page.getByRole('textbox', { name: 'Template (Jinja)' });
    await expect.poll(() => template.inputValue()).toContain('<|{{ message.role }}|>');
    await template.fill('{{ messages[0].content }}');
    await page.getByText('The text that the template writes').click();
    await page
      .getByRole('region', { name: 'Text of example 1' })
      .getByText('written by {{ messages[0].content }}')
      .waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.getByLabel('Name of the new data (optional)').fill('short chats');
    await page.getByRole('button', { name: 'Save as new data' }).click();
    await heading(page, 'short chats').waitFor();
    await page.getByText('Chats are written with the template of these data').waitFor();
    await page.getByText('Chat: messages, with a chat template of its own').waitFor();
    expect(await server.router.call('datasets.show', { id: 'short chats' })).toMatchObject({
      result: { format: { ...format, template: '{{ messages[0].content }}' } },
    });
    expect(await server.router.call('datasets.show', { id: 'chats' })).toMatchObject({ result: { format } });
  });

  it('shows how long rows are, what is cut of them, and which of the held-out rows are trained on', async () => {
    const { page, server } = window;
    const validationFile = '/data/held-out.jsonl';
    await server.router.call('datasets.import', {
      trainFile: '/data/l.jsonl',
      validationFile,
      name: 'leaking',
    });
    await page.getByRole('link', { name: 'Data' }).click();
    await page.getByRole('link', { name: 'leaking', exact: true }).click();
    const lengths = page.getByRole('region', { name: 'Length of the training rows' });
    // Of 1,840 rows 920 have at most 48 tokens and 1,748 at most 130; 12 have more than 256, and 40 are learnt from at 300 only.
    await lengths.getByText('median 48 · 95 of 100 rows up to 130 · longest 701 tokens').waitFor();
    await lengths
      .getByText(/12 rows \(0\.65 %\) longer than 256 tokens: cut · 40 rows \(2\.2 %\) left out/)
      .waitFor();
    await page.getByLabel('Sequence length').fill('800');
    await lengths.getByText('No row is cut at 800 tokens').waitFor();
    await lengths.getByText('Table').click();
    await lengths.getByRole('row', { name: /700/ }).first().waitFor();

    const rows = page.getByRole('region', { name: 'Held-out rows and duplicates' });
    await rows.getByText('1,840 rows for training, 204 held out.').waitFor();
    await rows
      .getByText('Of 204 held-out rows, 2 word for word and 1 nearly the same are among the training rows')
      .waitFor();
    await rows.getByRole('row', { name: /9 300 83 % How deep is the water at the third buoy now/ }).waitFor();
    await rows.getByText('5 rows of the training file repeat an earlier one.').waitFor();
    await rows.getByText('Rows that are repeated').click();
    await rows.getByRole('row', { name: '3 3, 90, 412 What ails the captain?' }).waitFor();
    expect(await axeFindings(page)).toEqual([]);

    await page.getByRole('link', { name: 'New experiment' }).last().click();
    await page.getByText('Of 204 held-out rows, 2 word for word and 1 nearly the same').waitFor();
    await page.getByRole('link', { name: 'Show these rows' }).click();
    await heading(page, 'leaking').waitFor();
  });

  it('tries the part and the seed that are held out, and stops going through the rows', async () => {
    const { page, server } = window;
    await server.router.call('datasets.import', { trainFile: '/data/slow.jsonl', name: 'slow' });
    await page.getByRole('link', { name: 'Data' }).click();
    await page.getByRole('link', { name: 'slow', exact: true }).click();
    const rows = page.getByRole('region', { name: 'Held-out rows and duplicates' });
    await rows.getByLabel('Held-out part').fill('2');
    await rows.getByText('Between 0 and 1.').waitFor();
    await rows.getByLabel('Held-out part').fill('0.5');
    await rows.getByText('Going through the rows…').waitFor();
    await rows.getByRole('button', { name: 'Stop' }).click();
    await rows.getByRole('alert').getByText('stopped before all rows were gone through').waitFor();
    await rows.getByRole('button', { name: 'Try again' }).click();
    await rows.getByText('Going through the rows…').waitFor();
  });

  it('asks for the columns where nothing is found, and imports by the keyboard alone', async () => {
    const { page, server } = window;
    await page.getByRole('link', { name: 'Data' }).click();
    await page.keyboard.press('i');
    const dialog = page.getByRole('dialog', { name: 'Import data' });
    await page.keyboard.type('/data/unclear.jsonl');
    await dialog
      .getByRole('alert')
      .getByText('say which of the columns to train on: first, second')
      .waitFor();
    await dialog.getByRole('combobox', { name: /^Format/ }).focus();
    await page.keyboard.press('Enter');
    await page.keyboard.type('Text');
    await page.keyboard.press('Enter');
    await dialog.getByRole('combobox', { name: /^Column/ }).focus();
    await page.keyboard.press('Enter');
    await page.keyboard.type('second');
    await page.keyboard.press('Enter');
    await dialog.getByRole('columnheader', { name: 'second text' }).waitFor();
    await dialog.getByLabel('Name (optional)').focus();
    await page.keyboard.press('Enter');
    await heading(page, 'imported').waitFor();
    expect(await server.router.call('datasets.show', { id: 'imported' })).toMatchObject({
      result: { format: { kind: 'text', column: 'second' } },
    });
  });

  it('shows an error where a list should be, and tries again', async () => {
    const { page, server } = window;
    server.failures.set('app.doctor', 'the data directory is gone');
    await page.getByRole('link', { name: 'Doctor' }).click();
    await page.getByRole('alert').getByText('the data directory is gone').waitFor();
    server.failures.clear();
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('row', { name: /Native kernels.*needs cargo/ }).waitFor();
  });
});

describeWith('chromium', 'an empty workbench', ({ path }) => {
  const window = useWindow(path, { workbench: { empty: true } });

  it.each([
    ['Experiments', 'No experiments yet', 'New experiment'],
    ['Models', 'No models yet', 'Import a folder'],
    ['Data', 'No data yet', 'Import a file or folder'],
    ['Adapters', 'No adapters yet', 'New experiment'],
  ])('%s names the next step', async (screen, title, step) => {
    const { page } = window;
    await page.getByRole('navigation').getByRole('link', { name: screen }).click();
    await page.getByRole('heading', { name: title }).waitFor();
    await page
      .getByRole('button', { name: step })
      .or(page.getByRole('link', { name: step }))
      .first()
      .waitFor();
  });

  it('asks for a model and data before an experiment', async () => {
    const { page } = window;
    await page.getByRole('link', { name: 'New experiment' }).first().click();
    await page.getByText('Choose a model.').waitFor();
    await page.getByRole('link', { name: 'Import data first' }).waitFor();
    await page.getByRole('link', { name: 'Import a model first' }).click();
    await heading(page, 'Models').waitFor();
  });
});

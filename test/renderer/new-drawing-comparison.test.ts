import { expect, it } from 'vitest';
import type { Comparison } from '../../main/api/contract.ts';
import { describeWith } from '../support/requirements.ts';
import { axeFindings } from './support/axe.ts';
import { sampleSubject } from './support/fake-subject.ts';
import { heading, newest, useWindow } from './support/use-window.ts';

describeWith('chromium', 'the form of a comparison of a model that draws', ({ path }) => {
  const window = useWindow(path);

  const open = async (template: RegExp): Promise<void> => {
    const { page, server } = window;
    await server.router.call('datasets.import', { trainFile: sampleSubject.trainFile });
    await server.router.call('models.import', { directory: '/models/diffusion', name: 'sd15' });
    await server.router.call('models.import', { directory: '/models/dino', name: 'dino-vits16' });
    await page.evaluate(`location.hash = '#/comparisons/new'`);
    const choose = async (label: RegExp, name: RegExp): Promise<void> => {
      await page.getByRole('combobox', { name: label }).click();
      await page.getByRole('option', { name }).click();
    };
    await choose(/^Model/, /^sd15/);
    await choose(/^Data/, new RegExp(`^${sampleSubject.name}`));
    await page.getByRole('list', { name: 'Templates' }).getByRole('button', { name: template }).click();
    await page.getByRole('form', { name: 'New comparison' }).waitFor();
    await page.getByRole('region', { name: 'Pictures' }).waitFor();
  };

  it('has what pictures show, how they are seen, and samples with prompts and seeds', async () => {
    const { page, server } = window;
    await open(/^From nothing/);
    await page.getByRole('list', { name: 'Pictures as training sees them' }).waitFor();
    expect(await page.getByLabel('Resolution').inputValue()).toBe('768');
    await page.getByLabel('Name', { exact: true }).fill('Dogs');
    await page.getByLabel('Trigger word').fill('sks');
    await page.getByLabel('Prompt', { exact: true }).fill('a photo of sks dog');
    await page.getByRole('radio', { name: 'By aspect' }).click();
    await page.getByLabel('Resolution').fill('256');
    await page.getByLabel('Min-SNR γ').fill('5');
    await page.getByRole('switch', { name: 'Draw pictures while it trains' }).click();
    expect(await page.getByRole('textbox', { name: 'Prompt 1' }).inputValue()).toBe('a photo of sks dog');
    await page.getByRole('button', { name: 'Add a prompt' }).click();
    await page.getByText('A prompt is empty.').waitFor();
    await page.getByRole('textbox', { name: 'Prompt 2' }).fill('sks dog on the moon');
    await page.getByLabel('Seeds of their noise').press('End');
    await page.getByLabel('Seeds of their noise').pressSequentially(', 7');
    await page.getByLabel('Steps of a picture').fill('20');
    await page.getByLabel('held-out, loss', { exact: true }).fill('0.001');
    await page.getByRole('button', { name: 'Add a task' }).press('Enter');
    await page.getByRole('menuitem', { name: /^Drawn pictures/ }).click();
    const task = page.getByRole('article', { name: 'Task drawn' });
    expect(await task.getByLabel('Width').getAttribute('placeholder')).toBe('768');
    await task.getByLabel('Width').fill('520');
    await task.getByText('This model draws multiples of 64 pixels; 520 is none: take 512 or 576.').waitFor();
    await task.getByLabel('Width').fill('512');
    await task.getByText('Add at least one.').waitFor();
    await task.getByRole('switch', { name: 'dino-vits16' }).click();
    await task.getByRole('textbox', { name: 'Prompt 1' }).fill('a photo of sks dog in the snow');
    await task.getByLabel('Word left out').fill('sks');
    await page.getByLabel('drawn, DINO', { exact: true }).fill('0.01');
    expect(await axeFindings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await heading(page, 'Dogs').waitFor();
    const { definition } = await newest<Comparison>(server.router, 'comparisons');
    expect(definition.training).toMatchObject({
      batchSize: 1,
      pictures: null,
      diffusion: {
        ...{ trigger: 'sks', prompt: 'a photo of sks dog', resolution: 256, minSnrGamma: 5 },
        buckets: { step: 64 },
        samples: { prompts: ['a photo of sks dog', 'sks dog on the moon'], seeds: [0, 7], steps: 20 },
      },
    });
    expect(definition.arms.map(({ adapter }) => adapter)).toMatchObject([
      { method: 'lora', targetModules: ['to_q', 'to_k', 'to_v', 'to_out.0'] },
      { method: 'nora', targetModules: ['to_q', 'to_k', 'to_v', 'to_out.0'] },
    ]);
    expect(definition.tasks[1]).toMatchObject({
      ...{ kind: 'drawn', models: ['dino-vits16'], prompts: ['a photo of sks dog in the snow'] },
      ...{ seeds: [0, 1, 2, 3], leaveOut: 'sks' },
    });
    expect(definition.margins).toEqual({ 'held-out/denoising_loss': 0.001, 'drawn/dino': 0.01 });
  });

  it('begins with what others train such models by, NoRA on the same layers and as large', async () => {
    const { page, server } = window;
    await open(/^NoRA against LoRA, kohya/);
    const notes = page.getByRole('group', { name: 'Published settings' });
    await notes.getByRole('button', { name: /^What is not as it was published: \d/ }).click();
    await notes.getByText(/Its optimizer is AdamW of 8 bits/).waitFor();
    expect(await page.getByLabel('Resolution').inputValue()).toBe('512');
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await heading(page, 'NoRA against LoRA, kohya').waitFor();
    const { definition } = await newest<Comparison>(server.router, 'comparisons');
    expect(definition).toMatchObject({
      matching: { by: 'trained-parameters' },
      training: { epochs: 10, diffusion: { buckets: { step: 64 } } },
    });
    const [lora, nora] = definition.arms.map(
      ({ adapter }) => (adapter as { targetModules: string[] }).targetModules,
    );
    expect(lora).toContain('q_proj');
    expect(nora).toEqual(lora);
  });
});

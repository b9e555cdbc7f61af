import { expect, it } from 'vitest';
import type { Experiment } from '../../../main/api/contract.ts';
import { experimentPresets } from '../../../main/services/experiments/presets/index.ts';
import {
  drawingChoiceOf,
  drawingTargets,
} from '../../../renderer/source/screens/new-experiment/drawing/drawing-layers.ts';
import { drawingProblems } from '../../../renderer/source/screens/new-experiment/drawing/drawing-settings.ts';
import { describeWith } from '../../support/requirements.ts';
import { axeFindings } from '../support/axe.ts';
import { sampleSubject } from '../support/fake-subject.ts';
import { heading, newest, useWindow } from '../support/use-window.ts';

it('reads what adapters sit on from names of layers, and writes it', () => {
  const targetsOf = (wanted: string): string[] => {
    const { adapter } = experimentPresets.find(({ name }) => name === wanted)!;
    return (adapter as { targetModules: string[] }).targetModules;
  };
  expect(drawingChoiceOf(targetsOf('dreambooth-diffusers'))).toEqual({ scope: 'attention', texts: false });
  expect(drawingChoiceOf(targetsOf('kohya-lora'))).toEqual({ scope: 'transformers', texts: true });
  expect(drawingChoiceOf(drawingTargets({ scope: 'convolutions', texts: true }))).toEqual({
    scope: 'convolutions',
    texts: true,
  });
  expect(drawingChoiceOf(['to_q'])).toBeUndefined();
  expect(drawingChoiceOf('unet.*')).toBeUndefined();
});

it('says what the data lacks beside the field that asks for it', () => {
  const { format } = sampleSubject;
  if (format.kind !== 'pictures' || format.subject === null) throw new Error('no subject');
  const subject = { ...format.subject, captions: { ...format.subject.captions, missing: 2 } };
  const some = { ...sampleSubject, format: { ...format, subject } };
  expect(drawingProblems({ prompt: null }, sampleSubject)).toEqual({});
  expect(drawingProblems({ prompt: null }, some)).toHaveProperty(['prompt']);
  expect(drawingProblems({ prompt: 'a dog' }, some)).toEqual({});
  expect(drawingProblems({ prior: { pictures: 200 } }, sampleSubject)).toHaveProperty(['prior.pictures']);
  const none = { ...sampleSubject, format: { ...format, subject: { ...subject, classPictures: 0 } } };
  expect(drawingProblems({ prompt: 'a dog', prior: {} }, none)).toHaveProperty(['prior.prompt']);
});

describeWith('chromium', 'an experiment of a model that draws', ({ path }) => {
  const window = useWindow(path);

  const open = async (): Promise<void> => {
    const { page, server } = window;
    await server.router.call('datasets.import', { trainFile: sampleSubject.trainFile });
    await server.router.call('models.import', { directory: '/models/diffusion', name: 'sd15' });
    await page.getByRole('link', { name: 'Data', exact: true }).first().click();
    await page.getByRole('link', { name: sampleSubject.name }).click();
    await page.getByRole('link', { name: 'New experiment' }).last().click();
    await heading(page, 'New experiment').waitFor();
    await page.getByRole('region', { name: 'Pictures' }).waitFor();
  };

  it('has what pictures show, sizes, noise and layers, and no field of texts', async () => {
    const { page, server } = window;
    await open();
    for (const label of ['Sequence length', 'Packing', 'Loss on', 'Base weights', 'Shots of each class'])
      expect(await page.getByLabel(label, { exact: true }).count(), label).toBe(0);
    expect(await page.getByRole('radio', { name: 'Tokens', exact: true }).count()).toBe(0);
    await page.getByLabel('Trigger word').fill('sks');
    await page.getByRole('switch', { name: "Class pictures beside the subject's" }).click();
    await page.getByLabel('Prompt of the class').fill('a photo of a dog');
    await page.getByRole('radio', { name: 'By aspect' }).click();
    await page.getByLabel('Resolution').fill('768');
    await page.getByLabel('Min-SNR γ').fill('5');
    const card = page.getByRole('article').first();
    await card.getByText('Touches 16 of 32 matrices.').waitFor();
    await card.getByRole('radio', { name: 'And feed-forward' }).click();
    await card.getByRole('switch', { name: 'Text encoder, too' }).click();
    await card.getByText('Touches 28 of 32 matrices.').waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await heading(page, 'LoRA and NoRA on my dog').waitFor();
    const { definition } = await newest<Experiment>(server.router, 'experiments');
    expect(definition.training.pictures).toBeNull();
    expect(definition.training.diffusion).toMatchObject({
      ...{ trigger: 'sks', prompt: null, resolution: 768, minSnrGamma: 5 },
      prior: { prompt: 'a photo of a dog' },
      buckets: { step: 64 },
    });
  });

  it('says beside the field what is refused', async () => {
    const { page } = window;
    await open();
    await page.getByRole('switch', { name: "Class pictures beside the subject's" }).click();
    await page.getByLabel('How many at least').fill('20');
    await page.getByText('The data has 1: draw more of them, and import it again.').waitFor();
    await page.getByRole('radio', { name: 'By aspect' }).click();
    await page.getByLabel('Smallest side').fill('100');
    await page.getByText(/no multiple of the step|multiple of 8/i).waitFor();
    await page.getByText('2 fields need attention.').waitFor();
  });
});

import { expect, it } from 'vitest';
import type { Experiment } from '../../../main/api/contract.ts';
import { experimentPresets } from '../../../main/services/experiments/presets/index.ts';
import {
  drawingChoiceOf,
  drawingTargets,
} from '../../../renderer/source/screens/new-experiment/drawing/drawing-layers.ts';
import {
  drawingProblems,
  usualBuckets,
  usualDiffusion,
  withResolution,
} from '../../../renderer/source/screens/new-experiment/drawing/drawing-settings.ts';
import { describeWith } from '../../support/requirements.ts';
import { axeFindings } from '../support/axe.ts';
import { drawer, sampleModel } from '../support/fake-entities.ts';
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
  expect(drawingProblems({ prompt: 'a dog', prior: { pictures: 9, draw: {} } }, none)).toEqual({});
});

it('has limits of sides that follow from the resolution as long as nobody says others', () => {
  const sd = { ...sampleModel, ...drawer };
  expect(usualBuckets(512, sd)).toEqual({ step: 64, smallest: 256, largest: 1024, upscale: true });
  expect(usualBuckets(500, sd)).toMatchObject({ smallest: 192, largest: 960 });
  const small = { ...sd, drawnSides: { usual: 64, multipleOf: 8 } };
  expect(usualBuckets(64, small)).toEqual({ step: 8, smallest: 32, largest: 128, upscale: true });
  const settings = { ...usualDiffusion(sd), buckets: { ...usualBuckets(768, sd), upscale: false } };
  expect(withResolution(settings, 512, sd)).toEqual({
    resolution: 512,
    buckets: { ...usualBuckets(512, sd), upscale: false },
  });
  const own = { ...settings, buckets: { ...settings.buckets, largest: 1024 } };
  expect(withResolution(own, 512, sd).buckets).toEqual(own.buckets);
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
    await page.getByRole('switch', { name: 'Draw those that are missing' }).click();
    await page.getByLabel('Steps of each').fill('30');
    await page.getByLabel("Text encoder's rate").fill('1e-5');
    const preview = page.getByRole('list', { name: 'Pictures as training sees them' });
    await preview.getByText(/of 77 tokens, cut before its end/).waitFor();
    await page.getByRole('radio', { name: 'In pieces' }).click();
    await preview.getByText(/of 77 tokens, encoded in pieces/).waitFor();
    expect(await preview.getByText('cut before its end').count()).toBe(0);
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
      ...{ trigger: 'sks', prompt: null, resolution: 768, minSnrGamma: 5, textEncoderLearningRate: 1e-5 },
      ...{ longCaptions: 'chunks' },
      prior: { prompt: 'a photo of a dog', pictures: 100, draw: { steps: 30, guidance: 7.5, seed: 0 } },
      buckets: { step: 64 },
    });
  });

  it('begins with the size that the model draws, and takes one that is not square', async () => {
    const { page, server } = window;
    await open();
    expect(await page.getByLabel('Resolution').inputValue()).toBe('768');
    await page.getByRole('radio', { name: 'Width × height' }).click();
    await page.getByLabel('Width of pictures').fill('520');
    await page.getByText('This model draws multiples of 64 pixels; 520 is none: take 512 or 576.').waitFor();
    await page.getByLabel('Width of pictures').fill('512');
    await page
      .getByRole('list', { name: 'Pictures as training sees them' })
      .getByText(/512 × 768/)
      .first()
      .waitFor();
    await page.getByRole('switch', { name: 'Draw pictures while it trains' }).click();
    await page.getByRole('textbox', { name: 'Prompt 1' }).fill('a dog');
    expect(await page.getByLabel('Height', { exact: true }).getAttribute('placeholder')).toBe('768');
    await page.getByLabel('Height', { exact: true }).fill('500');
    await page.getByText('This model draws multiples of 64 pixels; 500 is none: take 448 or 512.').waitFor();
    await page.getByLabel('Height', { exact: true }).fill('512');
    expect(await axeFindings(page)).toEqual([]);
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await heading(page, 'LoRA and NoRA on my dog').waitFor();
    const { definition } = await newest<Experiment>(server.router, 'experiments');
    expect(definition.training.diffusion).toMatchObject({
      ...{ resolution: { width: 512, height: 768 }, buckets: null },
      samples: { width: null, height: 512 },
    });
  });

  it('takes the size and the layers of another model along, where nobody chose others', async () => {
    const { page } = window;
    await open();
    await page.getByLabel('Trigger word').fill('sks');
    const choose = async (name: RegExp): Promise<void> => {
      await page.getByRole('combobox', { name: /^Model/ }).click();
      await page.getByRole('option', { name }).click();
    };
    await choose(/^sample-llama/);
    await page.getByRole('region', { name: 'Pictures' }).waitFor({ state: 'detached' });
    await choose(/^sd15/);
    await page.getByRole('region', { name: 'Pictures' }).waitFor();
    expect(await page.getByLabel('Resolution').inputValue()).toBe('768');
    expect(await page.getByLabel('Trigger word').inputValue()).toBe('sks');
    await page
      .getByRole('article')
      .first()
      .getByRole('radio', { name: 'Attention', checked: true })
      .waitFor();
  });

  it('says beside the field what is refused', async () => {
    const { page } = window;
    await open();
    await page.getByRole('switch', { name: "Class pictures beside the subject's" }).click();
    await page.getByLabel('How many at least').fill('20');
    await page.getByText('The data has 1: ask for fewer, or have those that are missing drawn.').waitFor();
    await page.getByRole('radio', { name: 'By aspect' }).click();
    await page.getByLabel('Smallest side').fill('100');
    await page.getByText(/no multiple of the step|multiple of 8/i).waitFor();
    await page.getByText('2 fields need attention.').waitFor();
  });
});

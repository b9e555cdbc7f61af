import { basename } from 'node:path';
import { checkAdapterFits } from '../../../engine/adapters/layer/adapter-fits.ts';
import { drawFrame } from '../../../engine/data/pictures/buckets/frame-picture.ts';
import { openImported } from '../../../engine/data/pictures/sets/open-imported.ts';
import { subjectOf } from '../../../engine/data/pictures/sets/subject-set.ts';
import { loadPipelineTokenizers } from '../../../engine/data/tokens/pipeline-tokenizers.ts';
import { invalidInput } from '../../../engine/errors.ts';
import { openModelFolder } from '../../../engine/formats/model-folder.ts';
import { assertFinite } from '../../../engine/formats/non-finite.ts';
import {
  atClipSkip,
  diffusionOf,
  isGivenStates,
  withTextStates,
} from '../../../engine/models/diffusion-model.ts';
import { readModel, type Model } from '../../../engine/models/model.ts';
import { checkFormat, checkPacking } from '../../../engine/objectives/checks.ts';
import { objectiveOfFolder } from '../../../engine/objectives/index.ts';
import {
  diffusionSettingsOf,
  type DiffusionSettings,
} from '../../../engine/train/settings/diffusion-settings.ts';
import { checkPictures } from '../../../engine/train/settings/picture-checks.ts';
import { checkPicturesFit } from '../../../engine/train/settings/subject-checks.ts';
import { checkDrawnSides } from '../../../engine/train/settings/drawn-side-checks.ts';
import { checkSamples } from '../../../engine/train/settings/sample-checks.ts';
import { picturesSourceOf } from '../../protocol/dataset-source.ts';
import type { RunSpecification } from '../../protocol/protocol.ts';
import { smallestTrained } from '../pictures/frozen-tower.ts';
import type { Report } from '../report.ts';
import { runSeeds } from '../run-seeds.ts';
import { checkDrawing } from '../samples/check-drawing.ts';
import type { DrawingSource } from '../samples/drawing-source.ts';
import type { RunSubject } from '../run-subject.ts';
import { captionNotices, captionOf, captionsOfSet, textsOf } from './captions.ts';
import { chooseSubject, type ChosenSubject } from './choose-subject.ts';
import { drawClassPictures } from './class-pictures.ts';
import { createConditions, type Conditions } from './conditions.ts';
import { diffusionBatches } from './diffusion-batches.ts';
import { plainView, type DiffusionData, type DiffusionMakers, type SizedPicture } from './diffusion-data.ts';
import { sizedDrawn, sizedPictures } from './framed-pictures.ts';
import type { Latents } from './latents.ts';
import { noisyModelOf, openEncoders, pixelsOfStep } from './open-encoders.ts';

/** Timesteps that the model's schedule has. @throws WorkbenchError naming the setting */
const checkTimesteps = ({ timesteps }: DiffusionSettings, ofSchedule: number): void => {
  if (timesteps !== null && timesteps.to > ofSchedule)
    throw invalidInput(
      `training.diffusion.timesteps.to: ${timesteps.to} is more than the ${ofSchedule} of the model's schedule`,
    );
};

/** After the import, pictures may have gone; those that are missing may be drawn. */
const checkPriors = ({ prior }: DiffusionSettings, { prior: there }: ChosenSubject, folder: string): void => {
  if (prior !== null && prior.draw === null && there.length === 0)
    throw invalidInput(`training.diffusion.prior: ${folder} has no pictures of the class to train on`);
};

/** Every view and text that can be foreseen is encoded before the first step, so that what encodes them is gone by then. */
const encodeAhead = async (
  { train, prior, heldOut, settings }: DiffusionData,
  makers: Pick<DiffusionMakers, 'release'>,
  latents: Latents,
  conditions: Conditions,
  report: Report,
): Promise<void> => {
  const middles = settings.crop === 'random' ? heldOut : [...train, ...prior, ...heldOut];
  const mirrors = (picture: SizedPicture): readonly boolean[] =>
    settings.flip && !heldOut.includes(picture) ? [false, true] : [false];
  const views = middles.flatMap((picture) =>
    mirrors(picture).map((mirrored) => ({ ...plainView(picture), mirrored })),
  );
  for (const [done, view] of views.entries()) {
    await report('preparing-data', done, views.length);
    await latents.of(view);
  }
  const texts = new Set([
    ...(textsOf([...train, ...prior], settings) ?? []),
    ...heldOut.map((picture) => captionOf(picture, settings)),
  ]);
  const [first] = views;
  if (first !== undefined) for (const text of texts) await conditions.of(text, await latents.of(first));
  await makers.release();
};

/** What a person should know of what was made, and found again. */
const encodedNotices = (latents: Latents, conditions: Conditions, model: Model): string[] => {
  const { made, found } = latents.counts();
  const { positions } = diffusionOf(model.architecture);
  return [
    `latents of ${made + found} views of pictures: ${found === 0 ? 'all made now' : `${found} found in the cache, ${made} made`}`,
    ...(isGivenStates(model)
      ? ['nothing of the text encoders is trained: what they make of each text is made once']
      : []),
    ...(conditions.pieces === 1
      ? []
      : [`texts are encoded in ${conditions.pieces} pieces each, as the longest caption of the data needs`]),
    ...(conditions.cut() === 0
      ? []
      : [
          `${conditions.cut()} captions are longer than the ${positions} tokens that the model takes, and were cut`,
        ]),
  ];
};

/**
 * A run on pictures of a subject, which its model learns to draw.
 * @param parts those that its steps need, or all of the model, as it is exported
 * @throws WorkbenchError naming the file, field or picture
 */
export const openDiffusionRun = async (
  specification: RunSpecification,
  report: Report,
  parts: 'as-stepped' | 'all' = 'as-stepped',
): Promise<RunSubject> => {
  const { modelDirectory, modelFiles, training, adapter, cacheDirectory, seed, heldOut } = specification;
  const dataset = picturesSourceOf(specification.dataset);
  const folder = openModelFolder(modelDirectory);
  const objective = objectiveOfFolder(folder);
  checkFormat(objective, dataset.format);
  checkPacking(objective, training);
  checkSamples(objective, dataset.format, training);
  checkPictures(objective, training);
  checkPicturesFit(objective, dataset.format, training);
  const settings = diffusionSettingsOf(training);

  await report('preparing-data', 0, 1);
  const set = subjectOf(await openImported({ ...dataset, cacheDirectory }));
  assertFinite(folder);
  const whole = atClipSkip(readModel(folder), settings.clipSkip, 'training.diffusion.clipSkip');
  checkAdapterFits(whole, adapter);
  checkDrawnSides(settings, pixelsOfStep(whole));
  checkTimesteps(settings, diffusionOf(whole.architecture).timesteps);
  const tokenizers = loadPipelineTokenizers(folder);
  const drawing: DrawingSource = {
    ...{ model: whole, tokenizers, clipSkip: settings.clipSkip, files: modelFiles },
    ...{ name: basename(modelDirectory), threads: training.threads },
  };
  checkDrawing(drawing, settings.samples, 'training.diffusion.samples');
  checkDrawing(drawing, settings.prior?.draw ?? null, 'training.diffusion.prior.draw');

  const chosen = chooseSubject(set, {
    settings,
    validationFraction: dataset.validationFraction,
    splitSeed: runSeeds(heldOut?.seed ?? seed).split,
    tuningFraction: heldOut?.tuningFraction,
  });
  checkPriors(settings, chosen, set.folder);
  const sized = (pictures: typeof chosen.train): Promise<SizedPicture[]> =>
    sizedPictures(set, pictures, settings);
  // What is exported is only measured, and nothing is measured on what the model drew.
  const missing = parts === 'all' ? 0 : chosen.missing;
  const { prior } = settings;
  const ofClass = await drawClassPictures({ source: drawing, cacheDirectory, prior, missing }, report);
  const data: DiffusionData = {
    train: await sized(chosen.train),
    prior: [...(await sized(chosen.prior)), ...sizedDrawn(ofClass.drawn, settings)],
    heldOut: await sized(chosen.heldOut),
    settings,
  };

  const encoders = openEncoders(whole, set, [...data.train, ...data.prior, ...data.heldOut], {
    settings,
    drawn: ofClass.drawn,
    ...training,
    modelFiles,
    cacheDirectory,
  });
  const { latents, places } = encoders;
  const model = parts === 'all' ? whole : smallestTrained(whole, withTextStates(whole), adapter);
  const conditions = createConditions(model, tokenizers, encoders.frozen, {
    // What is exported is compared with itself on texts that its own encoders read, a piece each.
    long: parts === 'all' ? 'cut' : settings.longCaptions,
    captions: captionsOfSet(set, settings),
  });
  const makers: DiffusionMakers = {
    model: noisyModelOf(model),
    latents: latents.of,
    viewOf: (picture, { epoch, place }) => {
      const { chances, classChances } = runSeeds(seed);
      const drawn = drawFrame(settings, {
        seed: picture.prior ? classChances : chances,
        epoch,
        index: place,
      });
      return { ...plainView(picture), ...drawn };
    },
    conditions: conditions.of,
    release: encoders.frozen.release,
  };
  await encodeAhead(data, makers, latents, conditions, report);
  return {
    model,
    modelKey: [
      'diffusion',
      modelDirectory,
      modelFiles,
      settings.clipSkip,
      isGivenStates(model),
      training.device,
    ],
    positions: places,
    batches: diffusionBatches(specification, data, makers),
    tokenizer: tokenizers[0]!,
    classNames: null,
    chatTemplate: undefined,
    samplePrompts: [],
    drawing,
    notices: [
      ...whole.notices,
      ...tokenizers.flatMap(({ notices }) => notices),
      ...set.notices,
      ...chosen.notices,
      ...ofClass.notices,
      ...captionNotices(data.train, settings),
      ...(settings.textEncoderLearningRate !== null && isGivenStates(model)
        ? [
            'training.diffusion.textEncoderLearningRate acts on nothing: nothing of the text encoders is trained',
          ]
        : []),
      ...encodedNotices(latents, conditions, model),
    ],
  };
};

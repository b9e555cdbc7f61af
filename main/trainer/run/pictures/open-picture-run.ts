import { checkAdapterFits } from '../../../engine/adapters/layer/adapter-fits.ts';
import { centredView } from '../../../engine/data/pictures/views/picture-view.ts';
import { readView } from '../../../engine/data/pictures/views/read-view.ts';
import { openImported } from '../../../engine/data/pictures/sets/open-imported.ts';
import { captionedSet } from '../../../engine/data/pictures/sets/subject-set.ts';
import { loadTokenizer } from '../../../engine/data/tokens/tokenizer.ts';
import { openModelFolder } from '../../../engine/formats/model-folder.ts';
import { assertFinite } from '../../../engine/formats/non-finite.ts';
import { isGiven, towersOf } from '../../../engine/models/compared-model.ts';
import { readModel, type Model } from '../../../engine/models/model.ts';
import { checkFormat, checkPacking } from '../../../engine/objectives/checks.ts';
import { objectiveOfFolder } from '../../../engine/objectives/index.ts';
import { checkCaptions, checkPictures } from '../../../engine/train/settings/picture-checks.ts';
import { pictureSettingsSchema } from '../../../engine/train/settings/picture-settings.ts';
import { checkSamples } from '../../../engine/train/settings/sample-checks.ts';
import { picturesSourceOf } from '../../protocol/dataset-source.ts';
import type { RunSpecification } from '../../protocol/protocol.ts';
import type { Report } from '../report.ts';
import type { RunSubject } from '../run-subject.ts';
import { captionRun } from './caption-run.ts';
import { classRun } from './class-run.ts';
import type { OpenedForPictures } from './compared-run.ts';
import { embedPictures, modelForPictures } from './given-pictures.ts';
import { modelForTexts } from './given-texts.ts';
import { measuredOn, pictureBatches } from './picture-batches.ts';
import { decodedPictures, embeddedPictures } from './picture-source.ts';

/**
 * A run on pictures: its model compares them with a text for each class, or with the captions that they have.
 * @param towers those that its steps need, or both, as a model has them that is exported
 * @throws WorkbenchError naming the file, field or class
 */
export const openPictureRun = async (
  specification: RunSpecification,
  report: Report,
  towers: 'as-stepped' | 'both' = 'as-stepped',
): Promise<RunSubject> => {
  const { modelDirectory, modelFiles, training, adapter } = specification;
  const dataset = picturesSourceOf(specification.dataset);
  const folder = openModelFolder(modelDirectory);
  const objective = objectiveOfFolder(folder);
  checkFormat(objective, dataset.format);
  checkPacking(objective, training);
  checkSamples(objective, dataset.format, training);
  checkPictures(objective, training);
  checkCaptions(dataset.format, training);
  const settings = training.pictures ?? pictureSettingsSchema.parse({});

  await report('preparing-data', 0, 1);
  const set = await openImported({ ...dataset, cacheDirectory: specification.cacheDirectory });
  assertFinite(folder);
  const whole = readModel(folder);
  checkAdapterFits(whole, adapter);
  const tokenizer = loadTokenizer(folder.directory);
  const side = towersOf(whole.architecture).pictures.input.shape.at(-1)!;
  const view = centredView(readView(folder.directory, side), settings.centre);
  const modelFor: OpenedForPictures['modelFor'] = (model, { texts, pictures }): Model =>
    towers === 'both'
      ? model
      : modelForPictures(modelForTexts(model, adapter, texts), adapter, settings, pictures);
  const opened = { whole, tokenizer, settings, specification, modelFor, report };
  const run =
    set.kind === 'classes' ? await classRun(set, opened) : await captionRun(captionedSet(set), opened);
  return {
    model: run.model,
    modelKey: ['pictures', modelDirectory, modelFiles, ...run.key, training.device],
    positions: run.positions,
    batches: await run.batches(async (data, batching) => {
      const files = decodedPictures({ folder: set.folder, view });
      const entries = [...data.train, ...measuredOn(data.heldOut, training)];
      const source = isGiven(run.model, 'pictures')
        ? embeddedPictures(await embedPictures(whole, files, entries, specification, report))
        : files;
      return pictureBatches(specification, { source, settings, ...data }, batching);
    }),
    tokenizer,
    classNames: null,
    chatTemplate: undefined,
    samplePrompts: [],
    drawing: null,
    notices: [...whole.notices, ...tokenizer.notices, ...set.notices, ...run.notices],
  };
};

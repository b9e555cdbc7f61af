import { checkAdapterFits } from '../../../engine/adapters/layer/adapter-fits.ts';
import { centredView } from '../../../engine/data/pictures/views/picture-view.ts';
import { readView } from '../../../engine/data/pictures/views/read-view.ts';
import { openImportedClasses } from '../../../engine/data/pictures/sets/open-imported.ts';
import { loadTokenizer } from '../../../engine/data/tokens/tokenizer.ts';
import { openModelFolder } from '../../../engine/formats/model-folder.ts';
import { assertFinite } from '../../../engine/formats/non-finite.ts';
import { comparedWith, towersOf } from '../../../engine/models/compared-model.ts';
import { readModel, type Model } from '../../../engine/models/model.ts';
import { checkFormat, checkPacking } from '../../../engine/objectives/checks.ts';
import { classPrompts } from '../../../engine/objectives/class-prompts.ts';
import { objectiveOfFolder } from '../../../engine/objectives/index.ts';
import type { TextRow } from '../../../engine/objectives/pictures/row-tensors.ts';
import { checkPictures } from '../../../engine/train/settings/picture-checks.ts';
import { pictureSettingsSchema } from '../../../engine/train/settings/picture-settings.ts';
import { checkSamples } from '../../../engine/train/settings/sample-checks.ts';
import { picturesSourceOf } from '../../protocol/dataset-source.ts';
import type { RunSpecification } from '../../protocol/protocol.ts';
import type { Report } from '../report.ts';
import { runSeeds } from '../run-seeds.ts';
import type { RunSubject } from '../run-subject.ts';
import { choosePictures } from './choose-pictures.ts';
import { classTexts, type ClassTexts } from './class-texts.ts';
import { embedTexts } from './embed-texts.ts';
import { pictureBatches } from './picture-batches.ts';
import { steppedModel } from './text-tower.ts';

/**
 * A run on pictures of classes: its model compares them with a text for each class. Where nothing of the text tower is trained, its embeddings are made
 * here, once, and the tower has no part in the steps.
 * @throws WorkbenchError naming the file, field or class
 */
export const openPictureRun = async (
  specification: RunSpecification,
  report: Report,
): Promise<RunSubject> => {
  const { modelDirectory, modelFiles, dataset, training, adapter, seed, heldOut } = specification;
  const folder = openModelFolder(modelDirectory);
  const objective = objectiveOfFolder(folder);
  const { format } = dataset;
  checkFormat(objective, format);
  checkPacking(objective, training);
  checkSamples(objective, format, training);
  checkPictures(objective, training);
  const settings = training.pictures ?? pictureSettingsSchema.parse({});

  await report('preparing-data', 0, 1);
  const set = await openImportedClasses(picturesSourceOf(dataset));
  assertFinite(folder);
  const whole = comparedWith(readModel(folder), 'class-prompts', set.classes.length);
  checkAdapterFits(whole, adapter);
  const tokenizer = loadTokenizer(folder.directory);
  const texts = classTexts(set.classes, settings.template, tokenizer, whole.architecture);
  const side = towersOf(whole.architecture).pictures.input.shape.at(-1)!;
  const view = centredView(readView(folder.directory, side), settings.centre);
  const seeds = runSeeds(heldOut?.seed ?? seed);
  const {
    train,
    heldOut: measured,
    notice,
  } = choosePictures(set, {
    settings,
    shotsSeed: seed,
    validationFraction: dataset.validationFraction,
    splitSeed: seeds.split,
    tuningFraction: heldOut?.tuningFraction,
  });
  const { model, prompts } = await comparedTexts(whole, texts, specification, report);
  const batching = classPrompts.batching({
    towers: towersOf(model.architecture),
    prompts,
    padId: texts.padId,
  });
  const isWhole = model === whole;
  return {
    model,
    modelKey: ['pictures', modelDirectory, modelFiles, set.classes.length, isWhole, training.device],
    positions: texts.positions,
    batches: pictureBatches(
      specification,
      { folder: set.folder, train, heldOut: measured, view, settings },
      batching,
    ),
    tokenizer,
    classNames: null,
    chatTemplate: undefined,
    samplePrompts: [],
    notices: [
      ...whole.notices,
      ...tokenizer.notices,
      ...set.notices,
      notice,
      ...(isWhole ? [] : ['nothing of the text tower is trained: its embeddings were made once']),
    ],
  };
};

const comparedTexts = async (
  whole: Model,
  texts: ClassTexts,
  { adapter, training: { threads, device } }: RunSpecification,
  report: Report,
): Promise<{ readonly model: Model; readonly prompts: readonly TextRow[] }> => {
  const model = steppedModel(whole, adapter);
  if (model === whole) return { model, prompts: texts.rows };
  const onPortion = (done: number, total: number): Promise<void> => report('preparing-data', done, total);
  return { model, prompts: await embedTexts(whole, texts, { threads, device, onPortion }) };
};

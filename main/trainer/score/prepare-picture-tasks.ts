import { openImportedClasses } from '../../engine/data/pictures/sets/open-imported.ts';
import type { ClassifiedSet } from '../../engine/data/pictures/sets/picture-set.ts';
import { centredView, type PictureView } from '../../engine/data/pictures/views/picture-view.ts';
import { readView } from '../../engine/data/pictures/views/read-view.ts';
import type { Tokenizer } from '../../engine/data/tokens/tokenizer.ts';
import { towersOf } from '../../engine/models/compared-model.ts';
import type { Model } from '../../engine/models/model.ts';
import { checkTasks } from '../../engine/scoring/check-tasks.ts';
import { preparePictures } from '../../engine/scoring/pictures/prepare-pictures.ts';
import type { PreparedTask } from '../../engine/scoring/prepared-task.ts';
import { pictureSettingsSchema } from '../../engine/train/settings/picture-settings.ts';
import { picturesSourceOf } from '../protocol/dataset-source.ts';
import type { ScoreSpecification } from '../protocol/score-schema.ts';
import { choosePictures } from '../run/pictures/choose-pictures.ts';
import { classTexts, type ClassTexts } from '../run/pictures/class-texts.ts';
import { spread } from '../run/pictures/spread.ts';
import { runSeeds } from '../run/run-seeds.ts';

/** A set of pictures as a model sees it, and what it is asked of each class. */
export interface SeenPictures {
  readonly set: ClassifiedSet;
  readonly view: PictureView;
  readonly texts: ClassTexts;
}

/**
 * Opens the pictures that are scored; null where rows of texts are.
 * @throws WorkbenchError naming the file, or the class whose prompt does not fit the model
 */
export const seePictures = async (
  { dataset, pictures, cacheDirectory }: ScoreSpecification,
  { architecture, folder }: Model,
  tokenizer: Tokenizer,
): Promise<SeenPictures | null> => {
  if (dataset?.format.kind !== 'pictures') return null;
  const { template, centre } = pictures ?? pictureSettingsSchema.parse({});
  const set = await openImportedClasses({ ...picturesSourceOf(dataset), cacheDirectory });
  const side = towersOf(architecture).pictures.input.shape.at(-1)!;
  return {
    set,
    view: centredView(readView(folder.directory, side), centre),
    texts: classTexts(set.classes, template, tokenizer, architecture),
  };
};

/** The pictures that runs are measured on, each by its place among them. A limit takes some from all over, as evaluations do. */
export const preparePictureTasks = (
  { tasks, dataset, seed }: ScoreSpecification,
  { set }: Pick<SeenPictures, 'set'>,
): PreparedTask[] => {
  checkTasks(tasks, 'class-prompts', dataset?.format ?? null);
  const { heldOut, part } = choosePictures(set, {
    settings: { shots: 'all' },
    shotsSeed: 0,
    validationFraction: dataset!.validationFraction,
    splitSeed: runSeeds(seed).split,
  });
  const numbered = heldOut.map((picture, item) => ({ ...picture, item }));
  return tasks.map(({ name, limit }) =>
    preparePictures({
      name,
      pictures: spread(numbered, limit ?? Infinity),
      classes: set.classes,
      notices: [`measured on ${part}`, ...set.notices],
    }),
  );
};

import { examplesOf, sequentialPictures } from '../../engine/data/pictures/loading/picture-loader.ts';
import { openImportedClasses } from '../../engine/data/pictures/sets/open-imported.ts';
import type {
  ClassifiedSet,
  LabelledPicture,
  PartName,
} from '../../engine/data/pictures/sets/picture-set.ts';
import { invalidInput } from '../../engine/errors.ts';
import { mapEmbeddings, unitRows } from '../../engine/scoring/pictures/map-embeddings.ts';
import type { AnswerOf } from '../protocol/classify-schema.ts';
import type { JobContext } from '../protocol/job.ts';
import type { PictureQuestion } from '../protocol/protocol.ts';
import { spread } from '../run/pictures/spread.ts';
import { assertFiniteOf } from './assert-finite-of.ts';
import { eachOnce } from './each-once.ts';
import type { OpenPictures } from './open-pictures.ts';

const picturesAtATime = 8;

type Question = Extract<PictureQuestion, { kind: 'map' }>;

/**
 * Where pictures of a set lie in the plane, by each arm: those to test on, or where there are none to validate with, or to train on; where they are
 * many, some from all over.
 * @param pause awaited between portions; throws where nobody waits any more
 * @throws WorkbenchError naming the set or the picture
 */
export const answerMap = async (
  { model, view, scorer }: OpenPictures,
  { arms, pictures: source, most }: Question,
  emit: JobContext['emit'],
  pause: () => Promise<void>,
): Promise<AnswerOf<'map'>> => {
  const began = performance.now();
  const set = await openImportedClasses(source);
  const [part, all] = partToMap(set);
  const entries = spread(all, most);
  if (entries.length < 3)
    throw invalidInput(
      `${source.trainFile}: has ${entries.length} pictures to show, and a map takes 3 at least`,
    );
  const different = [...new Set(arms.map((arm) => (scorer.isBase(arm, 'pictures') ? -1 : arm)))];
  const total = entries.length * different.length;
  const rows = new Map<number, Float32Array[]>();
  let done = 0;
  const pictures = sequentialPictures({
    ...{ folder: set.folder, entries, view, orientation: 'as-stored' },
    batchSize: picturesAtATime,
  });
  for await (const batch of pictures) {
    const pixels = examplesOf(batch).map(({ picture }) => picture());
    const embeddingsOf = eachOnce(scorer, 'pictures', (arm) => scorer.embedPictures(arm, pixels));
    for (const arm of arms) {
      await pause();
      const embeddings = await embeddingsOf(arm);
      for (const row of embeddings) assertFiniteOf(row, arm);
      rows.set(arm, [...(rows.get(arm) ?? []), ...embeddings]);
    }
    done += pixels.length * different.length;
    emit({ type: 'progress', phase: 'scoring', done, total });
  }
  await pause();
  return {
    kind: 'map',
    classes: [...set.classes],
    pictures: entries.map(({ name, label }) => ({ name, label })),
    part,
    of: all.length,
    arms: mapEmbeddings(arms.map((arm) => unitRows(rows.get(arm)!))),
    width: model.architecture.towers!.width,
    notices: [...set.notices],
    seconds: (performance.now() - began) / 1000,
  };
};

const partToMap = ({ parts }: ClassifiedSet): [PartName, readonly LabelledPicture[]] => {
  if (parts.test !== null) return ['test', parts.test];
  if (parts.validation !== null) return ['validation', parts.validation];
  return ['train', parts.train];
};

import type { Batching } from '../../engine/data/batches/batching.ts';
import { examplesOf, sequentialPictures } from '../../engine/data/pictures/loading/picture-loader.ts';
import { towersOf, withEmbeddings } from '../../engine/models/compared-model.ts';
import type { Model } from '../../engine/models/model.ts';
import { classPrompts, type ClassPicture } from '../../engine/objectives/class-prompts.ts';
import type { TextRow } from '../../engine/objectives/pictures/row-tensors.ts';
import { createPictureScorer, type PictureScorer } from '../../engine/scoring/pictures/picture-scorer.ts';
import type { PictureItem } from '../../engine/scoring/prepared-task.ts';
import { foldSubject, shapeKey } from '../../engine/scoring/subjects/fold-subject.ts';
import { isWithin } from '../../engine/scoring/subjects/on-part.ts';
import type { BaseInputs } from '../../engine/train/model/base-inputs.ts';
import { embedTexts } from '../run/pictures/embed-texts.ts';
import { orUnscored, type ScoringInProgress } from './scoring-in-progress.ts';
import type { Work } from './work-left.ts';

/** The model as a group of subjects needs it, and what it takes of each class. */
interface Asked {
  readonly model: Model;
  readonly prompts: readonly TextRow[];
}

/**
 * Scores all items that are pictures. Subjects whose adapters have the same shapes share one compiled model, and each picture is decoded once for all
 * of them.
 */
export const scorePictures = async (work: readonly Work[], inProgress: ScoringInProgress): Promise<void> => {
  const left = work.filter(({ task, subject }) => task.pictures.length > 0 && subject.problem === null);
  if (left.length === 0) return;
  const whole = inProgress.opened.model;
  const pictures = withEmbeddings(whole, 'texts');
  const isAsItIs = ({ subject }: Work): boolean => isWithin(subject.trained, pictures);
  const { rows } = inProgress.pictures!.texts;
  await scoreGroups(
    left.filter((each) => !isAsItIs(each)),
    { model: whole, prompts: rows },
    inProgress,
  );
  const others = left.filter(isAsItIs);
  if (others.length === 0) return;
  const prompts = await embeddedTexts(inProgress);
  await scoreGroups(others, { model: pictures, prompts }, inProgress);
};

const embeddedTexts = ({
  opened,
  pictures,
  specification: { threads, device },
  breathe,
}: ScoringInProgress): Promise<readonly TextRow[]> =>
  embedTexts(opened.model, pictures!.texts, { threads, device, onPortion: breathe });

const scoreGroups = async (
  work: readonly Work[],
  asked: Asked,
  inProgress: ScoringInProgress,
): Promise<void> => {
  const groups = Map.groupBy(work, ({ subject }) => shapeKey(subject.trained));
  for (const group of groups.values()) await scoreGroup(group, asked, inProgress);
};

const scoreGroup = async (
  group: readonly Work[],
  { model, prompts }: Asked,
  inProgress: ScoringInProgress,
): Promise<void> => {
  const { specification, pictures } = inProgress;
  const { threads, device, batchSize } = specification;
  const { positions, padId } = pictures!.texts;
  const trained = { ...group[0]!.subject.trained, model };
  const batching = classPrompts.batching({ towers: towersOf(model.architecture), prompts, padId });
  const scorer = await createPictureScorer({ ...trained, positions, batchSize, threads, device });
  try {
    const open: OpenWork[] = [];
    for (const work of group)
      open.push({ work, folded: await foldSubject({ ...work.subject.trained, model }), isGone: false });
    await scorePart(open, scorer, batching, inProgress);
  } finally {
    await scorer.release();
  }
};

interface OpenWork {
  readonly work: Work;
  readonly folded: BaseInputs;
  /** It gives no numbers any more. */
  isGone: boolean;
}

/** Every picture that a subject still lacks, in the order of the set. */
const scorePart = async (
  open: readonly OpenWork[],
  scorer: PictureScorer,
  batching: Batching<ClassPicture>,
  inProgress: ScoringInProgress,
): Promise<void> => {
  const { pictures, specification, breathe, portions } = inProgress;
  const lacking = open.map(({ work }) => new Map(work.task.pictures.map((each) => [each.item, each])));
  const entries = new Map(open.flatMap(({ work }) => work.task.pictures.map((each) => [each.item, each])));
  const batches = sequentialPictures<PictureItem>({
    folder: pictures!.set.folder,
    entries: [...entries.values()].toSorted((one, other) => one.item - other.item),
    view: pictures!.view,
    orientation: 'as-stored',
    batchSize: specification.batchSize,
  });
  for await (const seen of batches) {
    const batch = batching.assemble(batching.formRows(examplesOf(seen)));
    for (const [at, each] of open.entries()) {
      const own = seen.entries.map(({ item }) => lacking[at]!.get(item));
      if (each.isGone || own.every((item) => item === undefined)) continue;
      await breathe();
      each.isGone = true;
      await orUnscored(each.work, inProgress, async () => {
        const outcomes = await scorer.score(batch, each.folded);
        for (const [row, item] of own.entries())
          if (item !== undefined)
            portions.add(each.work.subject.id, each.work.task.facts.task, item.judge(outcomes[row]!));
        each.isGone = false;
      });
    }
  }
};

import { withTextStates } from '../../engine/models/diffusion-model.ts';
import type { Model } from '../../engine/models/model.ts';
import {
  createDenoisingScorer,
  type DenoisingScorer,
} from '../../engine/scoring/denoising/denoising-scorer.ts';
import { foldSubject, shapeKey } from '../../engine/scoring/subjects/fold-subject.ts';
import { isWithin } from '../../engine/scoring/subjects/on-part.ts';
import type { BaseInputs } from '../../engine/train/model/base-inputs.ts';
import { createConditions } from '../run/diffusion/conditions.ts';
import type { DiffusionMakers } from '../run/diffusion/diffusion-data.ts';
import { batchOfDraws } from '../run/diffusion/held-out-draws.ts';
import { noisyModelOf } from '../run/diffusion/open-encoders.ts';
import type { SeenDraws } from './prepare-draw-tasks.ts';
import { orUnscored, type ScoringInProgress } from './scoring-in-progress.ts';
import type { Work } from './work-left.ts';

type Makers = Pick<DiffusionMakers, 'model' | 'conditions' | 'latents'>;

/**
 * Scores all items that are draws. Texts are embedded once for the subjects that leave the text encoders as they are, the base among them; those whose
 * adapters have the same shapes share one compiled model and each batch.
 */
export const scoreDraws = async (work: readonly Work[], inProgress: ScoringInProgress): Promise<void> => {
  const { draws, opened } = inProgress;
  if (draws === null) return;
  const left = work.filter(({ task, subject }) => task.drawn.length > 0 && subject.problem === null);
  try {
    const denoiser = withTextStates(opened.model);
    const [given, whole] = [left.filter(isOn(denoiser)), left.filter((each) => !isOn(denoiser)(each))];
    await scoreOn(denoiser, given, draws, inProgress);
    await scoreOn(opened.model, whole, draws, inProgress);
  } finally {
    await draws.encoders.frozen.release();
  }
};

const isOn =
  (part: Model) =>
  ({ subject }: Work): boolean =>
    isWithin(subject.trained, part);

const scoreOn = async (
  model: Model,
  work: readonly Work[],
  draws: SeenDraws,
  inProgress: ScoringInProgress,
): Promise<void> => {
  if (work.length === 0) return;
  const { tokenizers, encoders, settings, captions } = draws;
  const makers: Makers = {
    model: noisyModelOf(model),
    latents: encoders.latents.of,
    conditions: createConditions(model, tokenizers, encoders.frozen, {
      long: settings.longCaptions,
      captions,
    }).of,
  };
  for (const group of Map.groupBy(work, ({ subject }) => shapeKey(subject.trained)).values())
    await scoreGroup(group, model, makers, draws, inProgress);
};

const scoreGroup = async (
  group: readonly Work[],
  model: Model,
  makers: Makers,
  draws: SeenDraws,
  inProgress: ScoringInProgress,
): Promise<void> => {
  const { threads, device, batchSize } = inProgress.specification;
  const scorer = await createDenoisingScorer({
    ...group[0]!.subject.trained,
    ...{ model, positions: draws.encoders.places, batchSize, threads, device },
  });
  try {
    for (const [task, ofTask] of Map.groupBy(group, (each) => each.task.facts.task)) {
      const open: OpenWork[] = [];
      for (const work of ofTask)
        open.push({ work, folded: await foldSubject({ ...work.subject.trained, model }), isGone: false });
      await scoreTask(task, open, scorer, makers, draws, inProgress);
    }
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

const scoreTask = async (
  task: string,
  open: readonly OpenWork[],
  scorer: DenoisingScorer,
  makers: Makers,
  { batches, settings }: SeenDraws,
  inProgress: ScoringInProgress,
): Promise<void> => {
  const { portions, breathe } = inProgress;
  const lacking = open.map(({ work }) => new Map(work.task.drawn.map((each) => [each.item, each])));
  for (const draws of batches.get(task) ?? []) {
    const asked = open.flatMap((each, at) => {
      const own = draws.map(({ item }) => lacking[at]!.get(item));
      return each.isGone || own.every((item) => item === undefined) ? [] : [{ each, own }];
    });
    if (asked.length === 0) continue;
    await breathe();
    const batch = await batchOfDraws(draws, settings, makers);
    for (const { each, own } of asked) {
      await breathe();
      each.isGone = true;
      await orUnscored(each.work, inProgress, async () => {
        const losses = await scorer.score(batch, each.folded);
        for (const [row, item] of own.entries())
          if (item !== undefined) portions.add(each.work.subject.id, task, item.judge(losses[row]!));
        each.isGone = false;
      });
    }
  }
};

import { openImported } from '../../engine/data/pictures/sets/open-imported.ts';
import { subjectOf } from '../../engine/data/pictures/sets/subject-set.ts';
import { loadPipelineTokenizers } from '../../engine/data/tokens/pipeline-tokenizers.ts';
import { invalidInput } from '../../engine/errors.ts';
import { diffusionOf } from '../../engine/models/diffusion-model.ts';
import type { Model } from '../../engine/models/model.ts';
import { checkTasks } from '../../engine/scoring/check-tasks.ts';
import { prepareDraws } from '../../engine/scoring/denoising/prepare-draws.ts';
import type { PreparedTask } from '../../engine/scoring/prepared-task.ts';
import { checkDrawnSides } from '../../engine/train/settings/drawn-side-checks.ts';
import type { DiffusionSettings } from '../../engine/train/settings/diffusion-settings.ts';
import type { Tokenizer } from '../../engine/data/tokens/tokenizer.ts';
import { picturesSourceOf } from '../protocol/dataset-source.ts';
import type { ScoreSpecification } from '../protocol/score-schema.ts';
import { captionsOfSet } from '../run/diffusion/captions.ts';
import { chooseSubject } from '../run/diffusion/choose-subject.ts';
import { sizedPictures } from '../run/diffusion/framed-pictures.ts';
import { batchesOfDraws, heldOutDraws, type HeldOutDraw } from '../run/diffusion/held-out-draws.ts';
import { openEncoders, pixelsOfStep, type Encoders } from '../run/diffusion/open-encoders.ts';
import { prepareMeasuring, type Measuring } from './measuring.ts';
import { spread } from '../run/pictures/spread.ts';
import { runSeeds } from '../run/run-seeds.ts';

/** A draw with its number among all of them. */
export type NumberedDraw = HeldOutDraw & { readonly item: number };

/** Tasks of a model that draws, with what makes their batches. */
export interface SeenDraws {
  readonly tasks: readonly PreparedTask[];
  /** By the task. They stay the same whatever is left to do, so that an item's numbers do not depend on when it is scored. */
  readonly batches: ReadonlyMap<string, readonly (readonly NumberedDraw[])[]>;
  readonly settings: DiffusionSettings;
  /** All of the set. */
  readonly captions: readonly string[];
  readonly tokenizers: readonly Tokenizer[];
  readonly encoders: Encoders;
  readonly measuring: Measuring;
}

const plural = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/**
 * What runs are measured on, draw by draw. A limit takes some from all over, as evaluations do.
 * @param whole the model with its VAE and text encoders
 * @throws WorkbenchError naming the task, the setting or the picture
 */
export const prepareDrawTasks = async (
  specification: ScoreSpecification,
  whole: Model,
): Promise<SeenDraws> => {
  const { tasks, dataset, diffusion: settings, seed, cacheDirectory, batchSize } = specification;
  checkTasks(tasks, 'noise', dataset?.format ?? null);
  const source = picturesSourceOf(dataset!);
  if (settings === null)
    throw invalidInput(
      'the model draws pictures, and nothing says in what size and by what prompt they are measured; a comparison does (nora comparison run)',
    );
  const set = subjectOf(await openImported({ ...source, cacheDirectory }));
  const { heldOut } = chooseSubject(set, {
    settings,
    validationFraction: source.validationFraction,
    splitSeed: runSeeds(seed).split,
  });
  checkDrawnSides(settings, pixelsOfStep(whole));
  const pictures = await sizedPictures(set, heldOut, settings);
  const { timesteps } = diffusionOf(whole.architecture);
  const draws = pictures
    .flatMap((picture) => heldOutDraws(picture, settings.heldOutDraws, timesteps))
    .map((draw, item): NumberedDraw => ({ ...draw, item }));
  const heldOutTasks = tasks.filter(({ kind }) => kind === 'held-out');
  const ofTasks = heldOutTasks.map(({ name, limit }) => ({ name, draws: spread(draws, limit ?? Infinity) }));
  const notices = [
    `measured on ${plural(pictures.length, 'picture')} of the ${settings.heldOut}, ${settings.heldOutDraws} times each, with the same noise for every arm`,
    ...set.notices,
  ];
  const measured = prepareMeasuring(specification, set);
  const losses = new Map(
    ofTasks.map((task) => [
      task.name,
      prepareDraws({
        name: task.name,
        draws: task.draws.map(({ item, picture: { name }, timestep }) => ({ item, name, timestep })),
        timesteps,
        notices,
      }),
    ]),
  );
  const others = new Map(measured.tasks.map((task) => [task.facts.task, task]));
  return {
    tasks: tasks.map(({ name }) => (losses.get(name) ?? others.get(name))!),
    batches: new Map(ofTasks.map((task) => [task.name, batchesOfDraws(task.draws, batchSize)])),
    settings,
    captions: captionsOfSet(set, settings),
    tokenizers: loadPipelineTokenizers(whole.folder),
    measuring: measured.measuring,
    encoders: openEncoders(whole, set, pictures, { ...specification, settings }),
  };
};

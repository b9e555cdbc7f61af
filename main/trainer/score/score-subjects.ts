import type { Classes } from '../../engine/data/examples/class-labels.ts';
import { paddingId } from '../../engine/data/tokens/padding-id.ts';
import { loadTokenizer } from '../../engine/data/tokens/tokenizer.ts';
import type { Model } from '../../engine/models/model.ts';
import type { PreparedTask } from '../../engine/scoring/prepared-task.ts';
import { drawsPictures } from '../../engine/train/settings/picture-checks.ts';
import { assertModelStayed } from '../export/model-in-use.ts';
import { requireDevice } from '../measure/probe-device.ts';
import type { JobContext } from '../protocol/job.ts';
import type { Phase } from '../protocol/protocol.ts';
import type { ScoreSpecification } from '../protocol/score-schema.ts';
import { baseNotices } from '../run/base-notices.ts';
import { openSubjects } from './open-subjects.ts';
import { createPortions } from './portions.ts';
import { prepareDrawTasks } from './prepare-draw-tasks.ts';
import { preparePictureTasks, seePictures } from './prepare-picture-tasks.ts';
import { prepareTasks } from './prepare-tasks.ts';
import { scoreDraws } from './score-draws.ts';
import { scoreLikelihood } from './score-likelihood.ts';
import { scoreMeasured } from './score-measured.ts';
import { scorePictures } from './score-pictures.ts';
import { scoreWritten } from './score-written.ts';
import { Stopped, type ScoringInProgress } from './scoring-in-progress.ts';
import { workLeft, type Work } from './work-left.ts';

/**
 * Scores adapters, and the base itself, on tasks, item by item. Told to pause or cancel, it reports what it has and ends; a later job that
 * is told what is `done` goes on from there.
 */
export const scoreSubjects = async (
  specification: ScoreSpecification,
  context: JobContext,
): Promise<void> => {
  const started = performance.now();
  const portions = createPortions(context.emit);
  try {
    await score(specification, context, portions);
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    portions.flush();
    return context.emit({ type: 'cancelled', step: portions.count() });
  }
  await assertModelStayed(specification);
  context.emit({ type: 'scored', items: portions.count(), seconds: (performance.now() - started) / 1000 });
};

const score = async (
  specification: ScoreSpecification,
  context: JobContext,
  portions: ScoringInProgress['portions'],
): Promise<void> => {
  const { emit, shouldStop } = context;
  const report = async (phase: Phase, done: number, total: number): Promise<void> => {
    emit({ type: 'progress', phase, done, total });
    await new Promise((resolve) => setImmediate(resolve)); // messages come in between batches only
    if (shouldStop() !== null) throw new Stopped();
  };

  await report('loading', 0, 1);
  await requireDevice(specification.device, specification.baseFormat);
  const opened = openSubjects(specification);
  const { model, classes, subjects } = opened;

  await report('preparing-data', 0, 1);
  const { tasks, padId, pictures, draws, notices } = await prepare(specification, model, classes);
  for (const { facts } of tasks) emit({ type: 'task-read', facts });
  for (const message of [...model.notices, ...notices, ...baseNotices(model)])
    emit({ type: 'notice', message });

  const work = workLeft(specification, subjects, tasks);
  const total = work.reduce((sum, each) => sum + itemsOf(each), 0);
  const inProgress: ScoringInProgress = {
    specification,
    opened,
    padId,
    pictures,
    draws,
    portions,
    context,
    breathe: () => report('scoring', portions.count(), total),
  };
  for (const { subject, task } of work)
    if (subject.problem !== null)
      emit({ type: 'unscored', subject: subject.id, task: task.facts.task, message: subject.problem });
  await scoreLikelihood(work, inProgress);
  await scoreWritten(work, inProgress);
  await scorePictures(work, inProgress);
  await scoreDraws(work, inProgress);
  await scoreMeasured(work, inProgress);
  await report('scoring', portions.count(), total);
  portions.flush();
};

/** Tasks with what scoring them takes besides. */
interface Prepared extends Pick<ScoringInProgress, 'padId' | 'pictures' | 'draws'> {
  readonly tasks: readonly PreparedTask[];
  /** Of the tokenizers. */
  readonly notices: readonly string[];
}

const prepare = async (
  specification: ScoreSpecification,
  model: Model,
  classes: Classes | null,
): Promise<Prepared> => {
  const { folder, architecture } = model;
  if (drawsPictures(architecture.objective)) {
    const draws = await prepareDrawTasks(specification, model);
    const notices = draws.tokenizers.flatMap((tokenizer) => tokenizer.notices);
    return { tasks: draws.tasks, padId: 0, pictures: null, draws, notices };
  }
  const tokenizer = loadTokenizer(folder.directory);
  const padId = paddingId(tokenizer, architecture.vocabularySize);
  const { notices } = tokenizer;
  const pictures = await seePictures(specification, model, tokenizer);
  const tasks =
    pictures === null
      ? prepareTasks(specification, model, tokenizer, classes)
      : preparePictureTasks(specification, pictures);
  return { tasks, padId, pictures, draws: null, notices };
};

const itemsOf = ({ subject, task }: Work): number =>
  subject.problem === null
    ? task.likelihood.length +
      task.written.length +
      task.pictures.length +
      task.drawn.length +
      task.measured.length
    : 0;

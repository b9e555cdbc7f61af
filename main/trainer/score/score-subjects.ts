import { paddingId } from '../../engine/data/tokens/padding-id.ts';
import { loadTokenizer } from '../../engine/data/tokens/tokenizer.ts';
import { assertModelStayed } from '../export/model-in-use.ts';
import { requireDevice } from '../measure/probe-device.ts';
import type { JobContext } from '../protocol/job.ts';
import type { Phase } from '../protocol/protocol.ts';
import type { ScoreSpecification } from '../protocol/score-schema.ts';
import { baseNotices } from '../run/base-notices.ts';
import { openSubjects } from './open-subjects.ts';
import { createPortions } from './portions.ts';
import { preparePictureTasks, seePictures } from './prepare-picture-tasks.ts';
import { prepareTasks } from './prepare-tasks.ts';
import { scoreLikelihood } from './score-likelihood.ts';
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
  const tokenizer = loadTokenizer(model.folder.directory);
  const seen = await seePictures(specification, model, tokenizer);
  const tasks =
    seen === null
      ? prepareTasks(specification, model, tokenizer, classes)
      : preparePictureTasks(specification, seen);
  for (const { facts } of tasks) emit({ type: 'task-read', facts });
  for (const message of [...model.notices, ...tokenizer.notices, ...baseNotices(model)])
    emit({ type: 'notice', message });

  const work = workLeft(specification, subjects, tasks);
  const total = work.reduce((sum, each) => sum + itemsOf(each), 0);
  const inProgress: ScoringInProgress = {
    specification,
    opened,
    padId: paddingId(tokenizer, model.architecture.vocabularySize),
    pictures: seen,
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
  await report('scoring', portions.count(), total);
  portions.flush();
};

const itemsOf = ({ subject, task }: Work): number =>
  subject.problem === null ? task.likelihood.length + task.written.length + task.pictures.length : 0;

import { WorkbenchError } from '../../engine/errors.ts';
import type { JobContext } from '../protocol/job.ts';
import type { ScoreSpecification } from '../protocol/score-schema.ts';
import type { OpenedSubjects } from './open-subjects.ts';
import type { Portions } from './portions.ts';
import type { SeenDraws } from './prepare-draw-tasks.ts';
import type { SeenPictures } from './prepare-picture-tasks.ts';
import type { Work } from './work-left.ts';

/** Thrown to leave a job between two batches when it is told to stop. */
export class Stopped extends Error {}

/** What every part of a score job works with. */
export interface ScoringInProgress {
  readonly specification: ScoreSpecification;
  readonly opened: OpenedSubjects;
  readonly padId: number;
  /** How pictures are seen and what is asked of them; null where texts are scored. */
  readonly pictures: SeenPictures | null;
  /** Of a model that draws; null elsewhere. */
  readonly draws: SeenDraws | null;
  readonly portions: Portions;
  readonly context: JobContext;
  /** Tells how far the job is, lets messages in, and throws `Stopped` where it is to end. */
  readonly breathe: () => Promise<void>;
}

/**
 * Does a part of the work. What a subject itself is to blame for (it gives no numbers any more) is reported, and the job goes on with the
 * others.
 */
export const orUnscored = async (
  { subject, task }: Work,
  { context, portions }: ScoringInProgress,
  score: () => Promise<void>,
): Promise<void> => {
  try {
    await score();
  } catch (error) {
    if (!(error instanceof WorkbenchError)) throw error;
    portions.flush();
    const { message } = error;
    context.emit({ type: 'unscored', subject: subject.id, task: task.facts.task, message });
  }
};

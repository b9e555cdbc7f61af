import type { Orientation } from '../../engine/data/pictures/decode/decoding.ts';
import type { PictureEntry, SubjectSet } from '../../engine/data/pictures/sets/picture-set.ts';
import { invalidInput } from '../../engine/errors.ts';
import { prepareMeasured } from '../../engine/scoring/fidelity/prepare-measured.ts';
import type { PreparedTask } from '../../engine/scoring/prepared-task.ts';
import type { Task, TaskOf } from '../../engine/scoring/task.ts';
import { measuresOf } from '../fidelity/instrument.ts';
import type { ScoreInstrument, ScoreSpecification } from '../protocol/score-schema.ts';

/** The real pictures that drawn ones are compared with. */
export interface RealPictures {
  readonly folder: string;
  readonly entries: readonly PictureEntry[];
  readonly orientation: Orientation;
}

/** What drawing and measuring pictures takes, by the task. */
export interface Measuring {
  readonly tasks: ReadonlyMap<string, TaskOf<'drawn'>>;
  /** Of each task those that are there, in its order. */
  readonly instruments: ReadonlyMap<string, readonly ScoreInstrument[]>;
  readonly real: RealPictures;
}

const isOfPictures = (task: Task): task is TaskOf<'drawn'> => task.kind === 'drawn';

/**
 * @param set what was trained on: its pictures of the subject are the real ones
 * @throws WorkbenchError naming the task, where none of its models is there, or two measure the same
 */
export const prepareMeasuring = (
  { tasks, instruments }: Pick<ScoreSpecification, 'tasks' | 'instruments'>,
  set: SubjectSet,
): { readonly measuring: Measuring; readonly tasks: readonly PreparedTask[] } => {
  const asked = tasks.filter(isOfPictures);
  const entries = set.parts.train.filter(({ prior }) => !prior);
  const there = new Map(asked.map((task) => [task.name, instrumentsOf(task, instruments)]));
  return {
    measuring: {
      tasks: new Map(asked.map((task) => [task.name, task])),
      instruments: there,
      real: { folder: set.folder, entries, orientation: set.decoding.orientation },
    },
    tasks: asked.map((task) =>
      prepareMeasured(task, [
        `compared with ${entries.length === 1 ? 'the one picture' : `all ${entries.length} pictures`} of the subject, those that are trained on among them`,
        ...absentOf(task, there.get(task.name)!),
      ]),
    ),
  };
};

const instrumentsOf = (
  { name, models }: TaskOf<'drawn'>,
  instruments: readonly ScoreInstrument[],
): ScoreInstrument[] => {
  const found = models.flatMap((model) => instruments.find((one) => one.name === model) ?? []);
  if (found.length === 0)
    throw invalidInput(
      `task ${name}: none of its models is in the library (${models.join(', ')}): import one, or leave the task out`,
    );
  const by = new Map<string, string>();
  for (const { name: model, directory } of found) {
    const { subject } = measuresOf(directory);
    const other = by.get(subject);
    if (other !== undefined)
      throw invalidInput(
        `task ${name}: "${other}" and "${model}" both measure ${subject}: leave one out, or make a task of each`,
      );
    by.set(subject, model);
  }
  return found;
};

const absentOf = ({ models }: TaskOf<'drawn'>, there: readonly ScoreInstrument[]): string[] =>
  models
    .filter((model) => !there.some(({ name }) => name === model))
    .map((model) => `"${model}" is not in the library, so nothing was measured by it`);

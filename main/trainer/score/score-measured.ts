import { promptFidelity, subjectFidelity, withoutWord } from '../../engine/scoring/fidelity/fidelity.ts';
import { scoreOfMeasure } from '../../engine/scoring/fidelity/prepare-measured.ts';
import type { ScoreValues } from '../../engine/scoring/item-result.ts';
import type { MeasuredItem } from '../../engine/scoring/prepared-task.ts';
import type { TaskOf } from '../../engine/scoring/task.ts';
import { invalidInput } from '../../engine/errors.ts';
import { assertModelStayed } from '../export/model-in-use.ts';
import { openInstrument, type Instrument } from '../fidelity/instrument.ts';
import { drawMeasured, type MeasuredPictures } from './draw-measured.ts';
import type { Measuring, RealPictures } from './measuring.ts';
import { orUnscored, type ScoringInProgress } from './scoring-in-progress.ts';
import type { Work } from './work-left.ts';

const picturesAtATime = 8;

/** A subject with what it drew, and what was measured of it so far: an entry for each of the task's items. */
interface Drawn {
  readonly work: Work;
  readonly pictures: MeasuredPictures;
  readonly values: readonly ScoreValues[];
  /** It gives no numbers any more. */
  isGone: boolean;
}

/** Scores all items that are pictures to draw: each subject draws first, then one model after the other measures what all of them drew. */
export const scoreMeasured = async (work: readonly Work[], inProgress: ScoringInProgress): Promise<void> => {
  const measuring = inProgress.draws?.measuring;
  const left = work.filter(({ task, subject }) => task.measured.length > 0 && subject.problem === null);
  if (measuring === undefined || left.length === 0) return;
  for (const [name, ofTask] of Map.groupBy(left, ({ task }) => task.facts.task))
    await scoreTask(measuring.tasks.get(name)!, ofTask, measuring, inProgress);
};

const scoreTask = async (
  task: TaskOf<'drawn'>,
  work: readonly Work[],
  { instruments, real }: Measuring,
  inProgress: ScoringInProgress,
): Promise<void> => {
  const all: Drawn[] = [];
  for (const each of work)
    await orUnscored(each, inProgress, async () => {
      const pictures = await drawMeasured(task, each, inProgress);
      all.push({ work: each, pictures, values: pictures.entries.map(() => ({})), isGone: false });
    });
  const { threads } = inProgress.specification;
  for (const { directory, modelFiles } of instruments.get(task.name)!) {
    const breathe = (): Promise<void> => inProgress.breathe();
    const instrument = openInstrument(directory, { batchSize: picturesAtATime, threads, breathe });
    for (const message of instrument.notices) inProgress.context.emit({ type: 'notice', message });
    await measureAll(instrument, task, all, real, inProgress);
    await assertModelStayed({ modelDirectory: directory, ...(modelFiles && { modelFiles }) });
  }
  for (const { work: each, values, isGone } of all)
    if (!isGone)
      for (const item of each.task.measured)
        inProgress.portions.add(each.subject.id, task.name, resultOf(item, values[item.item]!));
};

const measureAll = async (
  instrument: Instrument,
  task: TaskOf<'drawn'>,
  all: readonly Drawn[],
  real: RealPictures,
  inProgress: ScoringInProgress,
): Promise<void> => {
  const subject = await instrument.pictures(real);
  for (const drawn of all) {
    if (drawn.isGone) continue;
    drawn.isGone = true;
    await orUnscored(drawn.work, inProgress, async () => {
      const { folder, entries } = drawn.pictures;
      const seen = await instrument.pictures({ folder, entries, orientation: 'as-stored' });
      note(drawn, instrument.subject, subjectFidelity(seen, subject));
      if (instrument.prompt !== null) {
        const asked = drawn.pictures.entries.map(({ prompt }) => askedOf(prompt, task));
        const { rows, cut } = await instrument.texts(asked);
        note(drawn, instrument.prompt, promptFidelity(seen, rows));
        if (cut > 0)
          inProgress.context.emit({
            type: 'notice',
            message: `${instrument.prompt}: ${cut} prompts are longer than the model takes, and lost their end`,
          });
      }
      drawn.isGone = false;
    });
  }
};

const note = ({ values }: Drawn, measure: string, measured: readonly number[]): void => {
  const score = scoreOfMeasure(measure);
  measured.forEach((value, at) => (values[at]![score] = value));
};

const askedOf = (prompt: string, { name, leaveOut }: TaskOf<'drawn'>): string => {
  const asked = leaveOut === null ? prompt : withoutWord(prompt, leaveOut);
  if (asked !== '') return asked;
  throw invalidInput(`task ${name}: nothing is left of the prompt "${prompt}" without "${leaveOut}"`);
};

const resultOf = ({ item, prompt, seed }: MeasuredItem, values: ScoreValues) => ({
  item,
  prompt,
  expected: null,
  answer: null,
  weight: 1,
  values,
  detail: { seed },
});

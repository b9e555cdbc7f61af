import { invalidInput } from '../../errors.ts';
import type { Examples } from '../task.ts';
import { pythonRandom } from './python-random.ts';

/**
 * Which rows of the examples' file each question is shown, in their order. Without a seed the first ones, the same for all (lm-evaluation-harness'
 * sampler `first_n`). With one, others for each question, drawn question by question from the whole file (its default, where `--seed`'s fourth
 * number is this one: 1234 unless given).
 * @param rows of the examples' file
 * @throws WorkbenchError where it has too few
 */
export const drawExamples = (
  { count, seed }: Examples,
  { rows, questions, file }: { readonly rows: number; readonly questions: number; readonly file: string },
): number[][] => {
  if (rows < count)
    throw invalidInput(
      `${file}: has ${rows} rows, and ${count} are to be shown as examples (examples.count)`,
    );
  if (seed === null) {
    const first = Array.from({ length: count }, (_, row) => row);
    return Array.from({ length: questions }, () => first);
  }
  const random = pythonRandom(seed);
  return Array.from({ length: questions }, () => random.sample(rows, count));
};

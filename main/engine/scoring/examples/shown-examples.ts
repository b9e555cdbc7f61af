import type { Dataset } from '../../data/files/dataset-file.ts';
import { invalidInput } from '../../errors.ts';
import type { Examples } from '../task.ts';
import { drawExamples } from './draw-examples.ts';

/** A solved question as it is shown before another. */
export interface Solved {
  /** What is asked: rows that ask the same are one question. */
  readonly question: string;
  readonly text: string;
}

/** Between an example and what follows it, as lm-evaluation-harness has it. */
export const exampleDelimiter = '\n\n';

export interface ShownOptions {
  readonly examples: Examples;
  /** Of the examples. */
  readonly dataset: Dataset;
  readonly solve: (row: number) => Solved;
  /** What is scored, and where it stands. */
  readonly questions: readonly { readonly question: string; readonly place: string }[];
}

/**
 * The text that stands before each question: its examples.
 * @throws WorkbenchError naming file and line of an example that is scored too
 */
export const shownExamples = ({ examples, dataset, solve, questions }: ShownOptions): string[] => {
  const drawn = drawExamples(examples, {
    rows: dataset.rows.length,
    questions: questions.length,
    file: dataset.name,
  });
  const scored = new Map(questions.map(({ question, place }) => [question, place]));
  const solved = new Map<number, string>();
  const textOf = (row: number): string => {
    const known = solved.get(row);
    if (known !== undefined) return known;
    const { question, text } = solve(row);
    const place = scored.get(question);
    if (place !== undefined)
      throw invalidInput(
        `${dataset.name}, line ${dataset.lineOf(row)}: this example is scored too (${place}); take examples from rows that are not scored`,
      );
    solved.set(row, text);
    return text;
  };
  return drawn.map((rows) => rows.map((row) => `${textOf(row)}${exampleDelimiter}`).join(''));
};

/** For people: what is shown, and whose way that is. */
export const examplesNotice = ({ count, seed }: Examples, file: string): string =>
  seed === null
    ? `the first ${count} rows of ${file} are shown before each question (lm-evaluation-harness' first_n)`
    : `${count} rows of ${file} are shown before each question, drawn for each by the seed ${seed} as lm-evaluation-harness does`;

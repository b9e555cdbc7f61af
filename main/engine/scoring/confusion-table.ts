import type { Confusion } from './confusion.ts';

/** Cells as texts; the first column is a class that is right. */
export interface ConfusionTable {
  readonly titles: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** What a row and a column are. */
  readonly words: string;
}

/** A matrix of more classes is wider than a page. */
const mostClasses = 12;
const mostMistakes = 20;

/** The whole matrix of a few classes; of many, the mistakes that were made most often. Pure: it runs in a browser too. */
export const confusionTable = ({ classes, counts }: Confusion): ConfusionTable => {
  if (classes.length <= mostClasses)
    return {
      titles: ['right', ...classes],
      rows: classes.map((name, at) => [name, ...counts[at]!.map(String)]),
      words: 'a line for each right class, a column for what was said',
    };
  const mistakes = classes
    .flatMap((right, row) => classes.map((said, column) => ({ right, said, count: counts[row]![column]! })))
    .filter(({ right, said, count }) => right !== said && count > 0)
    .toSorted((one, other) => other.count - one.count);
  return {
    titles: ['right', 'said', 'times'],
    rows: mistakes.slice(0, mostMistakes).map(({ right, said, count }) => [right, said, String(count)]),
    words: `of ${classes.length} classes, ${mistakes.length > mostMistakes ? `the ${mostMistakes} commonest of ${mistakes.length} mistakes` : 'every mistake'}`,
  };
};

import type { Row } from '../../data/files/dataset-file.ts';

/** A question with choices, whatever form its row has. */
export interface ChoiceItem {
  /** A blank to be filled is `_`. */
  readonly question: string;
  /** A text that the question is about; '' where there is none. */
  readonly passage: string;
  /** Two at least, none empty. */
  readonly choices: readonly string[];
  /** What the file calls each choice: answer1, A, 0. */
  readonly labels: readonly string[];
  /** Index of the right choice. */
  readonly answer: number;
  /** The row as it would be, were that choice the right one. */
  readonly rowFor: (choice: number) => Row;
}

/** With file and line, for errors. */
export interface PlacedChoiceItem extends ChoiceItem {
  readonly place: string;
}

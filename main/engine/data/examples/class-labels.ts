import { invalidInput } from '../../errors.ts';
import { isWrittenFloat } from '../../formats/written-number.ts';

/** The classes that a model's head scores. */
export type HeadClasses =
  /** By name, as config.json has them. */
  | { readonly kind: 'named'; readonly names: readonly string[] }
  /** So many, without names of their own (LABEL_0, LABEL_1, ...). */
  | { readonly kind: 'numbered'; readonly count: number }
  /** There is no head yet: the data say which classes it will have. */
  | { readonly kind: 'new' };

export interface Classes {
  /** In the order of the head's logits. */
  readonly names: readonly string[];
  /** The class of each label that may stand in the data. */
  readonly idOf: ReadonlyMap<string, number>;
}

/**
 * A row's label as text: class names, whole numbers, true and false.
 * @param place file, line and column, for errors
 */
export const readLabel = (value: unknown, place: string): string => {
  const label = labelText(isWrittenFloat(value) ? value.float : value).trim();
  if (label !== '') return label;
  throw invalidInput(
    `${place}: the label is ${value === undefined ? 'missing' : excerpt(value)}; it should be the name of a class or a whole number`,
  );
};

/** Whole numbers with all of their digits; 1.0 is the class 1, as tables write numbers where some are missing. */
const labelText = (value: unknown): string =>
  typeof value === 'string' ||
  typeof value === 'boolean' ||
  typeof value === 'bigint' ||
  Number.isInteger(value)
    ? String(value)
    : '';

/**
 * Which class each label stands for: as the model's own names say; or a whole number is the class itself; or the labels in order are
 * the classes, numbers by value and names by the alphabet.
 * @param labels all that stand in the training data
 * @throws invalid-input where there are fewer than two classes, or more than the head has
 */
export const mapLabels = (labels: Iterable<string>, head: HeadClasses): Classes => {
  const distinct = [...new Set(labels)];
  if ((head.kind === 'named' && head.names.length < 2) || (head.kind === 'numbered' && head.count < 2))
    throw invalidInput("the model's head has a single output: it was made to give a number, not a class");
  if (head.kind === 'named') return named(head.names);
  if (head.kind === 'numbered') {
    const names = Array.from({ length: head.count }, (_, id) => genericName(id));
    if (distinct.every((label) => isWhole(label) || names.includes(label))) return named(names);
    return named(takeNames(inOrder(distinct), names));
  }
  if (distinct.length < 2)
    throw invalidInput(`every row has the label "${distinct[0] ?? ''}": a classifier needs at least two`);
  return named(inOrder(distinct));
};

/** What transformers calls a class that nobody named. */
export const genericName = (id: number): string => `LABEL_${id}`;

const isWhole = (label: string): boolean => /^\d+$/.test(label);

const inOrder = (labels: readonly string[]): string[] =>
  labels.every(isWhole)
    ? labels.toSorted((a, b) => Number(BigInt(a) > BigInt(b)) - Number(BigInt(a) < BigInt(b)))
    : labels.toSorted();

/** A class goes by its name, and by its number where that is no other class's name. */
const named = (names: readonly string[]): Classes => ({
  names,
  idOf: new Map([
    ...names.map((_, id): [string, number] => [String(id), id]),
    ...names.map((name, id): [string, number] => [name, id]),
  ]),
});

/** The head's first classes get the data's names. */
const takeNames = (found: readonly string[], generic: readonly string[]): string[] => {
  if (found.length > generic.length)
    throw invalidInput(
      `the data has ${found.length} classes (${someOf(found)}), the model's head scores ${generic.length}`,
    );
  return [...found, ...generic.slice(found.length)];
};

/** The first few of a list, in one line. */
export const someOf = (names: readonly string[], most = 10): string =>
  names.length > most ? `${names.slice(0, most).join(', ')}, ...` : names.join(', ');

const excerpt = (value: unknown): string => {
  const text = isWrittenFloat(value)
    ? value.source
    : value === ''
      ? 'empty'
      : (JSON.stringify(value) ?? String(value));
  return text.length > 40 ? `${text.slice(0, 37)}...` : text;
};

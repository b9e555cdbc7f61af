import type { Dataset, Row } from '../../data/files/dataset-file.ts';
import { invalidInput } from '../../errors.ts';
import type { PlacedChoiceItem } from './choice-item.ts';
import { choiceForms, type ChoiceForm } from './forms.ts';

export interface ReadChoices {
  readonly form: ChoiceForm;
  readonly items: readonly PlacedChoiceItem[];
}

/**
 * Reads a file of multiple choice questions, in whichever published form it is.
 * @param limit rows at most
 * @throws WorkbenchError naming file and line: of an unknown form, or of a row that has no answer, one choice only, or an empty one
 */
export const readChoices = (dataset: Dataset, limit: number | null = null): ReadChoices => {
  const first = dataset.rows.at(0);
  const form = choiceForms.find((each) => each.recognises(first));
  if (form === undefined) throw unknownForm(dataset, first);
  const count = Math.min(dataset.rows.length, limit ?? Infinity);
  const items = Array.from({ length: count }, (_, index) => {
    const place = `${dataset.name}, line ${dataset.lineOf(index)}`;
    return checked(form, dataset.rows.at(index), place);
  });
  return { form, items };
};

const checked = (form: ChoiceForm, row: Row, place: string): PlacedChoiceItem => {
  if (!form.recognises(row))
    throw invalidInput(`${place}: is not in the form of the file's first row (${form.name})`);
  const item = form.read(row, place);
  const { choices, labels, answer, question } = item;
  if (choices.length < 2)
    throw invalidInput(`${place}: has ${choices.length} choice; there is nothing to choose`);
  if (labels.length !== choices.length)
    throw invalidInput(`${place}: has ${choices.length} choices and ${labels.length} labels`);
  const empty = choices.findIndex((choice) => choice.trim() === '');
  if (empty !== -1) throw invalidInput(`${place}: choice ${labels[empty]} is empty`);
  if (question.trim() === '') throw invalidInput(`${place}: the question is empty`);
  if (answer === -1) throw invalidInput(`${place}: the answer is none of the choices (${labels.join(', ')})`);
  return { ...item, place };
};

const unknownForm = ({ name, lineOf }: Dataset, row: Row): Error =>
  invalidInput(
    `${name}, line ${lineOf(0)}: no known form of multiple choice questions has the columns ${Object.keys(row).join(', ')}; known are ${choiceForms.map((form) => form.name).join(', ')}`,
  );

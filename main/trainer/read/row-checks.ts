import { readLabel } from '../../engine/data/examples/class-labels.ts';
import { checkTemplate } from '../../engine/data/chat/own-template.ts';
import { readConversation } from '../../engine/data/chat/conversation.ts';
import type { Row } from '../../engine/data/files/dataset-file.ts';
import type { RowVisitor } from '../../engine/data/files/dataset-survey.ts';
import { usedColumns } from '../../engine/data/files/dataset-format.ts';
import type { DatasetFormat } from '../../engine/data/files/dataset-format.ts';
import { checkNothingLost, type RecognisedForm } from '../../engine/data/files/recognise-form.ts';
import { scalarText } from '../../engine/formats/written-number.ts';
import { invalidInput } from '../../engine/errors.ts';

/**
 * Checks that a row has what the format takes from it.
 * @throws WorkbenchError naming the file, line and column
 */
export const rowChecker = (format: DatasetFormat): RowVisitor => {
  const columns = format.kind === 'chat' ? [] : usedColumns(format);
  if (format.kind === 'chat' && format.template !== undefined) checkTemplate(format.template);
  return (row, place) => {
    if (format.kind === 'chat') readConversation(row, format, place);
    if (format.kind === 'classification') readLabel(row[format.label], `${place}, ${format.label}`);
    for (const column of columns) {
      if (!Object.hasOwn(row, column)) throw invalidInput(`${place}: column "${column}" is missing`);
      if (scalarText(row[column]) === undefined)
        throw invalidInput(`${place}: column "${column}" holds a list or an object, not text`);
    }
  };
};

/** The same for a format that was guessed: it must not leave out what changes a row's meaning. */
export const formChecker = (form: RecognisedForm): RowVisitor => {
  const check = rowChecker(form.format);
  return (row, place) => {
    check(row, place);
    checkNothingLost(form, row, place);
  };
};

/** Where nothing fits the columns. */
export const refuseUnclear = (rows: readonly Row[], name: string): never => {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  throw invalidInput(
    `${name}: say which of the columns to train on: ${columns.map((column) => `"${column}"`).join(', ')}`,
  );
};

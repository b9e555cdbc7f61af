import { readLabel } from '../engine/data/class-labels.ts';
import { readConversation } from '../engine/data/conversation.ts';
import type { RowVisitor } from '../engine/data/dataset-survey.ts';
import { columnsOf } from '../engine/data/dataset-format.ts';
import type { DatasetFormat } from '../engine/data/dataset-format.ts';
import { invalidInput } from '../engine/errors.ts';

/**
 * Checks that a row has what the format takes from it.
 * @throws WorkbenchError naming the file, line and column
 */
export const rowChecker = (format: DatasetFormat): RowVisitor => {
  const columns = textColumns(format);
  return (row, place) => {
    if (format.kind === 'chat') readConversation(row, format, place);
    if (format.kind === 'classification') readLabel(row[format.label], `${place}, ${format.label}`);
    for (const column of columns) {
      if (!Object.hasOwn(row, column)) throw invalidInput(`${place}: column "${column}" is missing`);
      if (typeof row[column] === 'object' && row[column] !== null)
        throw invalidInput(`${place}: column "${column}" holds a list or an object, not text`);
    }
  };
};

/** The columns that each format takes texts from. */
const textColumns = (format: DatasetFormat): string[] => {
  switch (format.kind) {
    case 'chat':
      return [];
    case 'text':
      return [format.column];
    case 'prompt-completion':
      return [...columnsOf(format.prompt), ...columnsOf(format.completion)];
    case 'classification':
      return [...columnsOf(format.text), ...(format.pair === undefined ? [] : columnsOf(format.pair))];
  }
};

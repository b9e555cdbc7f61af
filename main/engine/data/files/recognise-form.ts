import { WorkbenchError } from '../../errors.ts';
import { columnKinds, isEmpty, type Columns } from './column-kinds.ts';
import type { DatasetFormat } from './dataset-format.ts';
import { knownForms, type ColumnNeed } from './known-forms.ts';

type Row = Readonly<Record<string, unknown>>;

/** What the columns of a file were taken for. */
export interface RecognisedForm {
  readonly name: string;
  readonly format: DatasetFormat;
  /** Columns that change what a row means and that the format doesn't use: they must hold nothing. */
  readonly mustBeEmpty: readonly string[];
}

/**
 * Guesses from the columns and what they hold. Undefined: the person must say.
 * @param file for errors
 * @throws WorkbenchError 'unsupported' for forms that can't be trained on as they are, with what to do
 */
export const recogniseForm = (rows: Iterable<Row>, file: string): RecognisedForm | undefined => {
  const columns = columnKinds(rows);
  for (const { name, columns: needs, reads, mustBeEmpty = [] } of knownForms) {
    const found = needs.map((each) => findColumn(columns, each));
    if (!found.every((column) => column !== undefined) || new Set(found).size < found.length) continue;
    const read = reads(found, columns);
    if ('refused' in read)
      throw new WorkbenchError('unsupported', `${file}: looks like ${name}: ${read.refused}`);
    return { name, format: read, mustBeEmpty: mustBeEmpty.filter((column) => columns.has(column)) };
  }
  const [only, ...others] = columns;
  return only?.[1] === 'text' && others.length === 0
    ? { name: 'texts', format: { kind: 'text', column: only[0] }, mustBeEmpty: [] }
    : undefined;
};

const findColumn = (columns: Columns, { names, kinds }: ColumnNeed): string | undefined =>
  names.find((name) => kinds.includes(columns.get(name)!));

/**
 * Checks that a row says nothing that the form's format would leave out.
 * @param place file and line, for errors
 */
export const checkNothingLost = (
  { name, format, mustBeEmpty }: RecognisedForm,
  row: Row,
  place: string,
): void => {
  const lost = mustBeEmpty.find((column) => !isEmpty(row[column]));
  if (lost === undefined) return;
  const ways =
    format.kind === 'prompt-completion' && lost === 'system'
      ? `a column "messages", or the prompt "{system}\\n${format.prompt.includes('{') ? format.prompt.replaceAll('\n', '\\n') : `{${format.prompt}}`}"`
      : 'a column "messages"';
  throw new WorkbenchError(
    'unsupported',
    `${place}: looks like ${name}, with a column "${lost}" that changes what a row means; write the rows as chats, in ${ways}, or say which columns to train on`,
  );
};

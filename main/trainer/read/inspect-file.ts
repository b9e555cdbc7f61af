import { exampleParts } from '../../engine/data/examples/example-parts.ts';
import { columnKinds } from '../../engine/data/files/column-kinds.ts';
import { partsOf, type DatasetFormat } from '../../engine/data/files/dataset-format.ts';
import { readFirstRows, type FirstRows } from '../../engine/data/files/first-rows.ts';
import { recogniseForm, type RecognisedForm } from '../../engine/data/files/recognise-form.ts';
import { WorkbenchError } from '../../engine/errors.ts';
import { writtenJson } from '../../engine/formats/written-json.ts';
import { scalarText } from '../../engine/formats/written-number.ts';
import { standardDate } from '../../engine/data/chat/template-date.ts';
import { attempt } from '../../engine/attempt.ts';
import type { Inspection } from '../protocol/inspection-schema.ts';
import type { ReadQuestion } from '../protocol/read-schema.ts';
import { previewDataset } from './preview-dataset.ts';
import { formChecker, refuseUnclear, rowChecker } from './row-checks.ts';

type InspectionQuestion = Omit<Extract<ReadQuestion, { kind: 'inspection' }>, 'kind'>;

const shownRows = 6;
const shownExamples = 3;
/** Tokenized while a person chooses columns. */
const tokenizedRows = 50;
/** In characters: what a cell of a table can show. */
const longestCell = 400;
/** In tokens: an example is shown whole, whatever it will be cut to. */
const sequenceLength = 2048;

/**
 * What an import would make of a file, by the rows that it guesses by.
 * @throws WorkbenchError for what is no file of rows
 */
export const inspectFile = ({ model, ...request }: InspectionQuestion): Inspection => {
  const first = readFirstRows(request.trainFile, request.separator);
  const guess = request.format === undefined ? guessForm(first) : null;
  const form = guess instanceof WorkbenchError ? null : guess;
  const format = request.format ?? form?.format ?? null;
  const problem =
    (guess instanceof WorkbenchError ? guess : null) ??
    (format === null
      ? null
      : firstProblem(first, () => (form === null ? rowChecker(format) : formChecker(form)))) ??
    first.problem;
  const parts = format === null ? [] : partsOf(format);
  const columns = [...columnKinds(first.rows.map(({ row }) => row))].map(([name, holds]) => ({
    name,
    holds,
    parts: parts.filter((part) => part.columns.includes(name)).map(({ part }) => part),
  }));
  return {
    kind: 'rows',
    name: first.name,
    bytes: first.bytes,
    separator: first.separator,
    rowsRead: first.rows.length,
    isWhole: first.isWhole,
    columns,
    rows: first.rows.slice(0, shownRows).map(({ line, row }) => ({
      line,
      cells: columns.map(({ name }) => cellText(row[name])),
    })),
    form: form?.name ?? null,
    format,
    problem: problem?.message ?? null,
    examples: format === null ? [] : examplesOf(first, format),
    preview:
      format === null || problem !== null || model === null
        ? null
        : previewDataset(
            { trainFile: request.trainFile, trainSeparator: first.separator, format },
            model,
            { sequenceLength, lossOn: 'completion', date: standardDate, count: shownExamples, firstRow: 0 },
            { mostRows: tokenizedRows },
          ),
  };
};

const guessForm = ({ rows, name }: FirstRows): RecognisedForm | WorkbenchError | null => {
  const read = rows.map(({ row }) => row);
  if (read.length === 0) return null;
  return attempt(() => recogniseForm(read, name) ?? refuseUnclear(read, name));
};

const firstProblem = (
  { rows, name }: FirstRows,
  makeCheck: () => ReturnType<typeof rowChecker>,
): WorkbenchError | null => {
  const check = attempt(makeCheck);
  if (check instanceof WorkbenchError) return check;
  for (const { line, row } of rows) {
    const checked = attempt(() => check(row, `${name}, line ${line}`));
    if (checked instanceof WorkbenchError) return checked;
  }
  return null;
};

/** Of the first rows that give one. */
const examplesOf = ({ rows, name }: FirstRows, format: DatasetFormat): Inspection['examples'] =>
  rows.slice(0, shownExamples).flatMap(({ line, row }) => {
    const parts = attempt(() => exampleParts(row, format, `${name}, line ${line}`));
    return parts instanceof WorkbenchError ? [] : [{ line, parts }];
  });

const cellText = (value: unknown): string | null => {
  if (value === undefined) return null;
  const text = scalarText(value) ?? writtenJson(value);
  return text.length > longestCell ? `${text.slice(0, longestCell)}…` : text;
};

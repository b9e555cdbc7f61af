import { WorkbenchError } from '../../../main/engine/errors.ts';
import { exampleParts } from '../../../main/engine/data/examples/example-parts.ts';
import { partsOf } from '../../../main/engine/data/files/dataset-format.ts';
import { recogniseForm } from '../../../main/engine/data/files/recognise-form.ts';
import type { Inspection } from '../../../main/api/contract.ts';
import type { MethodParamsParsed } from '../../../main/services/shared/methods.ts';
import { fakePreview } from './fake-entities.ts';

type Row = Readonly<Record<string, string>>;

const questions: readonly Row[] = [
  { question: 'Where does Ishmael sleep?', answer: 'At the Spouter-Inn', source: 'chapter 3' },
  { question: 'Who commands the Pequod?', answer: 'Ahab', source: 'chapter 16' },
  { question: 'What is Queequeg?', answer: 'A harpooneer', source: 'chapter 3' },
];
const reviews: readonly Row[] = [
  { review: 'A whale of a book.', stars: '5' },
  { review: 'Too much rope.', stars: '2' },
];
const unclear: readonly Row[] = [{ first: 'a whale', second: 'a ship' }];

/** By the ends of their names; any other holds questions. */
const files: readonly [ending: string, rows: readonly Row[]][] = [
  ['reviews.jsonl', reviews],
  ['unclear.jsonl', unclear],
];

/** What there would be at the beginning of a file, read as the workbench reads it. */
export const fakeInspection = ({
  trainFile,
  format,
  modelId,
}: MethodParamsParsed<'datasets.inspect'>): Inspection => {
  const name = trainFile.slice(trainFile.lastIndexOf('/') + 1);
  if (name === 'broken.jsonl') throw new WorkbenchError('invalid-input', `${trainFile}: line 3 is not JSON`);
  const rows = files.find(([ending]) => name.endsWith(ending))?.[1] ?? questions;
  const form = recogniseForm(rows, name);
  const read = format ?? form?.format ?? null;
  const parts = read === null ? [] : partsOf(read);
  const columns = Object.keys(rows[0]!);
  const known = read !== null && parts.every((part) => part.columns.every((each) => columns.includes(each)));
  return {
    name,
    bytes: 412_881,
    separator: null,
    rowsRead: 120,
    isWhole: false,
    columns: columns.map((column) => ({
      name: column,
      holds: 'text',
      parts: parts.filter((part) => part.columns.includes(column)).map(({ part }) => part),
    })),
    rows: rows.map((row, index) => ({
      line: index + 1,
      cells: columns.map((column) => row[column] ?? null),
    })),
    form: format === undefined ? (form?.name ?? null) : null,
    format: read,
    problem:
      read === null
        ? `${name}: say which of the columns to train on: ${columns.join(', ')}`
        : known
          ? null
          : `${name}, line 1: column "${parts.flatMap((part) => part.columns)[0]}" is missing`,
    examples: known
      ? rows.map((row, index) => ({ line: index + 1, parts: exampleParts(row, read, `line ${index + 1}`) }))
      : [],
    preview: known && modelId !== undefined ? fakePreview('completion', 256, 3) : null,
  };
};

import { WorkbenchError } from '../../../main/engine/errors.ts';
import { exampleParts } from '../../../main/engine/data/examples/example-parts.ts';
import { partsOf } from '../../../main/engine/data/files/dataset-format.ts';
import { recogniseForm } from '../../../main/engine/data/files/recognise-form.ts';
import type { Dataset, Duplicates, Inspection, Lengths, Preview } from '../../../main/api/contract.ts';
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
    kind: 'rows',
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

export const fakeTemplate =
  '{% for message in messages %}<|{{ message.role }}|>{{ message.content }}{{ eos_token }}{% endfor %}';

/** Of a chat, the text too: the template itself, so that a test sees which was taken. */
export const fakeDatasetPreview = (
  { format }: Dataset,
  { lossOn, sequenceLength, count, template }: MethodParamsParsed<'datasets.preview'>,
): Preview => {
  const preview = fakePreview(lossOn, sequenceLength, count);
  const rendered =
    format.kind === 'chat' ? `written by ${template ?? format.template ?? fakeTemplate}` : null;
  return { ...preview, examples: preview.examples.map((example) => ({ ...example, rendered })) };
};

/** Of 1,840 rows; 12 are longer than 256 tokens, the longest has 701. */
const fakeLengths: Lengths = {
  rows: 1840,
  measured: 1840,
  lengths: [
    [20, 300],
    [48, 700],
    [90, 520],
    [130, 240],
    [200, 68],
    [310, 8],
    [420, 3],
    [701, 1],
  ],
  learntFrom: [
    [12, 1800],
    [300, 40],
  ],
};

const fakeDuplicates: Duplicates = {
  trainRows: 1840,
  heldOutRows: 204,
  repeatedRows: 5,
  repeated: [
    { lines: [3, 90, 412], count: 3, text: 'What ails the captain?' },
    { lines: [7, 8], count: 2, text: 'Who is at the helm?' },
  ],
  sharedRows: 2,
  nearRows: 1,
  nearLookedAt: 204,
  near: { words: 5, threshold: 0.8 },
  pairs: [
    {
      heldOut: { line: 4, text: 'Where is the harbour?' },
      train: { line: 11, text: 'Where is the harbour?' },
      similarity: null,
    },
    {
      heldOut: { line: 9, text: 'How deep is the water at the third buoy now?' },
      train: { line: 300, text: 'How deep is the water at the third buoy?' },
      similarity: 0.83,
    },
  ],
};

const noDuplicates: Duplicates = {
  ...fakeDuplicates,
  repeatedRows: 0,
  repeated: [],
  sharedRows: 0,
  nearRows: 0,
  pairs: [],
};

/** Data of the name "leaking" have rows twice. Data of the name "slow" are gone through until somebody stops it. */
export const createFakeSurveys = (nameOf: (id: string) => string) => {
  const waiting = new Set<(error: WorkbenchError) => void>();
  const through = <Answer>(id: string, answer: Answer): Promise<Answer> =>
    nameOf(id) === 'slow' ? new Promise((_, reject) => waiting.add(reject)) : Promise.resolve(answer);
  return {
    lengths: ({ id }: { id: string }): Promise<Lengths> => through(id, fakeLengths),
    duplicates: ({ id }: { id: string }): Promise<Duplicates> =>
      through(id, nameOf(id) === 'leaking' ? fakeDuplicates : noDuplicates),
    stop: () => {
      for (const reject of waiting)
        reject(new WorkbenchError('conflict', 'stopped before all rows were gone through'));
      waiting.clear();
      return {};
    },
  };
};

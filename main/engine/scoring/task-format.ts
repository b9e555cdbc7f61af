import type { Dataset } from '../data/files/dataset-file.ts';
import { usedColumns, type DatasetFormat } from '../data/files/dataset-format.ts';
import { recogniseForm } from '../data/files/recognise-form.ts';
import { invalidInput } from '../errors.ts';

/** Rows that a file's form is told by. */
const looksAt = 20;

/**
 * How the rows of a task's file are read: as the task says; as the data that is trained on, where the file has its columns; or as its own columns
 * tell.
 * @throws WorkbenchError where nobody says it
 */
export const taskFormat = (
  { name, format }: { readonly name: string; readonly format: DatasetFormat | null },
  dataset: Dataset,
  ofData: DatasetFormat | null,
): DatasetFormat => {
  if (format !== null) return format;
  const first = dataset.rows.at(0);
  if (ofData !== null && usedColumns(ofData).every((column) => Object.hasOwn(first, column))) return ofData;
  const rows = Array.from({ length: Math.min(looksAt, dataset.rows.length) }, (_, row) =>
    dataset.rows.at(row),
  );
  const found = recogniseForm(rows, dataset.name);
  if (found !== undefined) return found.format;
  throw invalidInput(
    `task ${name}: ${dataset.name} has the columns ${Object.keys(first).join(', ')}; say by a format how its rows are read`,
  );
};

import { exampleParts } from '../examples/example-parts.ts';
import type { Dataset } from '../files/dataset-file.ts';
import type { DatasetFormat } from '../files/dataset-format.ts';

/**
 * What a row says, by which rows are held against each other: all text that training takes from it, with who speaks in a chat, without
 * the class of a text.
 * @throws WorkbenchError naming file, line and column
 */
export const rowContent = (dataset: Dataset, format: DatasetFormat, row: number): string => {
  const parts = exampleParts(dataset.rows.at(row), format, `${dataset.name}, line ${dataset.lineOf(row)}`);
  const said = format.kind === 'classification' ? parts.slice(0, -1) : parts;
  return said.map(({ name, text }) => (format.kind === 'chat' ? `${name}: ${text}` : text)).join('\n');
};

/** The same text whatever its letters' case, the width of its characters, and its white space. */
export const normalised = (text: string): string =>
  text.normalize('NFKC').toLowerCase().replaceAll(/\s+/g, ' ').trim();

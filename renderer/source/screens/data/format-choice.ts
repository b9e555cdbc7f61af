import { datasetFormatSchema } from '../../../../main/api/contract.ts';
import type { DatasetFormat } from '../../../../main/api/contract.ts';

/** What the import dialog asks; `detect` leaves it to the workbench. */
export interface FormatChoice {
  kind: string;
  column: string;
  prompt: string;
  completion: string;
  text: string;
  pair: string;
  label: string;
}

export const emptyFormatChoice = (): FormatChoice => ({
  kind: 'detect',
  column: '',
  prompt: '',
  completion: '',
  text: '',
  pair: '',
  label: '',
});

/** A field that is left empty is none: pairs are optional. */
export const toFormat = (choice: FormatChoice): DatasetFormat | undefined =>
  datasetFormatSchema.safeParse(
    Object.fromEntries(Object.entries(choice).filter(([, value]) => value !== '')),
  ).data;

export const missingColumns = (choice: FormatChoice): boolean =>
  choice.kind !== 'detect' && toFormat(choice) === undefined;

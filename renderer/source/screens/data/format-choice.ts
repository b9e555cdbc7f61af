import { datasetFormatSchema } from '../../../../main/api/contract.ts';
import type { DatasetFormat } from '../../../../main/api/contract.ts';

/** What the import dialog asks; `detect` leaves it to the workbench. */
export interface FormatChoice {
  kind: string;
  column: string;
  prompt: string;
  completion: string;
}

export const emptyFormatChoice = (): FormatChoice => ({
  kind: 'detect',
  column: '',
  prompt: '',
  completion: '',
});

export const toFormat = (choice: FormatChoice): DatasetFormat | undefined =>
  datasetFormatSchema.safeParse(choice).data;

export const missingColumns = (choice: FormatChoice): boolean =>
  choice.kind !== 'detect' && toFormat(choice) === undefined;

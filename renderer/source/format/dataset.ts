import type { Dataset, DatasetFormat } from '../../../main/api/contract.ts';
import { formatCount } from './number.ts';

export const formatNames: Record<DatasetFormat['kind'], string> = {
  text: 'Text',
  'prompt-completion': 'Prompt and completion',
  chat: 'Chat',
};

/** Which columns are read as what. */
export const describeFormat = (format: DatasetFormat): string =>
  format.kind === 'prompt-completion'
    ? `${formatNames[format.kind]}: ${format.prompt} → ${format.completion}`
    : `${formatNames[format.kind]}: ${format.column}`;

export const describeRows = ({ trainRows, validationRows }: Dataset): string =>
  `${formatCount(trainRows)} rows${validationRows === null ? '' : `, ${formatCount(validationRows)} held out`}`;

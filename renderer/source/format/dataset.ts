import type { Dataset, DatasetFormat } from '../../../main/api/contract.ts';
import { formatCount } from './number.ts';

export const formatNames: Record<DatasetFormat['kind'], string> = {
  text: 'Text',
  'prompt-completion': 'Prompt and completion',
  chat: 'Chat',
  classification: 'Text with a class',
};

/** Which columns are read as what. */
export const describeFormat = (format: DatasetFormat): string =>
  `${formatNames[format.kind]}: ${columnsText(format)}`;

const columnsText = (format: DatasetFormat): string => {
  switch (format.kind) {
    case 'prompt-completion':
      return `${format.prompt} → ${format.completion}`;
    case 'classification':
      return `${format.text}${format.pair === undefined ? '' : ` + ${format.pair}`} → ${format.label}`;
    default:
      return format.column;
  }
};

export const describeRows = ({ trainRows, validationRows }: Dataset): string =>
  `${formatCount(trainRows)} rows${validationRows === null ? '' : `, ${formatCount(validationRows)} held out`}`;

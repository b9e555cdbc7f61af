import type { FileChoice } from '../../../main/api/contract-channels.ts';
import { setKindOf } from '../../../main/api/contract.ts';
import type {
  CaptionSource,
  DataFormat,
  Dataset,
  DatasetFormat,
  PicturesFormat,
  SeparatorName,
  SetKind,
} from '../../../main/api/contract.ts';
import { formatCount } from './number.ts';

/** What pictures are, as people choose it. */
export const setNames: Readonly<Record<SetKind, string>> = {
  classes: 'Pictures of classes',
  captions: 'Pictures with captions',
  subject: 'Pictures of a subject',
};

/** Where captions are. */
export const captionPlaces: Readonly<Record<CaptionSource, string>> = {
  txt: '.txt files beside them',
  caption: '.caption files beside them',
  'file-names': 'their file names',
  'folder-names': "their folders' names",
  table: 'a table',
  none: 'none',
};

export const formatNames: Record<DatasetFormat['kind'], string> = {
  text: 'Text',
  'prompt-completion': 'Prompt and completion',
  chat: 'Chat',
  classification: 'Text with a class',
};

/** In a word or a few. */
export const nameOfFormat = (format: DataFormat): string =>
  format.kind === 'pictures' ? setNames[setKindOf(format)] : formatNames[format.kind];

/** Which columns are read as what. */
export const describeFormat = (format: DataFormat): string =>
  format.kind === 'pictures'
    ? describePictures(format)
    : `${formatNames[format.kind]}: ${columnsText(format).replaceAll('\n', '↵')}`;

/** `captions from .txt files beside them` */
export const captionsInShort = (source: CaptionSource): string =>
  source === 'none' ? 'without captions' : `captions from ${captionPlaces[source]}`;

const describePictures = ({ classes, subject }: PicturesFormat): string => {
  if (subject !== null) return `${setNames.subject}, ${captionsInShort(subject.captions.source)}`;
  return classes === null ? setNames.captions : `${setNames.classes}: ${classesInShort(classes)}`;
};

const mostClasses = 6;

/** The first of them where they are many. */
const classesInShort = (classes: readonly string[]): string =>
  classes.length <= mostClasses + 1
    ? classes.join(', ')
    : `${classes.slice(0, mostClasses).join(', ')} and ${formatCount(classes.length - mostClasses)} more`;

const columnsText = (format: DatasetFormat): string => {
  switch (format.kind) {
    case 'prompt-completion':
      return `${format.prompt} → ${format.completion}`;
    case 'classification':
      return `${format.text}${format.pair === undefined ? '' : ` + ${format.pair}`} → ${format.label}`;
    case 'chat':
      return [
        format.column,
        ...(['tools', 'system', 'documents'] as const).flatMap((part) =>
          format[part] === undefined ? [] : `${part} from ${format[part]}`,
        ),
        ...(format.template === undefined ? [] : ['with a chat template of its own']),
      ].join(', ');
    case 'text':
      return format.column;
  }
};

export const separatorLabels: Record<SeparatorName, string> = {
  comma: 'Comma',
  semicolon: 'Semicolon',
  tab: 'Tab',
  pipe: 'Pipe',
};

/** Null where no file is CSV. */
export const describeSeparators = ({ trainSeparator, validationSeparator }: Dataset): string | null => {
  const name = (separator: SeparatorName | null): string =>
    separator === null ? 'none' : separatorLabels[separator].toLowerCase();
  if (trainSeparator === null && validationSeparator === null) return null;
  return validationSeparator === null || validationSeparator === trainSeparator
    ? name(trainSeparator)
    : `${name(trainSeparator)}, held-out ${name(validationSeparator)}`;
};

export const describeRows = ({ format, trainRows, validationRows }: Dataset): string =>
  `${formatCount(trainRows)} ${format.kind === 'pictures' ? 'pictures' : 'rows'}${validationRows === null ? '' : `, ${formatCount(validationRows)} held out`}`;

/** What dialogs look for where a file of rows is asked for. */
export const dataFiles: FileChoice = {
  filters: [{ name: 'Data', extensions: ['jsonl', 'ndjson', 'json', 'csv', 'tsv'] }],
};

import { statSync } from 'node:fs';
import { surveyFile } from '../../engine/data/files/dataset-survey.ts';
import { dataStamp, keepRowIndex } from '../../engine/data/files/row-index.ts';
import { recogniseForm, type RecognisedForm } from '../../engine/data/files/recognise-form.ts';
import type { DescribedDataset } from '../protocol/described-schema.ts';
import type { ReadQuestion } from '../protocol/read-schema.ts';
import { rowIndexesIn } from './row-indexes.ts';
import { formChecker, refuseUnclear, rowChecker } from './row-checks.ts';
import { ignoreProgress, type OnProgress } from './progress.ts';

type DatasetQuestion = Omit<Extract<ReadQuestion, { kind: 'dataset' }>, 'kind'>;

/**
 * Goes through a dataset's files once and checks every row. In memory is a stretch of a file, whatever its size.
 * @param onProgress told of bytes read, of both files
 * @throws WorkbenchError naming the file and line
 */
export const describeDataset = (
  request: DatasetQuestion,
  onProgress: OnProgress = ignoreProgress,
): DescribedDataset => {
  const { trainFile, validationFile = null, cacheDirectory } = request;
  const total = sizeOf(trainFile) + (validationFile === null ? 0 : sizeOf(validationFile));
  let done = 0;
  const stamp = cacheDirectory === undefined ? null : dataStamp(trainFile);
  const onBytes = (bytes: number): void => onProgress((done += bytes), total);

  let form: RecognisedForm | undefined;
  const train = surveyFile(
    trainFile,
    request.separator,
    (firstRows, name) => {
      if (request.format !== undefined) return rowChecker(request.format);
      form = recogniseForm(firstRows, name);
      return form === undefined ? refuseUnclear(firstRows, name) : formChecker(form);
    },
    onBytes,
  );
  const format = request.format ?? (form as RecognisedForm).format;
  const validation =
    validationFile === null
      ? null
      : surveyFile(
          validationFile,
          request.separator,
          () => (form === undefined ? rowChecker(format) : formChecker(form)),
          onBytes,
        );
  const { sha256, separator } = train;
  // One stretch is found without an index.
  if (cacheDirectory !== undefined && stamp !== null && train.blocks.length > 1)
    keepRowIndex(rowIndexesIn(cacheDirectory), { path: trainFile, sha256, separator }, train, stamp);
  return {
    trainFile,
    validationFile,
    trainSha256: sha256,
    validationSha256: validation?.sha256 ?? null,
    trainSeparator: separator,
    validationSeparator: validation?.separator ?? null,
    form: form?.name ?? null,
    format,
    columns: [...train.columns],
    trainRows: train.rows,
    validationRows: validation?.rows ?? null,
    bytes: train.bytes + (validation?.bytes ?? 0),
  };
};

/** In bytes; what is not there is left for its reader to name. */
const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

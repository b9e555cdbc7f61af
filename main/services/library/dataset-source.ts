import type { DatasetSource } from '../../trainer/protocol/dataset-source.ts';

/**
 * A dataset of the library as a trainer process takes it.
 * @param validationFraction the part of the rows that is held out where the dataset brings none
 */
export const datasetSource = (
  {
    trainFile,
    validationFile,
    trainSeparator,
    validationSeparator,
    format,
  }: Omit<DatasetSource, 'validationFraction'>,
  validationFraction: number,
): DatasetSource => ({
  trainFile,
  validationFile,
  trainSeparator,
  validationSeparator,
  format,
  validationFraction,
});

import { WorkbenchError } from '../../errors.ts';
import type { ModelArchitecture } from '../../models/architecture.ts';
import type { DatasetFormat } from './dataset-format.ts';

/** What a model must do to be trained on rows of a format. */
export const taskOf = ({ kind }: DatasetFormat): ModelArchitecture['task'] =>
  kind === 'classification' ? 'sequence-classification' : 'causal-lm';

/** What a run on data of the wrong kind is told. */
const mismatches: Readonly<Record<ModelArchitecture['task'], string>> = {
  'causal-lm':
    'the data has a class for each row, and the model predicts the next token; choose a BERT or RoBERTa model, or import the data again as prompt and completion',
  'sequence-classification':
    'the model is a classifier and needs data with a class for each row; import the data again with its text and label columns',
};

/** @throws unsupported where rows of that format are not what the model is trained on */
export const checkTask = (format: DatasetFormat, task: ModelArchitecture['task']): void => {
  if (taskOf(format) !== task) throw new WorkbenchError('unsupported', `dataset: ${mismatches[task]}`);
};

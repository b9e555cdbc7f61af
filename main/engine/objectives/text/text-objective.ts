import type { AdapterSettings } from '../../adapters/settings/adapter-settings.ts';
import type { Batch } from '../../data/batches/batch.ts';
import type { Example, Examples } from '../../data/examples/examples.ts';
import type { Classes } from '../../data/examples/class-labels.ts';
import type { Dataset } from '../../data/files/dataset-file.ts';
import type { DatasetFormat } from '../../data/files/dataset-format.ts';
import type { Tokenizer } from '../../data/tokens/tokenizer.ts';
import type { ModelFolder } from '../../formats/model-folder.ts';
import type { Model } from '../../models/model.ts';
import type { Objective } from '../objective.ts';

/** A run's model folder and data, of which the objective makes a model that fits the data. */
export interface OpenRequest {
  readonly folder: ModelFolder;
  readonly format: DatasetFormat;
  readonly train: Dataset;
  readonly validation: Dataset | null;
  readonly adapter: AdapterSettings;
  /** Where weights that the folder lacks are written, and what they are drawn from. */
  readonly newWeights: { readonly directory: string; readonly seed: number };
}

export interface OpenedModel {
  readonly model: Model;
  /** What labels stand for; null where rows have none. */
  readonly classes: Classes | null;
  readonly notices: readonly string[];
}

export interface ExampleRequest {
  readonly dataset: Dataset;
  readonly format: DatasetFormat;
  readonly tokenizer: Tokenizer;
  readonly classes: Classes | null;
  readonly lossOn: 'completion' | 'all';
  /** The day that a chat template which asks for the date is told, by its UTC fields. */
  readonly date: Date;
  /** In tokens. */
  readonly maxLength: number;
}

/** An objective whose examples are rows of a data set of texts. */
export interface TextObjective extends Objective<Example> {
  /** @throws WorkbenchError where model, data and adapter do not fit each other */
  readonly open: (request: OpenRequest) => OpenedModel;
  readonly examples: (request: ExampleRequest) => Examples;
  /** The batch that exports and imports are checked on. */
  readonly samples: (model: Model) => Batch;
}

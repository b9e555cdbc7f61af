import type { Batching } from '../../../engine/data/batches/batching.ts';
import type { PictureEntry } from '../../../engine/data/pictures/sets/picture-set.ts';
import type { Tokenizer } from '../../../engine/data/tokens/tokenizer.ts';
import type { Model } from '../../../engine/models/model.ts';
import type { PictureExample } from '../../../engine/objectives/pictures/picture-objective.ts';
import type { PictureSettings } from '../../../engine/train/settings/picture-settings.ts';
import type { RunSpecification } from '../../protocol/protocol.ts';
import type { Report } from '../report.ts';
import type { RunBatches } from '../run-batches.ts';
import type { PictureData } from './picture-batches.ts';

/** What a run on pictures has opened, whatever they are compared with. */
export interface OpenedForPictures {
  readonly whole: Model;
  readonly tokenizer: Tokenizer;
  readonly settings: PictureSettings;
  readonly specification: RunSpecification;
  /** A model as it is needed for so many texts: without the text tower where they are embedded once. */
  readonly modelFor: (whole: Model, texts: number) => Model;
  readonly report: Report;
}

/** Makes batches of a run's pictures: an example is an entry of the set with its picture. */
export type MakeBatches = <
  Example extends PictureExample,
  Entry extends PictureEntry & Omit<Example, 'picture'>,
>(
  data: Pick<PictureData<Entry>, 'train' | 'heldOut' | 'variation'>,
  batching: Batching<Example>,
) => RunBatches;

/** What depends on what the pictures are compared with. */
export interface ComparedRun {
  /** As the steps need it. */
  readonly model: Model;
  /** What its model depends on, besides the folder and the device. */
  readonly key: readonly unknown[];
  /** Tokens of the longest text. */
  readonly positions: number;
  readonly batches: (make: MakeBatches) => RunBatches;
  readonly notices: readonly string[];
}

import type { Batch } from '../../data/batches/batch.ts';
import type { Model } from '../../models/model.ts';
import type { Objective } from '../objective.ts';

/** A picture among others, or what a tower made of it. */
export interface PictureExample {
  /** The numbers of the tower's input, in its shape: pixels, normalised, or an embedding. Asked for when a batch is made. */
  readonly picture: () => Float32Array;
}

/** An objective whose examples are pictures that are compared with texts. */
export interface PictureObjective<Example extends PictureExample = never, Options = never> extends Objective<
  Example,
  Options
> {
  /** The batch that exports and imports are checked on. */
  readonly samples: (model: Model) => Batch;
}

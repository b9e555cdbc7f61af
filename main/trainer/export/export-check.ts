import type { Batch } from '../../engine/data/batches/batch.ts';
import type { Model } from '../../engine/models/model.ts';
import { objectiveOf } from '../../engine/objectives/index.ts';
import { createSession } from '../../engine/runtime/session.ts';
import { vectorTensor } from '../../engine/train/batch/tensors.ts';
import { logitsGraph } from '../../engine/train/model/loss-graph.ts';
import {
  initialParameters,
  trainedLayout,
  type TrainedModel,
} from '../../engine/train/model/trained-model.ts';

/** What an export or import is checked on. */
export const sampleBatch = (model: Model): Batch => objectiveOf(model.architecture).samples(model);

/** Logits of all that the objective scores of the batch (tokens x vocabulary, rows x classes), flattened. */
export const sampleLogits = async (
  trained: TrainedModel,
  batch: Batch,
  threads: number | null,
): Promise<Float32Array> => {
  const layout = trainedLayout(trained);
  const session = await createSession(logitsGraph(trained, layout, batch.sequence), { threads });
  try {
    const parameters =
      layout.total === 0 ? {} : { parameters: vectorTensor(initialParameters(trained, layout)) };
    const { scored } = objectiveOf(trained.model.architecture);
    const { logits } = await session.run({ ...scored.feeds(batch), ...parameters });
    return scored.real(batch, logits!.data as Float32Array);
  } finally {
    await session.release();
  }
};

export interface LogitDifference {
  /** Largest and mean absolute difference. */
  readonly difference: number;
  readonly mean: number;
  /** Largest absolute reference. */
  readonly largest: number;
}

/**
 * What an export reports of its logits.
 * @param unrounded the same before rounding to the base's dtype
 */
export const logitCheck = (
  rounded: LogitDifference,
  unrounded: LogitDifference,
  { tokens }: Pick<Batch, 'tokens'>,
) => ({
  largestLogitDifference: rounded.difference,
  meanLogitDifference: rounded.mean,
  largestLogitDifferenceUnrounded: unrounded.difference,
  largestLogit: rounded.largest,
  promptTokens: tokens,
});

export const compareLogits = (reference: Float32Array, other: Float32Array): LogitDifference => {
  let [difference, sum, largest] = [0, 0, 0];
  for (let at = 0; at < reference.length; at++) {
    const off = Math.abs(reference[at]! - other[at]!);
    difference = Math.max(difference, off);
    sum += off;
    largest = Math.max(largest, Math.abs(reference[at]!));
  }
  return { difference, mean: sum / reference.length, largest };
};

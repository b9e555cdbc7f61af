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
export const sampleLogits = (
  trained: TrainedModel,
  batch: Batch,
  threads: number | null,
): Promise<Float32Array> => logitsOf(trained, [batch], threads);

/** The same of several batches, one behind the other. */
export const logitsOf = async (
  trained: TrainedModel,
  batches: readonly Batch[],
  threads: number | null,
): Promise<Float32Array> => {
  const layout = trainedLayout(trained);
  const positions = Math.max(...batches.map(({ sequence }) => sequence));
  const session = await createSession(logitsGraph(trained, layout, positions), { threads });
  try {
    const parameters =
      layout.total === 0 ? {} : { parameters: vectorTensor(initialParameters(trained, layout)) };
    const { scored } = objectiveOf(trained.model.architecture);
    const parts: Float32Array[] = [];
    for (const batch of batches) {
      const { logits } = await session.run({ ...scored.feeds(batch), ...parameters });
      parts.push(scored.real(batch, logits!.data as Float32Array));
    }
    return joined(parts);
  } finally {
    await session.release();
  }
};

const joined = (parts: readonly Float32Array[]): Float32Array => {
  const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
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
  compared: readonly Pick<Batch, 'tokens'>[],
) => ({
  largestLogitDifference: rounded.difference,
  meanLogitDifference: rounded.mean,
  largestLogitDifferenceUnrounded: unrounded.difference,
  largestLogit: rounded.largest,
  promptTokens: compared.reduce((sum, { tokens }) => sum + tokens, 0),
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

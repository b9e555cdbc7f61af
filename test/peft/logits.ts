import type { Batch } from '../../main/engine/data/batches/batches.ts';
import { createSession } from '../../main/engine/runtime/session.ts';
import { firstTokens, tokenTensors, vectorTensor } from '../../main/engine/train/batch/batch-inputs.ts';
import { logitsGraph } from '../../main/engine/train/model/loss-graph.ts';
import {
  initialParameters,
  trainedLayout,
  type TrainedModel,
} from '../../main/engine/train/model/trained-model.ts';

/** (batch x sequence x vocabulary), or (batch x classes) of a classifier. */
export const logitsOf = async (trained: TrainedModel, batch: Batch): Promise<Float32Array> => {
  const layout = trainedLayout(trained);
  const session = await createSession(logitsGraph(trained, layout, batch.sequence), { threads: 1 });
  const isClassifier = trained.model.architecture.task === 'sequence-classification';
  const { logits } = await session.run({
    ...tokenTensors(batch),
    ...(isClassifier ? firstTokens(batch) : {}),
    ...(layout.total > 0 ? { parameters: vectorTensor(initialParameters(trained, layout)) } : {}),
  });
  await session.release();
  return logits!.data as Float32Array;
};

export const firstRow = (batch: Batch): Batch => {
  const part = (tokens: BigInt64Array): BigInt64Array => tokens.slice(0, batch.sequence);
  const attentionMask = part(batch.attentionMask);
  return {
    ...batch,
    batch: 1,
    inputIds: part(batch.inputIds),
    attentionMask,
    positionIds: part(batch.positionIds),
    segmentIds: part(batch.segmentIds),
    tokenTypes: part(batch.tokenTypes),
    labelRows: new BigInt64Array(),
    labelTargets: new BigInt64Array(),
    tokens: attentionMask.filter((one) => one === 1n).length,
  };
};

/** Over the tokens that are there; a classifier has one row of logits for each row of tokens. */
export const largestDifference = (
  { attentionMask }: Batch,
  ours: Float32Array,
  theirs: Float32Array,
): number => {
  const isPerToken = ours.length % attentionMask.length === 0 && ours.length > attentionMask.length;
  const width = isPerToken ? ours.length / attentionMask.length : ours.length;
  return ours.reduce((worst, value, at) => {
    const isThere = !isPerToken || attentionMask[Math.floor(at / width)] === 1n;
    return isThere ? Math.max(worst, Math.abs(value - theirs[at]!)) : worst;
  }, 0);
};

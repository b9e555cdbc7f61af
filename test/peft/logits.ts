import { createSession } from '../../main/engine/runtime/session.ts';
import { vectorTensor } from '../../main/engine/train/batch/tensors.ts';
import { logitsGraph } from '../../main/engine/train/model/loss-graph.ts';
import {
  initialParameters,
  trainedLayout,
  type TrainedModel,
} from '../../main/engine/train/model/trained-model.ts';
import { tokenBatch, tokenFields, type TokenBatch } from '../../main/engine/data/batches/token-batch.ts';
import { objectiveOf } from '../../main/engine/objectives/index.ts';

/** (batch x sequence x vocabulary), or (batch x classes) of a classifier. */
export const logitsOf = async (trained: TrainedModel, batch: TokenBatch): Promise<Float32Array> => {
  const layout = trainedLayout(trained);
  const session = await createSession(logitsGraph(trained, layout, batch.sequence), { threads: 1 });
  const { feeds } = objectiveOf(trained.model.architecture).scored;
  const { logits } = await session.run({
    ...feeds(batch),
    ...(layout.total > 0 ? { parameters: vectorTensor(initialParameters(trained, layout)) } : {}),
  });
  await session.release();
  return logits!.data as Float32Array;
};

export const firstRow = (whole: TokenBatch): TokenBatch => {
  const batch = tokenFields(whole);
  const part = (tokens: BigInt64Array): BigInt64Array => tokens.slice(0, batch.sequence);
  const attentionMask = part(batch.attentionMask);
  return tokenBatch({
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
  });
};

/** Over the tokens that are there; a classifier has one row of logits for each row of tokens. */
export const largestDifference = (
  { tensors }: TokenBatch,
  ours: Float32Array,
  theirs: Float32Array,
): number => {
  const attentionMask = tensors.attention_mask.data;
  const isPerToken = ours.length % attentionMask.length === 0 && ours.length > attentionMask.length;
  const width = isPerToken ? ours.length / attentionMask.length : ours.length;
  return ours.reduce((worst, value, at) => {
    const isThere = !isPerToken || attentionMask[Math.floor(at / width)] === 1n;
    return isThere ? Math.max(worst, Math.abs(value - theirs[at]!)) : worst;
  }, 0);
};

import { sequentialBatches, type Batch } from '../engine/data/batches.ts';
import { loadTokenizer } from '../engine/data/tokenizer.ts';
import type { Model } from '../engine/models/model.ts';
import { createSession } from '../engine/runtime/session.ts';
import { tokenTensors, vectorTensor } from '../engine/train/batch-inputs.ts';
import { logitsGraph } from '../engine/train/loss-graph.ts';
import { initialParameters, trainedLayout, type TrainedModel } from '../engine/train/trained-model.ts';

/** Prose, a question, a list and code: different enough to reach different parts of a model. */
const prompts = [
  'The ship left the harbour before sunrise, and by noon the coast was only a thin line behind us.',
  'Question: Which gas do plants take in from the air?\nAnswer:',
  'Shopping list:\n1. bread\n2. apples\n3.',
  'function add(a, b) {\n  return a +',
];

/** The sample prompts as one padded batch of the model's own tokens. */
export const samplePrompts = ({ folder, architecture: { maximumPositions } }: Model): Batch => {
  const tokenizer = loadTokenizer(folder.directory);
  const examples = prompts.map((prompt, sourceRow) => {
    const inputIds = Int32Array.from(tokenizer.encode(prompt)).slice(0, maximumPositions);
    return { inputIds, targets: new Uint8Array(inputIds.length).fill(1), sourceRow };
  });
  const padId = tokenizer.padId ?? tokenizer.eosId ?? 0;
  const sequenceLength = Math.max(2, ...examples.map(({ inputIds }) => inputIds.length));
  const [batch] = sequentialBatches({
    examples,
    batchSize: examples.length,
    sequenceLength,
    packing: false,
    padId,
  });
  return batch as Batch;
};

/** Logits at every position of the batch, (batch x sequence x vocabulary) flattened. */
export const promptLogits = async (
  trained: TrainedModel,
  batch: Batch,
  threads: number | null,
): Promise<Float32Array> => {
  const layout = trainedLayout(trained);
  const session = await createSession(logitsGraph(trained, layout, batch.sequence), { threads });
  try {
    const parameters =
      layout.total === 0 ? {} : { parameters: vectorTensor(initialParameters(trained, layout)) };
    const { logits } = await session.run({ ...tokenTensors(batch), ...parameters });
    return logits!.data as Float32Array;
  } finally {
    await session.release();
  }
};

/** Largest absolute difference over the real tokens, and the largest absolute reference there. */
export const largestDifference = (
  { attentionMask }: Batch,
  reference: Float32Array,
  other: Float32Array,
): { difference: number; largest: number } => {
  const vocabulary = reference.length / attentionMask.length;
  let [difference, largest] = [0, 0];
  for (let at = 0; at < reference.length; at++) {
    if (attentionMask[Math.floor(at / vocabulary)] === 0n) continue;
    difference = Math.max(difference, Math.abs(reference[at]! - other[at]!));
    largest = Math.max(largest, Math.abs(reference[at]!));
  }
  return { difference, largest };
};

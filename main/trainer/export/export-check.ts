import { sequentialBatches, type Batch } from '../../engine/data/batches/batches.ts';
import { paddingId } from '../../engine/data/tokens/padding-id.ts';
import { loadTokenizer } from '../../engine/data/tokens/tokenizer.ts';
import type { Model } from '../../engine/models/model.ts';
import { createSession } from '../../engine/runtime/session.ts';
import { firstTokens, tokenTensors, vectorTensor } from '../../engine/train/batch/batch-inputs.ts';
import { logitsGraph } from '../../engine/train/model/loss-graph.ts';
import {
  initialParameters,
  trainedLayout,
  type TrainedModel,
} from '../../engine/train/model/trained-model.ts';

/** Prose, a question, a list and code: different enough to reach different parts of a model. */
const prompts = [
  'The ship left the harbour before sunrise, and by noon the coast was only a thin line behind us.',
  'Question: Which gas do plants take in from the air?\nAnswer:',
  'Shopping list:\n1. bread\n2. apples\n3.',
  'function add(a, b) {\n  return a +',
];

/** The sample prompts as one padded batch of the model's own tokens. */
export const samplePrompts = ({
  folder,
  architecture: { maximumPositions, vocabularySize },
}: Model): Batch => {
  const tokenizer = loadTokenizer(folder.directory);
  const examples = prompts.map((prompt, sourceRow) => {
    const inputIds = Int32Array.from(tokenizer.encode(prompt)).slice(0, maximumPositions);
    return { inputIds, targets: new Uint8Array(inputIds.length).fill(1), sourceRow };
  });
  const padId = paddingId(tokenizer, vocabularySize);
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

/** Logits at every real token of the batch (tokens x vocabulary), or of every row of it (batch x classes), flattened. */
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
    const isClassifier = trained.model.architecture.task === 'sequence-classification';
    const first = isClassifier ? firstTokens(batch) : {};
    const { logits } = await session.run({ ...tokenTensors(batch), ...first, ...parameters });
    const all = logits!.data as Float32Array;
    return isClassifier ? all : atRealTokens(batch, all);
  } finally {
    await session.release();
  }
};

const atRealTokens = ({ attentionMask }: Batch, logits: Float32Array): Float32Array => {
  const vocabulary = logits.length / attentionMask.length;
  return logits.filter((_, at) => attentionMask[Math.floor(at / vocabulary)] === 1n);
};

/** Largest absolute difference, and the largest absolute reference. */
export const largestDifference = (
  reference: Float32Array,
  other: Float32Array,
): { difference: number; largest: number } => {
  let [difference, largest] = [0, 0];
  for (let at = 0; at < reference.length; at++) {
    difference = Math.max(difference, Math.abs(reference[at]! - other[at]!));
    largest = Math.max(largest, Math.abs(reference[at]!));
  }
  return { difference, largest };
};

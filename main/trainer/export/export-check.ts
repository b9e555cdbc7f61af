import type { Batch } from '../../engine/data/batches/batch.ts';
import { tokenBatching } from '../../engine/data/batches/token-batching.ts';
import { paddingId } from '../../engine/data/tokens/padding-id.ts';
import { loadTokenizer } from '../../engine/data/tokens/tokenizer.ts';
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
  const { assemble } = tokenBatching({ sequenceLength, packing: false, padId });
  return assemble(examples.map((example) => [example]));
};

/** Logits of all that the objective scores of the batch (tokens x vocabulary, rows x classes), flattened. */
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
    const { scored } = objectiveOf(trained.model.architecture);
    const { logits } = await session.run({ ...scored.feeds(batch), ...parameters });
    return scored.real(batch, logits!.data as Float32Array);
  } finally {
    await session.release();
  }
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

import { tokenBatching } from '../../data/batches/token-batching.ts';
import type { TokenBatch } from '../../data/batches/token-batch.ts';
import { paddingId } from '../../data/tokens/padding-id.ts';
import { loadTokenizer } from '../../data/tokens/tokenizer.ts';
import type { Model } from '../../models/model.ts';

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
}: Model): TokenBatch => {
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

import { WorkbenchError } from '../errors.ts';
import { peftPrefix } from './folder.ts';
import type { SafetensorsHeader } from '../formats/safetensors-header.ts';
import type { LinearLayer } from '../models/architecture.ts';

/** Endings of what an adapter's file has of an embedding or a head, and the axis of the vocabulary in each. */
const axes: Readonly<Record<string, number>> = {
  '.weight': 0,
  '.base_layer.weight': 0,
  '.modules_to_save.weight': 0,
  '.lora_embedding_A': 1,
  '.lora_B.weight': 0,
};

/** The embedding of tokens, and the head that scores them. */
const tablesOfTokens = (
  layers: readonly LinearLayer[],
): { readonly vocabulary: number; readonly modules: readonly string[] } | null => {
  const embedding = layers.find(({ role }) => role === 'embedding');
  if (!embedding) return null;
  const { inFeatures: vocabulary } = embedding;
  const head = layers.find(({ role, outFeatures }) => role === 'head' && outFeatures === vocabulary);
  return { vocabulary, modules: [embedding, ...(head ? [head] : [])].map(({ module }) => module) };
};

/**
 * Whether an adapter was trained on as many embeddings as the model has.
 * @throws unsupported with both numbers: tokens were added, and the base that the adapter belongs to is a grown one
 */
export const checkVocabulary = (
  { path, tensors }: SafetensorsHeader,
  layers: readonly LinearLayer[],
): void => {
  const tables = tablesOfTokens(layers);
  for (const module of tables?.modules ?? [])
    for (const [ending, axis] of Object.entries(axes)) {
      const size = tensors.get(`${peftPrefix}${module}${ending}`)?.shape[axis];
      if (size === undefined || size === tables!.vocabulary) continue;
      throw new WorkbenchError(
        'unsupported',
        `${path}: ${module}${ending}: the adapter was trained with ${size} embeddings, the model has ${tables!.vocabulary}: the vocabulary was resized; resize the base model's embeddings to ${size} as it was done then (resize_token_embeddings), save it with the adapter's tokenizer, and import that as the model`,
      );
    }
};

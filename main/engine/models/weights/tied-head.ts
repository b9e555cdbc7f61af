import type { ModelFolder, TensorLocation } from '../../formats/model-folder.ts';
import { readChunks, readLocationFloat32 } from '../../formats/safetensors-reader.ts';
import { weightName, type LinearLayer } from '../architecture.ts';

/** A head that config.json ties to the embedding, and a tensor of its own that the files have for it all the same. */
export interface StoredHead {
  /** Of the head's own tensor. */
  readonly name: string;
  /** Of the weight that it is tied to, by the architecture's name. */
  readonly tiedTo: string;
  /** The same numbers, so that the tensor says nothing. */
  readonly isCopy: boolean;
}

/**
 * Heads under a tie flag that the files hold by themselves. As transformers 5 has it: where both are there and differ, they are not tied,
 * whatever config.json says (PreTrainedModel.tie_weights); transformers 4 tied them.
 * @param locate by the architecture's name
 */
export const storedHeads = (
  { tensors }: ModelFolder,
  targetLayers: readonly LinearLayer[],
  locate: (name: string) => TensorLocation | undefined,
): StoredHead[] =>
  targetLayers.flatMap((layer) => {
    const name = `${layer.module}.weight`;
    const [own, tied] = [tensors.get(name), locate(weightName(layer))];
    if (layer.weight === undefined || !own || !tied) return [];
    return [{ name, tiedTo: layer.weight, isCopy: holdTheSame(own, tied) }];
  });

const holdTheSame = (a: TensorLocation, b: TensorLocation): boolean => {
  if (a.shape.join() !== b.shape.join()) return false;
  if (a.dtype !== b.dtype) {
    const [left, right] = [readLocationFloat32(a, ''), readLocationFloat32(b, '')];
    return left.every((value, index) => value === right[index]);
  }
  const other = readChunks(b);
  for (const bytes of readChunks(a)) {
    const { value } = other.next();
    if (!value || Buffer.compare(bytes, value) !== 0) return false;
  }
  return true;
};

import { invalidInput } from '../../../errors.ts';
import type { SafetensorsHeader } from '../../../formats/safetensors-header.ts';
import type { TensorToWrite } from '../../../formats/safetensors-writer.ts';
import { peftConfigFile, peftPrefix } from '../../folder.ts';
import type { ModuleSize } from '../../imported-adapter.ts';

/**
 * A layer's part of a LoRA: its weight (out x in) gains scaling * B A, A (rank x in), B (out x rank), and DoRA brings its rows to the
 * lengths of the magnitude vector (out). Those of a convolution lie as kernels: A (rank x channels x size x size), B (out x rank x 1 x 1) and
 * the lengths (1 x out x 1 x 1).
 */
export type Part = 'a' | 'b' | 'magnitude';

type Endings = Readonly<Record<Part, string>>;
const ofLayers: Endings = {
  a: '.lora_A.weight',
  b: '.lora_B.weight',
  magnitude: '.lora_magnitude_vector',
};
/** An embedding's weight lies as (in x out), and its tensors have names of their own. */
const ofEmbeddings: Endings = { ...ofLayers, a: '.lora_embedding_A', b: '.lora_embedding_B' };

const parts = new Map(
  [ofLayers, ofEmbeddings].flatMap((endings) =>
    (Object.keys(endings) as Part[]).map((part) => [endings[part], part] as const),
  ),
);

const endingOf = (key: string): string | undefined =>
  key.startsWith(peftPrefix) ? [...parts.keys()].find((ending) => key.endsWith(ending)) : undefined;

export const isPart = (key: string): boolean => endingOf(key) !== undefined;

/** A module's tensors in a file. */
export interface FoundPair extends ModuleSize {
  readonly rank: number;
  readonly keys: Readonly<Record<'a' | 'b', string>> & { readonly magnitude?: string };
}

/** Two matrices; or of a convolution two kernels, the second of a single pixel. */
const isPairOf = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === 4
    ? a[2] === a[3] && b.length === 4 && b[2] === 1 && b[3] === 1
    : a.length === 2 && b.length === 2;

/**
 * What a file has of each module, by name and shape.
 * @throws invalid-input for half a pair, and for a pair that is not of its rank
 */
export const findPairs = (header: SafetensorsHeader, rankOf: (module: string) => number): FoundPair[] => {
  const found = new Map<string, Partial<Record<Part, string>>>();
  for (const key of header.tensors.keys()) {
    const ending = endingOf(key);
    if (ending === undefined) continue;
    const module = key.slice(peftPrefix.length, -ending.length);
    found.set(module, { ...found.get(module), [parts.get(ending)!]: key });
  }
  return [...found].map(([module, { a, b, magnitude }]) => {
    const place = `${header.path}: module ${module}`;
    if (a === undefined || b === undefined)
      throw invalidInput(`${place}: its lora_${a === undefined ? 'A' : 'B'} is missing`);
    const [shapeA, shapeB] = [a, b].map((key) => header.tensors.get(key)!.shape) as [number[], number[]];
    const rank = rankOf(module);
    const isPair = isPairOf(shapeA, shapeB) && shapeA[0] === rank && shapeB[1] === rank;
    if (!isPair)
      throw invalidInput(
        `${place}: lora_A [${shapeA.join(', ')}] and lora_B [${shapeB.join(', ')}] don't have the rank ${rank} of ${peftConfigFile}`,
      );
    return {
      module,
      rank,
      inFeatures: shapeA.slice(1).reduce((a, b) => a * b),
      ...(shapeA.length === 4 ? { kernelSize: shapeA[2]! } : {}),
      outFeatures: shapeB[0]!,
      keys: { a, b, ...(magnitude === undefined ? {} : { magnitude }) },
    };
  });
};

/** A module's pair as it is written. */
export interface Pair extends ModuleSize {
  readonly isEmbedding: boolean;
  readonly rank: number;
  readonly loraA: Float32Array;
  readonly loraB: Float32Array;
  readonly magnitude?: Float32Array;
}

export const pairTensors = (pair: Pair): TensorToWrite[] => {
  const { module, isEmbedding, kernelSize: size, rank, inFeatures, outFeatures } = pair;
  const { loraA, loraB, magnitude } = pair;
  const endings = isEmbedding ? ofEmbeddings : ofLayers;
  const tensor = (part: Part, shape: number[], data: Float32Array): TensorToWrite => ({
    name: `${peftPrefix}${module}${endings[part]}`,
    dtype: 'F32',
    shape,
    data,
  });
  return [
    tensor('a', size ? [rank, inFeatures / size ** 2, size, size] : [rank, inFeatures], loraA),
    tensor('b', size ? [outFeatures, rank, 1, 1] : [outFeatures, rank], loraB),
    ...(magnitude ? [tensor('magnitude', size ? [1, outFeatures, 1, 1] : [outFeatures], magnitude)] : []),
  ];
};

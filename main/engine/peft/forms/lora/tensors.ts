import { invalidInput } from '../../../errors.ts';
import type { SafetensorsHeader } from '../../../formats/safetensors-header.ts';
import type { TensorToWrite } from '../../../formats/safetensors-writer.ts';
import { peftConfigFile, peftPrefix } from '../../folder.ts';
import type { ModuleSize } from '../../imported-adapter.ts';

/**
 * A layer's part of a LoRA: its weight (out x in) gains scaling * B A, A (rank x in), B (out x rank), and DoRA brings its rows to the
 * lengths of the magnitude vector (out).
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
    const isPair = shapeA.length === 2 && shapeB.length === 2 && shapeA[0] === rank && shapeB[1] === rank;
    if (!isPair)
      throw invalidInput(
        `${place}: lora_A [${shapeA.join(', ')}] and lora_B [${shapeB.join(', ')}] don't have the rank ${rank} of ${peftConfigFile}`,
      );
    return {
      module,
      rank,
      inFeatures: shapeA[1]!,
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
  const { module, isEmbedding, rank, inFeatures, outFeatures, loraA, loraB, magnitude } = pair;
  const endings = isEmbedding ? ofEmbeddings : ofLayers;
  const tensor = (part: Part, shape: number[], data: Float32Array): TensorToWrite => ({
    name: `${peftPrefix}${module}${endings[part]}`,
    dtype: 'F32',
    shape,
    data,
  });
  return [
    tensor('a', [rank, inFeatures], loraA),
    tensor('b', [outFeatures, rank], loraB),
    ...(magnitude ? [tensor('magnitude', [outFeatures], magnitude)] : []),
  ];
};

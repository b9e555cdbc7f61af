import type { TextTower, Towers } from '../../models/architecture.ts';
import { createRandom, type Random } from '../../random.ts';
import type { RandomBatchOptions } from '../objective.ts';
import { pictureSide, textSide, type SideOfBatch, type TextRow } from './row-tensors.ts';

const numbers = (random: Random, shape: readonly number[]): Float32Array =>
  Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, random.normal);

const randomText = (
  { input, length }: TextTower,
  { sequenceLength, vocabularySize }: RandomBatchOptions,
  random: Random,
): TextRow =>
  input === null
    ? Array.from({ length: length ?? sequenceLength }, () => random.integer(vocabularySize))
    : numbers(random, input.shape);

/** Pictures of noise, and so many texts of random tokens, each of which ends with its last. */
export const randomSides = (
  options: RandomBatchOptions,
  texts: number,
): { readonly pictures: SideOfBatch; readonly texts: SideOfBatch } => {
  const { pictures, texts: ofTexts } = options.towers as Towers;
  const random = createRandom(options.seed);
  const drawn = <T>(count: number, draw: () => T): T[] => Array.from({ length: count }, draw);
  return {
    pictures: pictureSide(
      pictures,
      drawn(options.batchSize, () => numbers(random, pictures.input.shape)),
    ),
    texts: textSide(
      { ...ofTexts, endOf: ({ length }) => length - 1 },
      drawn(texts, () => randomText(ofTexts, options, random)),
      0,
    ),
  };
};

import { invalidInput } from '../../errors.ts';
import type { Example } from './examples.ts';

/**
 * Refuses rows with ids that the model has no embedding for.
 * @param name the data's file
 * @param directory the model's folder
 * @throws invalid-input naming the row and the id
 */
export const checkVocabulary = (
  examples: readonly Example[],
  vocabularySize: number,
  name: string,
  directory: string,
): void => {
  for (const { inputIds, sourceRow } of examples)
    for (const id of inputIds)
      if (id >= vocabularySize)
        throw invalidInput(
          `${name}, row ${sourceRow + 1}: the tokenizer gives the id ${id}, but ${directory} has ${vocabularySize} embeddings: tokenizer and weights do not belong together`,
        );
};

import { promptsOf } from '../../../engine/data/pictures/prompts/templates.ts';
import { loadTokenizer } from '../../../engine/data/tokens/tokenizer.ts';
import type { ClassPrompts } from '../../protocol/pictures-schema.ts';
import type { ReadQuestion } from '../../protocol/read-schema.ts';

type Question = Omit<Extract<ReadQuestion, { kind: 'class-prompts' }>, 'kind'>;

/** What is asked of each class, with its length. One that is too long for the model is for whoever shows it. @throws WorkbenchError of the template */
export const readClassPrompts = ({ directory, limit, classes, template }: Question): ClassPrompts => {
  const tokenizer = loadTokenizer(directory);
  return {
    limit,
    prompts: promptsOf(classes, template).map((text) => ({ text, tokens: tokenizer.encode(text).length })),
  };
};

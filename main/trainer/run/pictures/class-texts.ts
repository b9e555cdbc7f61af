import { paddingId } from '../../../engine/data/tokens/padding-id.ts';
import type { Tokenizer } from '../../../engine/data/tokens/tokenizer.ts';
import { promptsOf } from '../../../engine/data/pictures/prompts/templates.ts';
import { invalidInput } from '../../../engine/errors.ts';
import type { ModelArchitecture } from '../../../engine/models/architecture.ts';
import { encodedText, paddingNotices } from './encoded-text.ts';

/** What is asked of each class, as the text tower takes it. */
export interface ClassTexts {
  /** Token ids, a row a class. */
  readonly rows: readonly (readonly number[])[];
  readonly padId: number;
  /** Tokens of the longest. */
  readonly positions: number;
  /** What a person should know of them. */
  readonly notices: readonly string[];
}

/**
 * @param place the field that the template stands in, for errors
 * @throws WorkbenchError naming the class whose prompt does not fit the model
 */
export const classTexts = (
  classes: readonly string[],
  template: string,
  tokenizer: Tokenizer,
  architecture: Pick<ModelArchitecture, 'maximumPositions' | 'vocabularySize' | 'towers'>,
  place = 'training.pictures.template',
): ClassTexts => {
  const { maximumPositions, vocabularySize } = architecture;
  const prompts = promptsOf(classes, template, place);
  const rows = prompts.map((prompt) => encodedText(prompt, tokenizer, architecture, place));
  for (const [label, row] of rows.entries()) {
    if (row.length > maximumPositions)
      throw invalidInput(
        `${place}: "${prompts[label]!}" is ${row.length} tokens, and the model takes ${maximumPositions}: shorten it, or the name of the class`,
      );
    const unknown = row.find((id) => id >= vocabularySize);
    if (unknown !== undefined)
      throw invalidInput(
        `${place}: "${prompts[label]!}" has the token ${unknown}, and the model knows ${vocabularySize}: its tokenizer belongs to another model`,
      );
  }
  const positions = Math.max(2, ...rows.map(({ length }) => length));
  return {
    rows,
    padId: paddingId(tokenizer, vocabularySize),
    positions,
    notices: paddingNotices(tokenizer, architecture),
  };
};

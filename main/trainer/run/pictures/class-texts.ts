import { attempt } from '../../../engine/attempt.ts';
import { paddedText } from '../../../engine/data/tokens/padded-text.ts';
import { paddingId } from '../../../engine/data/tokens/padding-id.ts';
import type { Tokenizer } from '../../../engine/data/tokens/tokenizer.ts';
import { promptsOf } from '../../../engine/data/pictures/prompts/templates.ts';
import { invalidInput, WorkbenchError } from '../../../engine/errors.ts';
import type { ModelArchitecture } from '../../../engine/models/architecture.ts';

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

/** @throws WorkbenchError naming the class whose prompt does not fit the model */
export const classTexts = (
  classes: readonly string[],
  template: string,
  tokenizer: Tokenizer,
  {
    maximumPositions,
    vocabularySize,
    towers,
  }: Pick<ModelArchitecture, 'maximumPositions' | 'vocabularySize' | 'towers'>,
): ClassTexts => {
  const prompts = promptsOf(classes, template);
  const length = towers?.texts.length ?? null;
  const rows = prompts.map((prompt) => encoded(prompt, tokenizer, length));
  for (const [label, row] of rows.entries()) {
    if (row.length > maximumPositions)
      throw invalidInput(
        `training.pictures.template: "${prompts[label]!}" is ${row.length} tokens, and the model takes ${maximumPositions}: shorten it, or the name of the class`,
      );
    const unknown = row.find((id) => id >= vocabularySize);
    if (unknown !== undefined)
      throw invalidInput(
        `training.pictures.template: "${prompts[label]!}" has the token ${unknown}, and the model knows ${vocabularySize}: its tokenizer belongs to another model`,
      );
  }
  const positions = Math.max(2, ...rows.map(({ length }) => length));
  return {
    rows,
    padId: paddingId(tokenizer, vocabularySize),
    positions,
    notices: length !== null && tokenizer.masksPadding ? [seenPadding] : [],
  };
};

const seenPadding =
  'the model sees padding, as it was trained; tokenizer_config.json leaves attention_mask among model_input_names, with which transformers hides it: say ["input_ids"] there for the same numbers';

const encoded = (prompt: string, tokenizer: Tokenizer, length: number | null): readonly number[] => {
  if (length === null) return tokenizer.encode(prompt);
  const row = attempt(() => paddedText(prompt, tokenizer, length));
  if (row instanceof WorkbenchError)
    throw new WorkbenchError(row.code, `training.pictures.template: ${row.message}`, { cause: row });
  return row;
};

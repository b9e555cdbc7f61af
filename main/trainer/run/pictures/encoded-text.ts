import { attempt } from '../../../engine/attempt.ts';
import { paddedText } from '../../../engine/data/tokens/padded-text.ts';
import type { Tokenizer } from '../../../engine/data/tokens/tokenizer.ts';
import { WorkbenchError } from '../../../engine/errors.ts';
import type { ModelArchitecture } from '../../../engine/models/architecture.ts';

/**
 * A text's token ids as a text tower takes them, padded where it was trained so.
 * @param place what an error names
 * @throws WorkbenchError where the tokenizer can't pad, or takes a part of the text for a special token
 */
export const encodedText = (
  text: string,
  tokenizer: Tokenizer,
  { towers }: Pick<ModelArchitecture, 'towers'>,
  place: string,
): readonly number[] => {
  const length = towers?.texts.length ?? null;
  if (length === null) return tokenizer.encode(text);
  const row = attempt(() => paddedText(text, tokenizer, length));
  if (row instanceof WorkbenchError)
    throw new WorkbenchError(row.code, `${place}: ${row.message}`, { cause: row });
  return row;
};

/** What a person should know of texts that are padded. */
export const paddingNotices = (
  tokenizer: Tokenizer,
  { towers }: Pick<ModelArchitecture, 'towers'>,
): readonly string[] => (towers?.texts.length && tokenizer.masksPadding ? [seenPadding] : []);

const seenPadding =
  'the model sees padding, as it was trained; tokenizer_config.json leaves attention_mask among model_input_names, with which transformers hides it: say ["input_ids"] there for the same numbers';

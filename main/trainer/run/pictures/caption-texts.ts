import { paddingId } from '../../../engine/data/tokens/padding-id.ts';
import type { Tokenizer } from '../../../engine/data/tokens/tokenizer.ts';
import { invalidInput } from '../../../engine/errors.ts';
import type { ModelArchitecture } from '../../../engine/models/architecture.ts';
import { encodedText, paddingNotices } from './encoded-text.ts';

/** Captions as the text tower takes them. */
export interface CaptionTexts {
  /** Token ids, a row a caption. */
  readonly rows: readonly (readonly number[])[];
  readonly padId: number;
  /** Tokens of the longest. */
  readonly positions: number;
  /** How many were longer than the model takes. They lost what is before the token that ends texts, as in OpenAI's and open_clip's code. */
  readonly cut: number;
  /** What a person should know of them. */
  readonly notices: readonly string[];
}

/** @throws WorkbenchError for a tokenizer that belongs to another model */
export const captionTexts = (
  captions: readonly string[],
  tokenizer: Tokenizer,
  architecture: Pick<ModelArchitecture, 'maximumPositions' | 'vocabularySize' | 'towers'>,
): CaptionTexts => {
  const { maximumPositions, vocabularySize } = architecture;
  const end = tokenizer.encode('').at(-1);
  let cut = 0;
  const rows = captions.map((caption) => {
    const row = encodedText(caption, tokenizer, architecture, 'a caption');
    const unknown = row.find((id) => id >= vocabularySize);
    if (unknown !== undefined)
      throw invalidInput(
        `the caption "${caption.slice(0, 60)}" has the token ${unknown}, and the model knows ${vocabularySize}: its tokenizer belongs to another model`,
      );
    if (row.length <= maximumPositions) return row;
    cut += 1;
    return row.at(-1) === end
      ? [...row.slice(0, maximumPositions - 1), end!]
      : row.slice(0, maximumPositions);
  });
  const positions = rows.reduce((most, { length }) => Math.max(most, length), 2);
  return {
    rows,
    padId: paddingId(tokenizer, vocabularySize),
    positions,
    cut,
    notices: paddingNotices(tokenizer, architecture),
  };
};

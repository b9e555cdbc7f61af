import { invalidInput } from '../../errors.ts';
import type { Tokenizer } from './tokenizer.ts';

/**
 * A text for a model whose texts all have one length and whose padding is seen as any other token: its tokens, then padding, or before
 * them where the tokenizer has it so. A text that is longer stays as it is.
 * @throws invalid-input where the tokenizer has no padding, or the text holds a special token, which transformers' tokenizers of such
 *   models do not read as one
 */
export const paddedText = (text: string, tokenizer: Tokenizer, length: number): readonly number[] => {
  const { padId, padSide, specialTokens } = tokenizer;
  const special = Object.values(specialTokens).find((token) => text.includes(token));
  if (special !== undefined)
    throw invalidInput(`"${text}" holds the special token ${special}: write it otherwise`);
  if (padId === undefined)
    throw invalidInput(
      'tokenizer_config.json names no pad_token that the vocabulary has, and the model sees padding: name the one it was trained with',
    );
  const ids = tokenizer.encode(text);
  const padding = Array<number>(Math.max(0, length - ids.length)).fill(padId);
  return padSide === 'right' ? [...ids, ...padding] : [...padding, ...ids];
};

import type { ClassPrompts } from '../../../../../main/api/contract.ts';
import { formatCount } from '../../../format/number.ts';

/** `3 prompts of 7 to 9 tokens; the model takes 77.` */
export const promptsInShort = ({ prompts, limit }: ClassPrompts): string => {
  const lengths = prompts.map(({ tokens }) => tokens);
  const [least, most] = [Math.min(...lengths), Math.max(...lengths)];
  const each = least === most ? formatCount(least) : `${formatCount(least)} to ${formatCount(most)}`;
  return `${formatCount(prompts.length)} prompts of ${each} tokens; the model takes ${formatCount(limit)}.`;
};

/** Names what would be refused; undefined where every prompt fits. */
export const tooLongText = ({ prompts, limit }: ClassPrompts): string | undefined => {
  const long = prompts.filter(({ tokens }) => tokens > limit);
  const [first] = long;
  if (first === undefined) return undefined;
  const more = long.length === 1 ? '' : `, and ${formatCount(long.length - 1)} more are too long`;
  return `“${first.text}” is ${formatCount(first.tokens)} tokens and the model takes ${formatCount(limit)}${more}: a run would be refused. Shorten the template, or the names of the classes.`;
};

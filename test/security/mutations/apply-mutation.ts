import type { Mutation } from './mutation.ts';

/**
 * @param source of the mutation's file
 * @throws Error where the text is not there, or more than once: the list is to follow the code
 */
export const mutated = (source: string, { file, text, becomes, what }: Mutation): string => {
  const times = source.split(text).length - 1;
  if (times !== 1)
    throw new Error(
      `${file}: the text of "${what}" is there ${times} times, not once: ${JSON.stringify(text)}`,
    );
  return source.replace(text, () => becomes);
};

/**
 * Where the part of a text begins that may yet become one of the patterns: the longest end that begins one. The text's length where
 * there is none.
 */
export const heldBackFrom = (text: string, patterns: readonly string[]): number => {
  const longest = patterns.reduce((length, pattern) => Math.max(length, pattern.length - 1), 0);
  for (let from = Math.max(0, text.length - longest); from < text.length; from++)
    if (patterns.some((pattern) => pattern.startsWith(text.slice(from)))) return from;
  return text.length;
};

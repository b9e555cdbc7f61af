/** Where an expression matches, as Python's `re.findall` gives it without groups. */
export const allMatches = (text: string, expression: RegExp): string[] =>
  [...text.matchAll(expression)].map(([match]) => match);

/** A group of the first match, or of the last: the first group that holds something, as lm-evaluation-harness' regex filter takes it. */
export const groupOf = (text: string, expression: RegExp, which: 'first' | 'last'): string | null => {
  const matches = [...text.matchAll(expression)];
  const match = which === 'first' ? matches[0] : matches.at(-1);
  const group = match?.slice(1).find((each) => each !== undefined && each !== '');
  return group === undefined ? null : group.trim();
};

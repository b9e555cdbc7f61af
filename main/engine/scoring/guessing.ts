/** The share of the commonest value: what always giving it gets right. 0 without values. */
export const commonestShare = (values: readonly (string | number)[]): number => {
  const counts = new Map<string | number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return values.length === 0 ? 0 : Math.max(...counts.values()) / values.length;
};

/** What guessing among so many choices, item by item, gets right on average. */
export const chanceAmong = (choices: readonly number[]): number =>
  choices.reduce((sum, count) => sum + 1 / count, 0) / choices.length;

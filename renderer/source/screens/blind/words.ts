import type { BlindTest, VoteChoice } from '../../../../main/api/contract.ts';

/** What can be said of a pair, with the key that says it. */
export const judgements: readonly { choice: VoteChoice; label: string; key: string; mark: string }[] = [
  { choice: 'left', label: 'Left is better', key: 'ArrowLeft', mark: '←' },
  { choice: 'right', label: 'Right is better', key: 'ArrowRight', mark: '→' },
  { choice: 'tie', label: 'Both as good', key: 'b', mark: '=' },
  { choice: 'both-bad', label: 'Neither', key: 'x', mark: '×' },
];

/** How a judgement stands in the row of pairs. */
export const markOf = (choice: VoteChoice | null): string =>
  judgements.find((one) => one.choice === choice)?.mark ?? '·';

export const judgedOf = ({ choices }: Pick<BlindTest, 'choices'>): number =>
  choices.filter((choice) => choice !== null).length;

/** "3 of 20". */
export const standingOf = (test: Pick<BlindTest, 'choices' | 'pairs'>): string =>
  `${judgedOf(test)} of ${test.pairs}`;

/** The first pair behind one that nothing was said of, around the end; null where all are judged. */
export const nextOpen = ({ choices }: Pick<BlindTest, 'choices'>, from: number): number | null => {
  const order = choices.map((_, step) => (from + 1 + step) % choices.length);
  return order.find((pair) => choices[pair] === null) ?? null;
};

/** What was said of a pair, by whose picture it was. */
export const saidOf = ({ arms, choices, result }: BlindTest, pair: number): string => {
  const choice = choices[pair] ?? null;
  const left = result?.left[pair] ?? 0;
  if (choice === 'left') return arms[left];
  if (choice === 'right') return arms[left === 0 ? 1 : 0];
  if (choice === null) return 'not judged';
  return choice === 'tie' ? 'both as good' : 'neither';
};

import type { BlindTest } from '../api/contract.ts';
import { printable } from './generation/printable.ts';
import { plural, timeText } from './quantities.ts';
import { formatTable } from './table.ts';

const judgedOf = ({ choices }: BlindTest): number => choices.filter((choice) => choice !== null).length;
const standing = (test: BlindTest): string => `${judgedOf(test)} of ${test.pairs}`;

export const testsTable = (tests: readonly BlindTest[]): string =>
  formatTable(tests, [
    { title: 'test', text: ({ name }) => printable(name) },
    { title: 'arms', text: ({ arms }) => printable(arms.join(', ')) },
    { title: 'judged', text: standing, isNumber: true },
    { title: 'ended', text: ({ endedAt }) => (endedAt === null ? 'open' : timeText(endedAt)) },
    { title: 'id', text: ({ id }) => id },
  ]);

/** What came out of a test; of an open one nothing but how far it is. */
export const testText = (test: BlindTest): string => {
  const { arms, leftOut, isOfOneNoise, result } = test;
  const notes = [
    ...(leftOut > 0
      ? [`${plural(leftOut, 'picture')} had no partner, and ${leftOut === 1 ? 'is' : 'are'} not in it.`]
      : []),
    ...(isOfOneNoise
      ? []
      : ['Pairs are of one file name: nothing says that they are of one prompt and seed.']),
  ];
  if (result === null)
    return [
      `${standing(test)} pairs are judged. Whose they are is said when it is ended, in the window.`,
      ...notes,
    ].join('\n');
  const rows = [
    { said: printable(arms[0]), pairs: result.wins[0] },
    { said: printable(arms[1]), pairs: result.wins[1] },
    { said: 'both as good', pairs: result.ties },
    { said: 'neither', pairs: result.bothBad },
    { said: 'not judged', pairs: test.pairs - judgedOf(test) },
  ];
  const table = formatTable(rows, [
    { title: 'better', text: ({ said }) => said },
    { title: 'pairs', text: ({ pairs }) => `${pairs}`, isNumber: true },
  ]);
  return [table, '', printable(result.verdict), ...notes].join('\n');
};

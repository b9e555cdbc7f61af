import type { TaskScore } from '../engine/scoring/item-result.ts';
import { confusionTable } from '../engine/scoring/confusion-table.ts';
import { confusionOf } from '../engine/scoring/confusion.ts';
import { scoreRegistry } from '../engine/scoring/scores.ts';
import { metricText } from './quantities.ts';
import { formatTable } from './table.ts';

/** A table for each task: a line for each subject, then what guessing gets, then what is to be known of it. */
export const scoresText = (scores: readonly TaskScore[], notices: readonly string[]): string => {
  const byTask = Map.groupBy(scores, ({ task }) => task);
  return [...[...byTask.values()].map(taskText), ...notices].join('\n\n');
};

const taskText = (scores: readonly TaskScore[]): string => {
  const { task, items, notices, chance, majority } = scores[0]!;
  const shown = scoreRegistry.filter(({ name }) => scores.some((each) => each.scores[name] !== undefined));
  const share = (value: number): string => metricText({ unit: 'share' }, value);
  return [
    `${task}, ${items} items`,
    formatTable(scores, [
      { title: '', text: ({ subject }) => subject },
      ...shown.map((entry) => ({
        title: entry.short,
        text: ({ scores: values }: TaskScore) => metricText(entry, values[entry.name]),
        isNumber: true,
      })),
      { title: '', text: ({ problem }) => problem ?? '' },
    ]),
    ...scores.filter(({ scores: { f1 } }) => f1 !== undefined).map(confusionText),
    ...(chance === null ? [] : [`guessing gets ${share(chance)} on average`]),
    ...(majority === null ? [] : [`always the commonest answer gets ${share(majority)}`]),
    ...notices,
  ].join('\n');
};

/** How often each class was taken for which. */
const confusionText = ({ subject, results }: TaskScore): string => {
  const { titles, rows, words } = confusionTable(confusionOf(results));
  const columns = titles.map((title, at) => ({
    title,
    text: (row: readonly string[]) => row[at]!,
    isNumber: rows.every((row) => /^\d+$/.test(row[at]!)),
  }));
  return ['', `${subject}: ${words}`, formatTable(rows, columns), ''].join('\n');
};

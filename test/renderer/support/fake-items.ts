import type { ItemsPage } from '../../../main/api/contract.ts';
import type { ComparisonDataInput } from '../../../main/services/comparisons/answer/comparison-data.ts';

const prompts = [
  'Question: Which of these is a renewable resource?\nAnswer:',
  'Question: What causes day and night on Earth?\nAnswer:',
  'Question: A whale breathes with which organ?\nAnswer:',
  'Question: Which tool measures the temperature of water?\nAnswer:',
];
const choices = [
  ['sunlight', 'coal', 'oil', 'natural gas'],
  ['the Earth turns', 'the Moon passes', 'clouds', 'the Sun moves'],
  ['lungs', 'gills', 'skin', 'fins'],
  ['a thermometer', 'a ruler', 'a scale', 'a clock'],
];

/** What each subject answered, as the numbers say. */
export const fakeItems = (data: ComparisonDataInput, task: string): ItemsPage['items'] => {
  const metric = data.metrics.find((known) => known.task === task);
  if (metric === undefined) return [];
  const hasAnswers = metric.metric === 'accuracy';
  const subject = (arm: string | null, seed: number | null, value: number, item: number) => ({
    arm,
    seed,
    shots: null,
    answer: hasAnswers ? choices[item % 4]![value === 1 ? 0 : 1 + (item % 3)]! : null,
    values: { [metric.metric]: value },
    detail: null,
  });
  return metric.itemIds.map((item) => ({
    item,
    prompt: hasAnswers ? prompts[item % 4]! : null,
    expected: hasAnswers ? choices[item % 4]![0]! : null,
    weight: metric.weights[item]!,
    subjects: [
      ...(metric.base === null ? [] : [subject(null, null, metric.base[item]!, item)]),
      ...metric.runs.flatMap(({ arm, seed, items }) =>
        items === null ? [] : [subject(arm, seed, items[item]!, item)],
      ),
    ],
  }));
};

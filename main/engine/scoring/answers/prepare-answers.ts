import type { Dataset, Row } from '../../data/files/dataset-file.ts';
import { fillTemplate, type DatasetFormat } from '../../data/files/dataset-format.ts';
import { columnText } from '../../data/tokens/row-text.ts';
import type { Tokenizer } from '../../data/tokens/tokenizer.ts';
import { invalidInput } from '../../errors.ts';
import { defaultGenerationSettings } from '../../generation/generation-settings.ts';
import { answerRules, type AnswerRule } from '../answer-rules/rules.ts';
import { exampleDelimiter, examplesNotice, shownExamples } from '../examples/shown-examples.ts';
import { namesInInstruction } from '../choices/llm-adapters.ts';
import { chanceAmong, commonestShare } from '../guessing.ts';
import type { PreparedTask, WrittenItem } from '../prepared-task.ts';
import type { TaskOf } from '../task.ts';
import { encodePrompt } from './encode-prompt.ts';

export interface AnswerTaskOptions {
  readonly task: TaskOf<'answers'>;
  readonly dataset: Dataset;
  readonly tokenizer: Tokenizer;
  /** Of the model. */
  readonly positions: number;
  readonly format: DatasetFormat;
  readonly date: Date;
  /** The file that the task's examples are of; null where it shows none. */
  readonly examples: Dataset | null;
}

/** Reads a file of questions whose answers the model writes, and a rule finds in that. */
export const prepareAnswers = (options: AnswerTaskOptions): PreparedTask => {
  const { task, dataset, positions } = options;
  const rule = answerRules[task.rule];
  const maximumTokens = task.maximumTokens ?? rule.maximumTokens;
  const settings = { ...defaultGenerationSettings, maximumTokens, stop: stopsOf(rule, options) };
  const room = positions - maximumTokens;
  if (room < 1)
    throw invalidInput(
      `task ${task.name}: ${maximumTokens} new tokens leave no room for a prompt in the model's ${positions} positions`,
    );
  const column = answerColumn(options);
  const count = Math.min(dataset.rows.length, task.limit ?? Infinity);
  const before = examplesBefore(options, count);
  const questions = Array.from({ length: count }, (_, item) =>
    readQuestion(item, { column, rule, before: before[item]! }, options),
  );
  const cut = questions.filter(({ ids }) => ids.length > room).length;
  return {
    facts: {
      task: task.name,
      items: count,
      chance: chanceOf(rule, dataset, count),
      majority: rule.answers === undefined ? null : commonestShare(questions.map(({ expected }) => expected)),
      notices: [
        ...noticesOf(rule, options).map((notice) => `${task.name}: ${notice}`),
        ...(cut === 0
          ? []
          : [
              `${dataset.name}: ${cut} of ${count} prompts leave no room for the answer in the model's ${positions} positions and lost their beginning`,
            ]),
      ],
    },
    likelihood: [],
    pictures: [],
    drawn: [],
    measured: [],
    written: questions.map(({ item, ids, prompt, expected }): WrittenItem => ({
      item,
      ids: ids.slice(Math.max(0, ids.length - room)),
      settings,
      judge: ({ text, finish }) => {
        const answer = rule.find(text);
        const accuracy = answer !== null && rule.isRight(answer, expected) ? 1 : 0;
        return { item, prompt, expected, answer, weight: 1, values: { accuracy }, detail: { text, finish } };
      },
    })),
  };
};

interface Question {
  readonly item: number;
  readonly prompt: string;
  readonly ids: readonly number[];
  readonly expected: string;
}

const placeOf = (dataset: Dataset, row: number): string => `${dataset.name}, line ${dataset.lineOf(row)}`;

interface ReadOptions {
  readonly column: string;
  readonly rule: AnswerRule;
  /** The question's examples. */
  readonly before: string;
}

const readQuestion = (
  item: number,
  { column, rule, before }: ReadOptions,
  options: AnswerTaskOptions,
): Question => {
  const { dataset } = options;
  const place = placeOf(dataset, item);
  const row = dataset.rows.at(item);
  const answer = columnText(row, column, place);
  const expected = rule.expect(answer);
  if (expected === '') throw invalidInput(`${place}: column "${column}" has no answer`);
  checkAmong(rule, expected, place);
  const { text, ids } = encodePrompt(row, { ...options, before }, place);
  if (ids.length === 0) throw invalidInput(`${place}: the prompt is empty`);
  return { item, prompt: text.slice(before.length), ids, expected };
};

/** What stands before each question; nothing where the task shows no examples. */
const examplesBefore = (
  { task, dataset, format, examples: file }: AnswerTaskOptions,
  count: number,
): string[] => {
  if (task.examples === null || file === null) return Array.from({ length: count }, () => '');
  if (format.kind !== 'prompt-completion')
    throw invalidInput(
      `task ${task.name}: examples are shown in rows of prompt and completion, not of the format "${format.kind}"`,
    );
  const fill = (template: string, from: Dataset, row: number): string =>
    fillTemplate(template, (column) => columnText(from.rows.at(row), column, placeOf(from, row)));
  return shownExamples({
    examples: task.examples,
    dataset: file,
    solve: (row) => {
      const question = fill(format.prompt, file, row);
      // lm-evaluation-harness' target_delimiter, where the prompt brings none.
      const delimiter = /\s$/.test(question) ? '' : ' ';
      return { question, text: `${question}${delimiter}${fill(format.completion, file, row)}` };
    },
    questions: Array.from({ length: count }, (_, row) => ({
      question: fill(format.prompt, dataset, row),
      place: placeOf(dataset, row),
    })),
  });
};

/** Where a rule's protocol names no end, an answer ends where the next example would begin, as in lm-evaluation-harness. */
const stopsOf = ({ stop }: AnswerRule, { task }: AnswerTaskOptions): string[] =>
  stop.length === 0 && task.examples !== null ? [exampleDelimiter] : [...stop];

const noticesOf = (rule: AnswerRule, { task, examples }: AnswerTaskOptions): string[] => [
  ...(rule.notice === undefined ? [] : [rule.notice]),
  ...(task.examples === null || examples === null
    ? (rule.withoutExamples ?? [])
    : [examplesNotice(task.examples, examples.name)]),
];

const answerColumns = ['answer', 'output'];

const answerColumn = ({ task, dataset }: AnswerTaskOptions): string => {
  const first = dataset.rows.at(0);
  const column = task.answerColumn ?? answerColumns.find((name) => first[name] !== undefined);
  if (column !== undefined) return column;
  throw invalidInput(
    `${dataset.name}, line ${dataset.lineOf(0)}: has no column ${answerColumns.join(' or ')} with the right answer; name it (answerColumn)`,
  );
};

const checkAmong = ({ answers, label }: AnswerRule, expected: string, place: string): void => {
  if (answers === undefined || answers.includes(expected)) return;
  throw invalidInput(
    `${place}: the answer "${expected}" is none that ${label} can find (${answers.join(', ')})`,
  );
};

/** Among the answers that a row's instruction lists, or all that the rule knows. */
const chanceOf = ({ answers }: AnswerRule, { rows }: Dataset, count: number): number | null =>
  answers === undefined
    ? null
    : chanceAmong(
        Array.from({ length: count }, (_, index) => listedIn(rows.at(index))?.length ?? answers.length),
      );

const listedIn = ({ instruction }: Row): string[] | undefined =>
  typeof instruction === 'string' ? namesInInstruction(instruction) : undefined;

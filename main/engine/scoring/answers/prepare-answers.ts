import type { Dataset, Row } from '../../data/files/dataset-file.ts';
import type { DatasetFormat } from '../../data/files/dataset-format.ts';
import { columnText } from '../../data/tokens/row-text.ts';
import type { Tokenizer } from '../../data/tokens/tokenizer.ts';
import { invalidInput } from '../../errors.ts';
import { defaultGenerationSettings } from '../../generation/generation-settings.ts';
import { answerRules, type AnswerRule } from '../answer-rules/rules.ts';
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
}

/** Reads a file of questions whose answers the model writes, and a rule finds in that. */
export const prepareAnswers = (options: AnswerTaskOptions): PreparedTask => {
  const { task, dataset, positions } = options;
  const rule = answerRules[task.rule];
  const maximumTokens = task.maximumTokens ?? rule.maximumTokens;
  const settings = { ...defaultGenerationSettings, maximumTokens, stop: [...rule.stop] };
  const room = positions - maximumTokens;
  if (room < 1)
    throw invalidInput(
      `task ${task.name}: ${maximumTokens} new tokens leave no room for a prompt in the model's ${positions} positions`,
    );
  const column = answerColumn(options);
  const count = Math.min(dataset.rows.length, task.limit ?? Infinity);
  const questions = Array.from({ length: count }, (_, item) => readQuestion(item, column, rule, options));
  const cut = questions.filter(({ ids }) => ids.length > room).length;
  return {
    facts: {
      task: task.name,
      items: count,
      chance: chanceOf(rule, dataset, count),
      majority: rule.answers === undefined ? null : commonestShare(questions.map(({ expected }) => expected)),
      notices: [
        ...(rule.notice === undefined ? [] : [`${task.name}: ${rule.notice}`]),
        ...(cut === 0
          ? []
          : [
              `${dataset.name}: ${cut} of ${count} prompts leave no room for the answer in the model's ${positions} positions and lost their beginning`,
            ]),
      ],
    },
    likelihood: [],
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

const readQuestion = (
  item: number,
  column: string,
  rule: AnswerRule,
  options: AnswerTaskOptions,
): Question => {
  const { dataset } = options;
  const place = `${dataset.name}, line ${dataset.lineOf(item)}`;
  const row = dataset.rows.at(item);
  const answer = columnText(row, column, place);
  const expected = rule.expect(answer);
  if (expected === '') throw invalidInput(`${place}: column "${column}" has no answer`);
  checkAmong(rule, expected, place);
  const { text: prompt, ids } = encodePrompt(row, options, place);
  if (ids.length === 0) throw invalidInput(`${place}: the prompt is empty`);
  return { item, prompt, ids, expected };
};

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

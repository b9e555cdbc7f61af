import type { DatasetFormat } from '../../data/files/dataset-format.ts';
import { allMatches, groupOf } from './expressions.ts';
import { expectedNumber, withoutIgnored } from './gsm8k.ts';
import { isNumber, lastNumber } from './number.ts';
import type { AnswerRuleName } from './rule-names.ts';
import { normalised } from './squad.ts';

/** How an answer is found in what a model wrote, and when it is right. Pure: a browser can import this. */
export interface AnswerRule {
  /** Says whose protocol it is: the same data scored by another one gives another number. */
  readonly label: string;
  /** What is taken for the model's answer; null where the text has none, which is wrong. */
  readonly find: (text: string) => string | null;
  /** What the file's answer is to be. */
  readonly expect: (answer: string) => string;
  readonly isRight: (found: string, expected: string) => boolean;
  /** New tokens at most, and texts at which the model is stopped, as the protocol has them. */
  readonly maximumTokens: number;
  readonly stop: readonly string[];
  /** Answers that there are, where they are a few. A row's instruction may list fewer. */
  readonly answers?: readonly string[];
  readonly notice?: string;
  /** What is to be said where the model is shown no examples. */
  readonly withoutExamples?: readonly string[];
  /** How the protocol puts rows that have its columns, where examples are shown and the task names no format. */
  readonly shownAs?: Extract<DatasetFormat, { kind: 'prompt-completion' }>;
}

const equal = (found: string, expected: string): boolean => found === expected;
const trimmed = (text: string): string => text.trim();

const greedy =
  'the model answers greedily, where LLM-Adapters searches with 4 beams; by likelihood (lm-evaluation-harness) the same questions give other numbers';

/** LLM-Adapters 8166572, commonsense_evaluate.py: the first of the names that the text has. */
const firstName = (data: string, answers: readonly string[]): AnswerRule => ({
  label: `LLM-Adapters' first match (${data})`,
  find: (text) => allMatches(text, new RegExp(answers.join('|'), 'g'))[0] ?? null,
  expect: trimmed,
  isRight: equal,
  maximumTokens: 32,
  stop: [],
  answers,
  notice: greedy,
});

const numbered = (name: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${name}${index + 1}`);

const gsm8kStop = ['Question:', '</s>', '<|im_end|>'];

const gsm8k = (label: string, find: AnswerRule['find'], withoutExamples: string): AnswerRule => ({
  label,
  find,
  expect: expectedNumber,
  isRight: (found, expected) => withoutIgnored(found) === withoutIgnored(expected),
  maximumTokens: 256,
  stop: gsm8kStop,
  withoutExamples: [withoutExamples],
  shownAs: { kind: 'prompt-completion', prompt: 'Question: {question}\nAnswer:', completion: 'answer' },
});

export const answerRules: Readonly<Record<AnswerRuleName, AnswerRule>> = {
  'llm-adapters-true-false': firstName('true or false: BoolQ', ['true', 'false']),
  'llm-adapters-solution': firstName('solution1 or 2: PIQA', numbered('solution', 2)),
  'llm-adapters-answer': firstName('answer1 to 5: ARC, OpenBookQA, SIQA', numbered('answer', 5)),
  'llm-adapters-ending': firstName('ending1 to 4: HellaSwag', numbered('ending', 4)),
  'llm-adapters-option': firstName('option1 or 2: WinoGrande', numbered('option', 2)),
  'llm-adapters-number': {
    label: "LLM-Adapters' last number, within 0.001 (GSM8K, SVAMP, MAWPS)",
    find: lastNumber,
    expect: trimmed,
    isRight: isNumber,
    maximumTokens: 256,
    stop: [],
    notice: greedy,
  },
  'llm-adapters-letter': {
    label: "LLM-Adapters' first letter A to E (AQuA)",
    find: (text) => allMatches(text, /[A-E]/g)[0] ?? null,
    expect: trimmed,
    isRight: equal,
    maximumTokens: 256,
    stop: [],
    answers: ['A', 'B', 'C', 'D', 'E'],
    notice: greedy,
  },
  'gsm8k-strict': gsm8k(
    "lm-evaluation-harness' gsm8k, strict match (#### number)",
    (text) => groupOf(text, /#### (-?[0-9.,]+)/g, 'first'),
    'the model is asked without examples, where lm-evaluation-harness shows 5: only models that were trained to write "####" before the number can be right',
  ),
  'gsm8k-flexible': gsm8k(
    "lm-evaluation-harness' gsm8k, flexible extract (last number)",
    (text) => groupOf(text, /(-?[$0-9.,]{2,})|(-?[0-9]+)/g, 'last'),
    'the model is asked without examples, where lm-evaluation-harness shows 5',
  ),
  'exact-match': {
    label: 'exact match, but for white space around',
    find: (text) => trimmed(text) || null,
    expect: trimmed,
    isRight: equal,
    maximumTokens: 64,
    stop: [],
  },
  'exact-match-normalised': {
    label: "exact match without capitals, punctuation and articles (SQuAD's)",
    find: (text) => normalised(text) || null,
    expect: normalised,
    isRight: equal,
    maximumTokens: 64,
    stop: [],
  },
};

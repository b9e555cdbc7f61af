import { basename } from 'node:path';
import { invalidInput } from '../engine/errors.ts';
import { answerRuleNames } from '../engine/scoring/answer-rules/rule-names.ts';
import { choicePromptNames } from '../engine/scoring/choices/prompt-names.ts';
import {
  examplesSchema,
  taskSchema,
  type Task,
  type TaskInput,
  type TaskOf,
} from '../engine/scoring/task.ts';
import { givenSource } from '../services/shared/given-path.ts';
import { wholeNumber } from './numbers.ts';
import { readTasksFile } from './tasks-file.ts';

export interface ScoreFlags {
  readonly adapter?: readonly string[];
  readonly base?: boolean;
  readonly dataset?: string;
  readonly heldOut?: true;
  readonly text?: readonly string[];
  readonly choices?: readonly string[];
  readonly prompt?: string;
  readonly answers?: readonly string[];
  readonly rule?: string;
  readonly answerColumn?: string;
  readonly classes?: readonly string[];
  readonly tasks?: string;
  readonly examples?: string;
  readonly shots?: string;
  readonly examplesSeed?: string;
  readonly limit?: string;
  readonly items?: true;
  readonly template?: string;
  readonly seed?: string;
  readonly fraction?: string;
  readonly sequenceLength?: string;
  readonly batchSize?: string;
  readonly threads?: string;
}

export const scoreFlagDescriptions: Readonly<Record<string, string>> = {
  '--adapter <adapters...>':
    'adapters of the library that are scored beside the base, by name, id or experiment/run',
  '--no-base': 'leave the base itself out',
  '--held-out': "the loss on the data set's held-out rows",
  '--dataset <dataset>': 'the data set that was trained on: its held-out rows, and how rows are read',
  '--text <files...>': 'the loss on the rows of these files',
  '--choices <files...>': 'multiple choice by likelihood: acc, and by characters and bytes',
  '--prompt <prompt>': `how choices are put: ${choicePromptNames.join(', ')}; that of the file's form unless given`,
  '--answers <files...>': 'the model writes answers, and --rule finds them',
  '--rule <rule>': answerRuleNames.join(', '),
  '--answer-column <column>': 'the column with the right answer; answer or output unless given',
  '--classes <files...>': 'what a classifier says of each row: accuracy, F1',
  '--tasks <file>':
    "tasks of a YAML file, as a comparison's `tasks:` lists them; one of a comparison will do",
  '--examples <file>': 'solved rows that are shown before each question of --choices and --answers',
  '--shots <count>': 'how many of --examples; 5 unless given',
  '--examples-seed <seed>':
    "draw other examples for each question, as lm-evaluation-harness does (with 1234); the file's first ones unless given",
  '--template <text>': 'of pictures: what is asked of each class, named where {} stands',
  '--limit <rows>': 'only the first rows of each file',
  '--items': 'with --json: what each subject did with each item too',
  '--seed <seed>': 'that of the run whose rows were held out; 0 unless given',
  '--fraction <share>': "the run's share of rows held out; 0.1 unless given",
  '--sequence-length <tokens>': 'as of the run; 256 unless given',
  '--batch-size <rows>': 'rows at a time; 8 unless given',
  '--threads <threads>': 'one for each physical core unless given',
};

/** Each file is a task of its own, which goes by the file's name. */
export const readTasks = (flags: ScoreFlags): Task[] => {
  const { text = [], choices = [], answers = [], classes = [], heldOut, rule, prompt, answerColumn } = flags;
  const limit = wholeNumber(flags.limit, '--limit') ?? null;
  const examples = readExamples(flags);
  if (answers.length > 0 && rule === undefined)
    throw invalidInput(`--answers: say by which --rule answers are found: ${answerRuleNames.join(', ')}`);
  const ofFile = (flag: string) => (file: string) => ({
    name: basename(file),
    file: givenSource(file, flag),
    limit,
  });
  const inputs: unknown[] = [
    ...(heldOut ? [{ kind: 'held-out', name: 'held-out', limit } satisfies TaskInput] : []),
    ...text.map(ofFile('--text')).map((file) => ({ kind: 'text', ...file })),
    ...choices.map(ofFile('--choices')).map((file) => ({
      kind: 'choices',
      ...file,
      prompt: among(prompt, choicePromptNames, '--prompt'),
      examples,
    })),
    ...answers.map(ofFile('--answers')).map((file) => ({
      kind: 'answers',
      ...file,
      rule: among(rule, answerRuleNames, '--rule'),
      answerColumn: answerColumn ?? null,
      examples,
    })),
    ...classes.map(ofFile('--classes')).map((file) => ({ kind: 'classes', ...file })),
  ];
  const tasks = [
    ...(flags.tasks === undefined ? [] : readTasksFile(givenSource(flags.tasks, '--tasks'))),
    ...inputs.map((input) => taskSchema.parse(input)),
  ];
  if (tasks.length === 0)
    throw invalidInput(
      'nothing to score on: name --held-out, --text, --choices, --answers, --classes or a file of --tasks',
    );
  return tasks;
};

const readExamples = (flags: ScoreFlags): TaskOf<'answers'>['examples'] => {
  const { examples: file, shots, examplesSeed, choices = [], answers = [] } = flags;
  if (file === undefined) {
    const alone = shots === undefined ? (examplesSeed === undefined ? null : '--examples-seed') : '--shots';
    if (alone !== null)
      throw invalidInput(`${alone}: says which rows of --examples are shown; name that file`);
    return null;
  }
  if (choices.length + answers.length === 0)
    throw invalidInput('--examples: are for --choices and --answers; a file of --tasks has its own');
  return examplesSchema.parse({
    file: givenSource(file, '--examples'),
    count: wholeNumber(shots, '--shots') ?? 5,
    seed: wholeNumber(examplesSeed, '--examples-seed') ?? null,
  });
};

const among = (value: string | undefined, names: readonly string[], flag: string): string | null => {
  if (value === undefined || names.includes(value)) return value ?? null;
  throw invalidInput(`${flag}: expected one of ${names.join(', ')}, not "${value}"`);
};

import type { DatasetFormat } from '../../../../engine/data/files/dataset-format.ts';
import { invalidInput } from '../../../../engine/errors.ts';
import { targetName } from '../../../../engine/models/architecture.ts';
import type { AnswerRuleName } from '../../../../engine/scoring/answer-rules/rule-names.ts';
import type { TaskInput } from '../../../../engine/scoring/task.ts';
import {
  definition,
  smallestSide,
  powerOfTwo,
  type ComparisonTemplate,
  type TemplateRequest,
} from './template.ts';

/**
 * The protocol of LLM-Adapters (arXiv 2304.01933) with DoRA's scripts (arXiv 2402.09353), as studies of LoRA's relatives report it: its
 * prompt letter by letter, its settings, its rules of evaluation. The indentation of the prompt is part of it.
 */
const indent = ' '.repeat(16);
const task =
  'Below is an instruction that describes a task. Write a response that appropriately completes the request.';

/** Trained with: two spaces behind the first sentence, and an indented blank line. */
const trainingPrompt = [
  `${task}  `,
  '',
  `${indent}### Instruction:`,
  `${indent}{instruction}`,
  indent,
  `${indent}### Response:`,
  indent,
].join('\n');

/** Evaluated with: one space, and blank lines that are empty. */
const evaluationPrompt = [
  `${task} `,
  '',
  `${indent}### Instruction:`,
  `${indent}{instruction}`,
  '',
  `${indent}### Response:`,
  indent,
].join('\n');

const trainedOn: DatasetFormat = { kind: 'prompt-completion', prompt: trainingPrompt, completion: 'output' };
const evaluatedOn: DatasetFormat = { ...trainedOn, prompt: evaluationPrompt };

interface PublishedTask {
  readonly name: string;
  readonly title: string;
  readonly rule: AnswerRuleName;
}

const commonsenseTasks: readonly PublishedTask[] = [
  { name: 'boolq', title: 'BoolQ', rule: 'llm-adapters-true-false' },
  { name: 'piqa', title: 'PIQA', rule: 'llm-adapters-solution' },
  { name: 'social_i_qa', title: 'SIQA', rule: 'llm-adapters-answer' },
  { name: 'hellaswag', title: 'HellaSwag', rule: 'llm-adapters-ending' },
  { name: 'winogrande', title: 'WinoGrande', rule: 'llm-adapters-option' },
  { name: 'ARC-Easy', title: 'ARC-Easy', rule: 'llm-adapters-answer' },
  { name: 'ARC-Challenge', title: 'ARC-Challenge', rule: 'llm-adapters-answer' },
  { name: 'openbookqa', title: 'OpenBookQA', rule: 'llm-adapters-answer' },
];

const mathTasks: readonly PublishedTask[] = [
  { name: 'MultiArith', title: 'MultiArith', rule: 'llm-adapters-number' },
  { name: 'gsm8k', title: 'GSM8K', rule: 'llm-adapters-number' },
  { name: 'AddSub', title: 'AddSub', rule: 'llm-adapters-number' },
  { name: 'AQuA', title: 'AQuA', rule: 'llm-adapters-letter' },
  { name: 'SingleEq', title: 'SingleEq', rule: 'llm-adapters-number' },
  { name: 'SVAMP', title: 'SVAMP', rule: 'llm-adapters-number' },
  { name: 'mawps', title: 'MAWPS', rule: 'llm-adapters-number' },
];

const adapted = ['q_proj', 'k_proj', 'v_proj', 'up_proj', 'down_proj'];

/** Rows that are held out of training, by their own seed. */
const heldOut = { rows: 120, seed: 42 };

const tasksFor = (tasks: readonly PublishedTask[], { files = {} }: TemplateRequest): TaskInput[] => {
  const unknown = Object.keys(files).find((name) => !tasks.some((one) => one.name === name));
  if (unknown !== undefined)
    throw invalidInput(
      `files: the protocol has no task ${unknown} (it has ${tasks.map(({ name }) => name).join(', ')})`,
    );
  return tasks
    .filter(({ name }) => files[name] !== undefined)
    .map(({ name, rule }) => ({
      kind: 'answers' as const,
      name,
      rule,
      file: files[name]!,
      format: evaluatedOn,
    }));
};

const checkModel = ({ layers }: TemplateRequest): void => {
  const names = new Set(layers.map(targetName));
  const missing = adapted.filter((name) => !names.has(name));
  if (missing.length > 0)
    throw invalidInput(
      `model: the protocol adapts ${adapted.join(', ')}, and this model has no ${missing.join(', ')} (it has ${[...names].join(', ')})`,
    );
};

const checkRows = ({ trainRows }: TemplateRequest): void => {
  if (trainRows <= heldOut.rows)
    throw invalidInput(`dataset: has ${trainRows} rows, of which the protocol holds out ${heldOut.rows}`);
};

/** Everything of the protocol that all arms have alike. */
const protocol = {
  batchSize: 16,
  epochs: 3,
  sequenceLength: 256,
  lossOn: 'all',
  learningRate: 3e-4,
  schedule: 'linear',
  warmupSteps: 100,
  weightDecay: 0,
  evaluateEvery: 80,
  keepBest: true,
  baseFormat: 'fp16',
} as const;

const targeting = { dropout: 0.05, targetModules: adapted };

/** NoRA's own ranks and rate in this protocol are not public: the outer pair is wide, the inner rank a 32nd of it. */
const noraRanks = (request: TemplateRequest) => {
  const outerRank = powerOfTwo(Math.min(512, smallestSide(request)));
  return { outerRank, innerRank: Math.max(1, outerRank / 32) };
};

const make =
  (title: string, tasks: readonly PublishedTask[]): ComparisonTemplate['make'] =>
  (request) => {
    checkModel(request);
    checkRows(request);
    // Of a narrow model: no rank is larger than its layers.
    const [rank, half] = [32, 16].map((one) => Math.min(one, powerOfTwo(smallestSide(request)))) as [
      number,
      number,
    ];
    const { outerRank, innerRank } = noraRanks(request);
    return definition(
      title,
      request,
      [
        { name: 'LoRA', adapter: { method: 'lora', rank, alpha: 2 * rank, ...targeting } },
        {
          name: 'DoRA',
          adapter: { method: 'dora', rank: half, alpha: 2 * half, ...targeting },
          training: { learningRate: 1e-4 },
        },
        {
          name: 'NoRA',
          adapter: {
            method: 'nora',
            preset: 'paper',
            outerRank,
            innerRank,
            alpha: 2 * outerRank,
            ...targeting,
          },
        },
      ],
      {
        training: protocol,
        validationFraction: heldOut.rows / request.trainRows,
        heldOutSeed: heldOut.seed,
        tasks: tasksFor(tasks, request),
      },
    );
  };

const published = (
  name: string,
  title: string,
  description: string,
  tasks: readonly PublishedTask[],
): ComparisonTemplate => ({
  name,
  title,
  description,
  datasetFormat: trainedOn,
  tasks: tasks.map(({ name: task, title: of }) => ({ name: task, title: of })),
  make: make(title, tasks),
});

/** Protocols that publications report by. */
export const publishedProtocols: readonly ComparisonTemplate[] = [
  published(
    'commonsense',
    'Commonsense, as published',
    'Trains on commonsense_170k and answers eight benchmarks by generation, with the prompts, settings and rules of LLM-Adapters and DoRA.',
    commonsenseTasks,
  ),
  published(
    'math',
    'Mathematics, as published',
    'Trains on math_10k and answers seven benchmarks by the last number (AQuA by its letter), with the prompts and settings of LLM-Adapters.',
    mathTasks,
  ),
];

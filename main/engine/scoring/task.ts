import { plainName } from '../plain-line.ts';
import { z } from 'zod';
import { datasetFormatSchema } from '../data/files/dataset-format.ts';
import { separatorNames } from '../data/records/separators.ts';
import { drawSettingsSchema, pictureSeedSchema } from '../diffusion/draw-settings.ts';
import { answerRuleNames } from './answer-rules/rule-names.ts';
import { choicePromptNames } from './choices/prompt-names.ts';

/** What a model is scored on. Pure: a browser can import this. Paths are absolute where a job reads them. */

const named = {
  /** Unique among the tasks that are scored together. */
  name: z.string().overwrite(plainName).trim().min(1),
  /** Rows of the file that are scored, its first ones; null: all. */
  limit: z.int().min(1).nullable().default(null),
};

const ofFile = {
  ...named,
  file: z.string().min(1),
  /** Between the fields of CSV files; without one it is found out. */
  separator: z.enum(separatorNames).nullable().default(null),
};

/** As a dataset's; null: that of the data which is trained on where the file has its columns, or what the file's columns tell (`taskFormat`). */
const format = datasetFormatSchema.nullable().default(null);

/** Solved rows that are shown before each question: few-shot prompts, as lm-evaluation-harness makes them. */
export const examplesSchema = z.strictObject({
  /** Of the task's form. None of its rows that are shown may be scored. */
  file: z.string().min(1),
  count: z.int().min(1).max(100),
  /** null: the first rows of the file, for all questions alike. Otherwise rows are drawn for each question (`drawExamples`). */
  seed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .nullable()
    .default(null),
});
export type Examples = z.output<typeof examplesSchema>;

const examples = examplesSchema.nullable().default(null);

/** The loss on the part of the data that is held out, as a run measures it: `validation/loss`, row by row. */
export const heldOutTaskSchema = z.strictObject({ kind: z.literal('held-out'), ...named });

/** The loss on another file, row by row: what was forgotten, or what carries over. */
export const textTaskSchema = z.strictObject({ kind: z.literal('text'), ...ofFile, format });

/** Multiple choice: which of the choices does the model think the likeliest? */
export const choicesTaskSchema = z.strictObject({
  kind: z.literal('choices'),
  ...ofFile,
  /** null: the usual one for the form of the file's rows. */
  prompt: z.enum(choicePromptNames).nullable().default(null),
  /** For prompts `as-trained`. */
  format,
  examples,
});

/** The model writes, and a published rule finds its answer in that. */
export const answersTaskSchema = z.strictObject({
  kind: z.literal('answers'),
  ...ofFile,
  format,
  rule: z.enum(answerRuleNames),
  /** The column with the right answer; null: the first of `answer`, `output` that the rows have. */
  answerColumn: z.string().min(1).nullable().default(null),
  /** Tokens that the model may write; null: what the rule's protocol has. */
  maximumTokens: z.int().min(1).max(65_536).nullable().default(null),
  examples,
});

/** What a classifier says of each row. */
export const classesTaskSchema = z.strictObject({
  kind: z.literal('classes'),
  ...named,
  /** null: the part of the data that is held out. */
  file: z.string().min(1).nullable().default(null),
  separator: z.enum(separatorNames).nullable().default(null),
  format,
});

/** Pictures that one subject draws for a task, at most: each takes as long as a picture takes. */
export const mostMeasuredPictures = 400;

/**
 * Pictures of prompts, measured by how like the subject that was trained on and how like their prompts they are: DINO, CLIP-I and CLIP-T
 * (DreamBooth, arXiv 2208.12242). Every subject draws each prompt from each seed, all on the same noise.
 */
export const drawnTaskSchema = z
  .strictObject({
    kind: z.literal('drawn'),
    ...named,
    /** Who measures, of the library, by id or name: CLIP, SigLIP, DINO, DINOv2. */
    models: z.array(z.string().min(1)).min(1).max(4),
    prompts: z.array(z.string().regex(/\S/, 'a prompt is empty').max(10_000)).min(1),
    seeds: z.array(pictureSeedSchema).min(1).default([0]),
    /** The word that stands for the subject in prompts, which pictures are compared with their texts without; null leaves texts whole. */
    leaveOut: z.string().trim().min(1).max(100).nullable().default(null),
    ...drawSettingsSchema.omit({ clipSkip: true }).shape,
  })
  .superRefine(({ prompts, seeds }, context) => {
    const issue = (field: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [field], message });
    const count = prompts.length * seeds.length;
    if (count > mostMeasuredPictures)
      issue(
        'prompts',
        `${prompts.length} prompts from ${seeds.length} seeds make ${count} pictures of each arm and seed; ${mostMeasuredPictures} are the most`,
      );
    const twice = <T>(list: readonly T[]): T | undefined => list.find((one, at) => list.indexOf(one) !== at);
    if (twice(prompts) !== undefined) issue('prompts', `"${twice(prompts)}" is there twice`);
    if (twice(seeds) !== undefined) issue('seeds', `${twice(seeds)} is there twice`);
  });

export const taskSchema = z.discriminatedUnion('kind', [
  heldOutTaskSchema,
  textTaskSchema,
  choicesTaskSchema,
  answersTaskSchema,
  classesTaskSchema,
  drawnTaskSchema,
]);

export type Task = z.output<typeof taskSchema>;
export type TaskInput = z.input<typeof taskSchema>;
export type TaskKind = Task['kind'];
export type TaskOf<Kind extends TaskKind> = Extract<Task, { kind: Kind }>;

/** What people call each kind of task. */
export const taskKindLabels: Readonly<Record<TaskKind, string>> = {
  'held-out': 'held-out rows',
  text: 'loss on a text file',
  choices: 'multiple choice, by likelihood',
  answers: 'answers, by generation',
  classes: 'classes',
  drawn: 'drawn pictures, by those who see them',
};

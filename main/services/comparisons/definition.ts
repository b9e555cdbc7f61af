import { plainName } from '../../engine/plain-line.ts';
import { z } from 'zod';
import { matchingSchema } from '../../engine/budgets/budget-schema.ts';
import { dateSchema, standardDate } from '../../engine/data/chat/template-date.ts';
import { taskSchema, type Task, type TaskInput } from '../../engine/scoring/task.ts';
import { trainingSettingsSchema } from '../../engine/train/settings/training-settings.ts';
import { seedSchema } from '../../trainer/protocol/protocol.ts';
import { configurationSchema } from '../shared/experiment-definition.ts';
import { repeated } from '../shared/repeated.ts';
import { sweepSchema } from './design/sweep-schema.ts';
import { taskRequestSchema } from './task-request.ts';

/**
 * A comparison as a file or a form gives it: one model, one dataset, one protocol, and the arms that are held against each other from the same
 * seeds. Complete: the same definition, model and data give the same numbers. Pure: it runs in a browser too.
 */

/**
 * Settings of the protocol that no arm may have for itself: they say what a row is, and rows of different kinds are not the same items, so
 * there would be nothing to pair.
 */
const settingsOfRows = ['sequenceLength', 'lossOn', 'pictures', 'diffusion'] as const;

/** How the settings of each arm are found before anything is reported. */
export const tuningSchema = z.strictObject({
  sweep: sweepSchema,
  /** So large a part of the training rows is held out to tune by. The rows that are reported on have no part in it. */
  heldOutFraction: z.number().gt(0).lt(1).default(0.1),
  /** What the trials are trained from: one seed, the same for all arms. */
  seed: seedSchema.default(0),
});

/** How much is looked into once everything is scored: what adapters started from, what they learned, what they share. */
export const diagnosticsSettingsSchema = z.strictObject({
  /** Of each arm, the adapters of so many seeds, in the order of the seeds. With two, what a seed alone changes shows. */
  seeds: z.int().min(1).max(10).default(2),
});

/** What names a trial stands behind it. */
const mostOfArmName = 80;

const heldOutTask: Task = { kind: 'held-out', name: 'held-out', limit: null };

/** The loss on held-out rows is always measured. */
const withHeldOut = (tasks: readonly Task[]): Task[] =>
  tasks.some(({ kind }) => kind === 'held-out') ? [...tasks] : [heldOutTask, ...tasks];

const tasksOf = (task: z.ZodType<Task, TaskInput>) =>
  z.array(task).max(100).default([]).transform(withHeldOut);

const mostShots = 100_000;
const shotsSchema = z.int().min(1).max(mostShots);

const definitionSchema = z
  .strictObject({
    version: z.literal(1),
    /** With room for what its experiments add to it. */
    name: z.string().overwrite(plainName).trim().min(1).max(150),
    /** A model's id or name in the library. */
    model: z.string().min(1),
    /** A dataset's id or name in the library. */
    dataset: z.string().min(1),
    /** The day that chat templates which ask for the date are told, whatever day it is. */
    date: dateSchema.default(standardDate),
    /** Part of the data held out when the dataset brings no validation part of its own. */
    validationFraction: z.number().gt(0).lt(1).default(0.1),
    /** Which rows are held out: the same for all arms and seeds, so that their items can be paired. */
    heldOutSeed: seedSchema.default(0),
    /** How every arm trains; an arm's own settings take the place of these. */
    training: trainingSettingsSchema.prefault({}),
    /** What is compared: a method with its settings. Two at least, or there is nothing to compare. */
    arms: z.array(configurationSchema).min(2).max(20),
    /** Each arm is trained once from each: the same start, order of data and noise for all arms, as far as their shapes allow. */
    seeds: z.array(seedSchema).min(1).max(100).default([0, 1, 2]),
    /**
     * Of pictures of classes: each arm is trained once from each seed with each of these numbers of pictures of a class, in the place of
     * `training.pictures.shots`; in rising order. Null for one training set, as `training` has it.
     */
    shots: z
      .array(shotsSchema)
      .min(1)
      .max(20)
      .overwrite((shots) => shots.toSorted((one, other) => one - other))
      .nullable()
      .default(null),
    /** What the arms are to have alike; null leaves them as they are. */
    matching: matchingSchema.nullable().default(null),
    /** Null trains every arm as it is. */
    tuning: tuningSchema.nullable().default(null),
    /** What the trained models, and the base, are scored on. The held-out rows are always among them. */
    tasks: tasksOf(taskSchema),
    /** Null leaves them out. They decide nothing. */
    diagnostics: diagnosticsSettingsSchema.nullable().prefault({}),
    /** Differences too small to matter, by `task/score`, in the score's unit: within them, arms are equivalent. */
    margins: z.record(z.string().min(1), z.number().positive()).default({}),
    /**
     * Runs that train in one process, on one compiled base, at most: trials of tuning, and seeds after the first. 1 gives each run a process
     * of its own.
     */
    sideBySide: z.int().min(1).max(16).default(4),
    /** Of significance: the share of false claims that is accepted where nothing differs. */
    level: z.number().gt(0).lt(0.5).default(0.05),
    /** Names of the confounds that are known and taken into account by whoever reads the answer. */
    accepted: z.array(z.string().min(1)).default([]),
  })
  .superRefine(({ arms, seeds, shots, tasks }, context) => {
    const issue = (path: (string | number)[], message: string): void =>
      context.addIssue({ code: 'custom', path, message });
    for (const [index, { name }] of arms.entries())
      if (name.length > mostOfArmName)
        issue(['arms', index, 'name'], `expected at most ${mostOfArmName} characters`);
    for (const index of repeated(arms.map(({ name }) => name)))
      issue(['arms', index, 'name'], `two arms are called "${arms[index]!.name}"`);
    for (const index of repeated(seeds)) issue(['seeds', index], `${seeds[index]} is there twice`);
    for (const index of repeated(shots ?? [])) issue(['shots', index], `${shots![index]} is there twice`);
    for (const index of repeated(tasks.map(({ name }) => name)))
      issue(['tasks'], `two tasks are called "${tasks[index]!.name}"`);
    for (const [index, { training }] of arms.entries())
      for (const setting of settingsOfRows)
        if (training?.[setting] !== undefined)
          issue(
            ['arms', index, 'training', setting],
            'is the protocol’s: it says what a row is, and items of arms with different rows can’t be paired',
          );
  });

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Where there is an axis of shots, the protocol by itself is that of the fewest: there is a number in it, which steps a shot are counted by. What
 * is none is told of the axis, and not of the protocol too.
 */
const withFewestShots = (given: unknown): unknown => {
  if (!isObject(given) || !Array.isArray(given['shots'])) return given;
  const { training = {} } = given;
  if (!isObject(training)) return given;
  const { pictures } = training;
  if (!isObject(pictures ?? {})) return given;
  const shots = Math.min(
    mostShots,
    ...given['shots'].map((one: unknown) => shotsSchema.safeParse(one).data ?? mostShots),
  );
  return { ...given, training: { ...training, pictures: { ...(pictures ?? {}), shots } } };
};

type Checked<Schema extends z.ZodType> = z.ZodType<z.output<Schema>, z.input<Schema>>;

export const comparisonDefinitionSchema = z.preprocess(withFewestShots, definitionSchema) as Checked<
  typeof definitionSchema
>;

const requestSchema = definitionSchema.safeExtend({ tasks: tasksOf(taskRequestSchema) });

/** As the workbench is asked for one: with files by whole paths. One that is kept, or handed on as a file, has them as they were. */
export const comparisonRequestSchema = z.preprocess(withFewestShots, requestSchema) as Checked<
  typeof requestSchema
>;

export type ComparisonDefinition = z.output<typeof definitionSchema>;
export type ComparisonDefinitionInput = z.input<typeof definitionSchema>;
export type Tuning = z.output<typeof tuningSchema>;

import { z } from 'zod';
import { matchedBudgetsSchema } from '../../engine/budgets/budget-schema.ts';
import { datasetFormatSchema } from '../../engine/data/files/dataset-format.ts';
import { scoreValuesSchema } from '../../engine/scoring/item-result.ts';
import { runStatusSchema } from '../shared/entities.ts';
import { configurationSchema } from '../shared/experiment-definition.ts';
import { comparisonDefinitionSchema } from './definition.ts';
import { confoundSchema, settingDifferenceSchema } from './design/confound-schema.ts';
import { trialSchema } from './design/sweep-schema.ts';

/** What the workbench keeps and shows of a comparison. Pure: the contract builds on it, and it runs in a browser too. */

const id = z.string().min(1);
const time = z.string();

export const comparisonStatusSchema = z.enum([
  'created', // never started
  'tuning',
  'training',
  'scoring',
  'diagnosing', // scored, and looked into
  'paused', // also after the workbench was closed or died: nothing starts by itself
  'cancelled',
  'completed', // everything that can be done is done; `problems` says what could not
  'failed', // nothing can be concluded, and `error` says why
]);

/** `final` runs are reported on; `tuning` runs choose settings. */
export const runRoleSchema = z.enum(['tuning', 'final']);

export const comparisonRunSchema = z.strictObject({
  runId: id,
  experimentId: id,
  role: runRoleSchema,
  arm: z.string(),
  seed: z.int(),
  /** Pictures of each class that it is trained on; null where the comparison has no axis of shots. */
  shots: z.int().nullable(),
  /** Of tuning runs: number of the trial, and the round of a search that goes by rounds. */
  trial: z.int().nullable(),
  round: z.int().nullable(),
  status: runStatusSchema,
  step: z.int(),
  steps: z.int().nullable(),
  /** Held-out loss: of a tuning run on the rows to tune by, of a final one on the reported ones. Null until it is completed. */
  loss: z.number().nullable(),
  error: z.string().nullable(),
});

export const assessmentStatusSchema = z.enum(['waiting', 'running', 'completed', 'failed']);

/** One subject scored on one task. */
export const assessmentSchema = z.strictObject({
  id,
  /** The run whose adapter it is; null for the base model. */
  runId: id.nullable(),
  arm: z.string().nullable(),
  seed: z.int().nullable(),
  shots: z.int().nullable(),
  task: z.string(),
  status: assessmentStatusSchema,
  error: z.string().nullable(),
  /** By the names of scores; empty until it is completed. */
  scores: scoreValuesSchema,
  /** Scored so far, and of how many; null until the task is read. */
  items: z.int(),
  of: z.int().nullable(),
});

/** A task as its file turned out; null fields are not known, or mean nothing for it. */
export const assessedTaskSchema = z.strictObject({
  task: z.string(),
  items: z.int(),
  chance: z.number().nullable(),
  majority: z.number().nullable(),
  notices: z.array(z.string()),
});

export const phaseNames = ['tuning', 'training', 'scoring', 'diagnostics'] as const;

export const comparisonPhaseSchema = z.strictObject({
  phase: z.enum(phaseNames),
  status: z.enum(['waiting', 'running', 'done', 'left out']),
  /** Runs, assessments, or adapters looked into, at their end: `done` counts failed ones too. */
  done: z.int(),
  failed: z.int(),
  total: z.int(),
});

/** What tuning has found for an arm. */
export const tunedArmSchema = z.strictObject({
  arm: z.string(),
  /** Each number of shots has a search of its own; null where there is no axis of them. */
  shots: z.int().nullable(),
  /** The trial with the lowest loss; null where none was completed. */
  trial: trialSchema.nullable(),
  loss: z.number().nullable(),
});

export const comparisonSchema = z.strictObject({
  id,
  name: z.string(),
  /** As it was asked for. */
  definition: comparisonDefinitionSchema,
  modelId: id,
  modelName: z.string(),
  datasetId: id,
  datasetName: z.string(),
  status: comparisonStatusSchema,
  /** Why it can't go on, or what ended it. */
  error: z.string().nullable(),
  phases: z.array(comparisonPhaseSchema),
  /**
   * The arms as they are trained: ranks as matching settled them, and settings as tuning chose them once that is done. Where each number of
   * shots is tuned for itself, what was chosen is told in `tuning` alone.
   */
  arms: z.array(configurationSchema),
  budgets: matchedBudgetsSchema.nullable(),
  /** Null without tuning. */
  tuning: z.strictObject({ trials: z.array(trialSchema), chosen: z.array(tunedArmSchema) }).nullable(),
  runs: z.array(comparisonRunSchema),
  tasks: z.array(assessedTaskSchema),
  assessments: z.array(assessmentSchema),
  /** Null where nobody asked for them; what they found is told by itself. */
  diagnostics: z
    .strictObject({
      status: assessmentStatusSchema,
      error: z.string().nullable(),
      /** Of the adapters that are looked into. */
      runIds: z.array(id),
    })
    .nullable(),
  confounds: z.array(confoundSchema),
  /** What the answer says, where it has been worked out from all that is there; null where it has to be asked for. */
  sentence: z.string().nullable(),
  /** What went wrong, a line each: runs that failed, subjects without scores. */
  problems: z.array(z.string()),
  createdAt: time,
  startedAt: time.nullable(),
  endedAt: time.nullable(),
});

/** A comparison as lists show it. */
export const comparisonSummarySchema = comparisonSchema
  .pick({
    id: true,
    name: true,
    modelId: true,
    modelName: true,
    datasetId: true,
    datasetName: true,
    status: true,
    error: true,
    phases: true,
    sentence: true,
    createdAt: true,
    startedAt: true,
    endedAt: true,
  })
  .extend({
    /** Their names. */
    arms: z.array(z.string()),
    /** How many. */
    seeds: z.int(),
    /** Null without an axis of them. */
    shots: z.array(z.int()).nullable(),
  });

/** What of a comparison lists show. */
export const summaryOfComparison = (comparison: Comparison): ComparisonSummary => ({
  id: comparison.id,
  name: comparison.name,
  modelId: comparison.modelId,
  modelName: comparison.modelName,
  datasetId: comparison.datasetId,
  datasetName: comparison.datasetName,
  status: comparison.status,
  error: comparison.error,
  phases: comparison.phases,
  sentence: comparison.sentence,
  createdAt: comparison.createdAt,
  startedAt: comparison.startedAt,
  endedAt: comparison.endedAt,
  arms: comparison.arms.map(({ name }) => name),
  seeds: comparison.definition.seeds.length,
  shots: comparison.definition.shots,
});

/** What a definition comes to, before anything is stored. */
export const comparisonDesignSchema = z.strictObject({
  definition: comparisonDefinitionSchema,
  /** The arms as matching proposes them. */
  arms: z.array(configurationSchema),
  budgets: matchedBudgetsSchema.nullable(),
  /** All settings that the arms do not have alike, the method's own too. */
  differences: z.array(settingDifferenceSchema),
  confounds: z.array(confoundSchema),
  /** Trials of each arm; empty without tuning. */
  trials: z.array(trialSchema),
  plan: z.strictObject({ tuningRuns: z.int(), finalRuns: z.int(), assessments: z.int() }),
  /** What of a comparison is left out on such a model or such data, a line each. */
  notices: z.array(z.string()),
});

/** A cell of a confusion table: items of one right class that a subject took for another, or for that. */
export const confusionCellSchema = z.strictObject({
  expected: z.string(),
  answer: z.string(),
  /** From any of its seeds; null for the base model. */
  arm: z.string().nullable(),
  /** Null for the base, and where there is no axis of shots. */
  shots: z.int().nullable(),
});

/** What one subject did with an item. */
const subjectItemSchema = z.strictObject({
  /** Null for the base model. */
  arm: z.string().nullable(),
  seed: z.int().nullable(),
  shots: z.int().nullable(),
  answer: z.string().nullable(),
  /** By the names of scores; null where it is no finite number. */
  values: z.record(z.string(), z.number().nullable()),
  detail: z.json().nullable(),
});

export const itemsPageSchema = z.strictObject({
  task: z.string(),
  /** Items that the filter lets through, in all. */
  total: z.int(),
  offset: z.int(),
  items: z.array(
    z.strictObject({
      item: z.int(),
      prompt: z.string().nullable(),
      expected: z.string().nullable(),
      weight: z.number(),
      /** The base first, then by arm and seed as in the definition. */
      subjects: z.array(subjectItemSchema),
    }),
  ),
});

/** Ready-made designs. */
export const comparisonTemplateSchema = z.strictObject({
  name: z.string(),
  title: z.string(),
  /** The question that it answers. */
  description: z.string(),
  /** What the dataset's rows have to be read as; null takes any. */
  datasetFormat: datasetFormatSchema.nullable(),
  /** Files that it can score on, by name. */
  tasks: z.array(z.strictObject({ name: z.string(), title: z.string() })),
});

export type ComparisonSummary = z.output<typeof comparisonSummarySchema>;
export type Comparison = z.output<typeof comparisonSchema>;
export type ComparisonStatus = z.output<typeof comparisonStatusSchema>;
export type ComparisonRun = z.output<typeof comparisonRunSchema>;
export type ComparisonPhase = z.output<typeof comparisonPhaseSchema>;
export type ComparisonDesign = z.output<typeof comparisonDesignSchema>;
export type Assessment = z.output<typeof assessmentSchema>;
export type AssessedTask = z.output<typeof assessedTaskSchema>;
export type ConfusionCell = z.output<typeof confusionCellSchema>;
export type ItemsPage = z.output<typeof itemsPageSchema>;
export type ComparisonTemplate = z.output<typeof comparisonTemplateSchema>;

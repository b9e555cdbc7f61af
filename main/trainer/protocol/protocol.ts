import { z } from 'zod';
import { adapterSettingsSchema } from '../../engine/adapters/settings/adapter-settings.ts';
import { errorCodes } from '../../engine/errors.ts';
import { modelFileSchema } from '../../engine/formats/model-file-schema.ts';
import { dateSchema } from '../../engine/data/chat/template-date.ts';
import { runSummarySchema } from '../../engine/metrics/summary.ts';
import { deviceNames } from '../../engine/runtime/device-names.ts';
import { trainingSettingsSchema } from '../../engine/train/settings/training-settings.ts';
import { benchDecodingSpecificationSchema, benchDecodingSummarySchema } from './bench-decoding-schema.ts';
import { benchSpecificationSchema, benchSummarySchema } from './bench-schema.ts';
import { mergeCertificateSchema } from './certificate-schema.ts';
import {
  classifySpecificationSchema,
  pictureAnswerSchema,
  pictureQuestionSchema,
} from './classify-schema.ts';
import { combinedSummarySchema, combineSpecificationOf } from './combine-schema.ts';
import {
  decomposedSchema,
  decomposedWeightSchema,
  decomposeSpecificationSchema,
} from './decompose-schema.ts';
import { diagnosisSchema } from './diagnosis-schema.ts';
import { budgetQuestionSchema, matchedBudgetsSchema } from './budget-schema.ts';
import { datasetSourceSchema } from './dataset-source.ts';
import { drawAnswerSchema, drawQuestionSchema, drawSpecificationSchema } from './draw-schema.ts';
import { picturesEventSchema } from './drawn-sample-schema.ts';
import { exportKinds } from './export-kinds.ts';
import { fidelityMeasuredSchema, fidelitySpecificationSchema } from './fidelity-schema.ts';
import {
  answeredRowSchema,
  generateSpecificationSchema,
  promptTokensSchema,
  questionSchema,
  tokenNewsSchema,
} from './generate-schema.ts';
import { memoryAnswerSchema, memoryQuestionSchema } from './memory-schema.ts';
import { dataOverlapSchema } from './overlap-schema.ts';
import { readAnswerSchema, readQuestionSchema } from './read-schema.ts';
import { samplesEventSchema } from './sample-schema.ts';
import {
  scoreSpecificationSchema,
  scoredItemsSchema,
  scoredSchema,
  taskReadSchema,
  unscoredSchema,
} from './score-schema.ts';
import { surveyAnswerSchema, surveyQuestionSchema } from './survey-schema.ts';

export { datasetSourceSchema };

/** What a run and what it is compared with draw from. */
export const seedSchema = z.int().min(0).max(0xffff_ffff);

/** Which rows are held out, apart from what else a run draws from its seed. */
export const heldOutSchema = z.strictObject({
  seed: seedSchema,
  /**
   * To tune by: the held-out rows are left alone, neither trained nor evaluated on, and so large a part of the training rows is held out in
   * their place.
   */
  tuningFraction: z.exactOptional(z.number().gt(0).lt(1)),
});

/** Everything one training run needs. Paths are absolute. */
export const runSpecificationSchema = z.strictObject({
  /** Folder of the run, made by the trainer: checkpoints/ and adapter/ go into it. */
  runDirectory: z.string(),
  modelDirectory: z.string(),
  /** What the model's files hold, as they were looked at a moment ago; absent where that is not known. */
  modelFiles: z.exactOptional(z.array(modelFileSchema)),
  /** Where quantised base weights and decompositions are kept for later runs. With null the first stand in the system's temporary folder, and every run decomposes anew. */
  cacheDirectory: z.string().nullable().default(null),
  dataset: datasetSourceSchema,
  adapter: adapterSettingsSchema,
  training: trainingSettingsSchema,
  seed: z.int(),
  /** Absent where the seed says which rows are held out, too. */
  heldOut: z.exactOptional(heldOutSchema),
  /** What chat templates that ask for the date are told. */
  date: dateSchema,
  /** Checkpoint folder to go on from, bit for bit as if never stopped; null starts anew. */
  resumeFrom: z.string().nullable(),
  /**
   * Of a run that goes on where another has ended: after how many steps. Its own come behind them, with a schedule of their own; it is started with
   * `resumeFrom` that run's checkpoint, which lies in its own folder with the adapter's start.
   */
  origin: z.exactOptional(z.strictObject({ step: z.int().min(1) })),
});

export const exportKindSchema = z.enum(exportKinds);

/** Everything one export needs. The destination must not exist yet, or be an empty folder. */
export const exportSpecificationSchema = z.strictObject({
  /** Kept in the certificate, by which the export is known again. */
  exportId: z.exactOptional(z.string()),
  kind: exportKindSchema,
  modelDirectory: z.string(),
  /** As of a run. */
  modelFiles: z.exactOptional(z.array(modelFileSchema)),
  adapterDirectory: z.string(),
  destination: z.string(),
  /** What PEFT writes as base_model_name_or_path. */
  baseModelName: z.string(),
  threads: z.int().nullable(),
  /** The run whose held-out rows the certificate's metrics are measured on, or why there is none. */
  heldOut: z.exactOptional(z.union([runSpecificationSchema, z.string()])),
  /** For the certificate. */
  workbenchVersion: z.exactOptional(z.string()),
});

/** Everything that taking in an adapter of PEFT's needs. Paths are absolute. */
export const importSpecificationSchema = z.strictObject({
  modelDirectory: z.string(),
  /** With adapter_config.json and adapter_model.safetensors. */
  peftDirectory: z.string(),
  /** Where the workbench's own form of it goes. */
  destination: z.string(),
  /** Whether the model has given up already what the adapter starts from. */
  onResidualBase: z.boolean(),
  threads: z.int().nullable(),
});

/** Completed runs on one model that are to be looked into, side by side. */
export const diagnoseSpecificationSchema = z.strictObject({
  modelDirectory: z.string(),
  /** As of a run. */
  modelFiles: z.exactOptional(z.array(modelFileSchema)),
  runs: z
    .array(
      z.strictObject({
        runId: z.string(),
        name: z.string(),
        adapterDirectory: z.string(),
        /** The adapter before its first step; null where that is not there any more. */
        startDirectory: z.string().nullable(),
        seed: z.int(),
        /** As of an export. */
        heldOut: z.union([runSpecificationSchema, z.string()]),
      }),
    )
    .min(1),
  /** Which of them are held against each other, by their places in `runs`; null holds every two. */
  pairs: z.array(z.tuple([z.int(), z.int()])).nullable(),
  threads: z.int().nullable(),
});

/** Adapters on one model that are to be added up, each with its weight. */
export const combineSpecificationSchema = combineSpecificationOf(
  z.union([runSpecificationSchema, z.string()]),
);

/** What the parent tells a trainer process: one job, then a word on how to end it; a session is asked in between. */
export const trainerCommandSchema = z.discriminatedUnion('type', [
  /** Train runs side by side, each under a name that its events bear. */
  z.strictObject({
    type: z.literal('train'),
    runs: z.array(z.strictObject({ run: z.string(), specification: runSpecificationSchema })).min(1),
  }),
  z.strictObject({ type: z.literal('export'), specification: exportSpecificationSchema }),
  z.strictObject({ type: z.literal('import'), specification: importSpecificationSchema }),
  z.strictObject({ type: z.literal('bench'), specification: benchSpecificationSchema }),
  /** Measure answering, token by token. */
  z.strictObject({ type: z.literal('bench-decoding'), specification: benchDecodingSpecificationSchema }),
  z.strictObject({ type: z.literal('score'), specification: scoreSpecificationSchema }),
  /** Train a few steps of a tiny model on a device, to see whether it works. */
  z.strictObject({ type: z.literal('probe'), device: z.enum(deviceNames) }),
  /** Look into what runs have learned. */
  z.strictObject({ type: z.literal('diagnose'), specification: diagnoseSpecificationSchema }),
  /** Add adapters up, look at what comes of it, and write it where it is wanted. */
  z.strictObject({ type: z.literal('combine'), specification: combineSpecificationSchema }),
  /** Measure drawn pictures by models that see them. */
  z.strictObject({ type: z.literal('fidelity'), specification: fidelitySpecificationSchema }),
  /** Work out the singular values of a model's weights. */
  z.strictObject({ type: z.literal('decompose'), specification: decomposeSpecificationSchema }),
  /** Work out what runs would take, without reading weights. */
  z.strictObject({ type: z.literal('estimate'), question: memoryQuestionSchema }),
  /** Load a model with its adapters, then answer what is asked until told to end. */
  z.strictObject({ type: z.literal('generate'), specification: generateSpecificationSchema }),
  /** Load a model of pictures and texts with its adapters, then answer what is asked until told to end. */
  z.strictObject({ type: z.literal('classify'), specification: classifySpecificationSchema }),
  /** Open a diffusion model with its adapters, then draw what is asked until told to end. */
  z.strictObject({ type: z.literal('draw'), specification: drawSpecificationSchema }),
  /** To a session: answer this when those before it are answered. */
  z.strictObject({
    type: z.literal('ask'),
    id: z.string(),
    question: z.union([questionSchema, pictureQuestionSchema, drawQuestionSchema]),
  }),
  /** To a session: stop answering that, or don't begin. */
  z.strictObject({ type: z.literal('drop'), id: z.string() }),
  /** To a session: report `closed` once the answer in hand is stopped, exit. */
  z.strictObject({ type: z.literal('end') }),
  /** Count what arms of a comparison cost, and find ranks that bring them to one budget. */
  z.strictObject({ type: z.literal('budget'), question: budgetQuestionSchema }),
  /** Read the data of runs that are planned, and tell which held-out rows they train or calibrate on. */
  z.strictObject({
    type: z.literal('overlap'),
    runs: z.array(z.strictObject({ arm: z.string(), specification: runSpecificationSchema })).min(1),
  }),
  /** Read files that a person gave, and say what was asked of them. A process can be asked this again and again, one after the other. */
  z.strictObject({ type: z.literal('read'), question: readQuestionSchema }),
  /** Go through all rows of data for what can be found out of them. */
  z.strictObject({ type: z.literal('survey'), question: surveyQuestionSchema }),
  /**
   * Finish the step or leave the phase, write a checkpoint, report `paused`; of a training job one run, or without a name all. Resume is a new
   * process with `resumeFrom`.
   */
  z.strictObject({ type: z.literal('pause'), run: z.exactOptional(z.string()) }),
  /** The same without a checkpoint: report `cancelled`. */
  z.strictObject({ type: z.literal('cancel'), run: z.exactOptional(z.string()) }),
]);

export const metricSchema = z.strictObject({
  /** Optimizer steps done when the value was taken; 0 is before the first. */
  step: z.int(),
  /** As main/engine/metrics/registry.ts has it; names of other versions are kept as they come. */
  name: z.string(),
  value: z.number(),
});

export const exportSummarySchema = z.strictObject({
  destination: z.string(),
  files: z.array(z.string()),
  bytes: z.number(),
  /** Largest absolute difference of logits between base + adapter and the exported weights, over the sample prompts. */
  largestLogitDifference: z.number(),
  /** Mean of the same; absent in exports from before it was measured. */
  meanLogitDifference: z.number().optional(),
  /** The same with the merged weights before rounding to the base model's dtype: what the mathematics alone costs. */
  largestLogitDifferenceUnrounded: z.number(),
  /** Largest absolute logit of the reference, to read the differences against. */
  largestLogit: z.number(),
  promptTokens: z.int(),
  /** What a person should know of the files; absent where there is nothing. */
  notices: z.array(z.string()).optional(),
  /** As it is written beside the weights; absent in exports from before there was one. */
  certificate: mergeCertificateSchema.optional(),
});

export const importSummarySchema = z.strictObject({
  settings: adapterSettingsSchema,
  trainedParameters: z.int(),
  /** Of the sample prompts whose logits were computed. */
  promptTokens: z.int(),
});

export const phaseSchema = z.enum([
  'verifying',
  'loading',
  'preparing-data',
  'calibrating',
  'initialising',
  'evaluating',
  'sampling',
  'training',
  'saving',
  'merging',
  'checking',
  'certifying',
  'diagnosing',
  'scoring',
  'drawing',
]);

const progressEventSchema = z.strictObject({
  type: z.literal('progress'),
  phase: phaseSchema,
  done: z.number(),
  total: z.number(),
});
const noticeEventSchema = z.strictObject({ type: z.literal('notice'), message: z.string() });
const cancelledEventSchema = z.strictObject({ type: z.literal('cancelled'), step: z.int() });
const failedEventSchema = z.strictObject({
  type: z.literal('failed'),
  code: z.enum(errorCodes),
  message: z.string(),
  /** What a library or the system said, where the message is a sentence for it: for the log. */
  raw: z.exactOptional(z.string()),
});

/** What is reported of one run. `completed`, `paused`, `cancelled` and `failed` are its end; the process may go on with others. */
export const runEventSchema = z.discriminatedUnion('type', [
  progressEventSchema,
  /** How many optimizer steps the run has in all, known once its data is read. */
  z.strictObject({ type: z.literal('planned'), steps: z.int() }),
  z.strictObject({ type: z.literal('metrics'), metrics: z.array(metricSchema) }),
  samplesEventSchema,
  picturesEventSchema,
  noticeEventSchema,
  z.strictObject({
    type: z.literal('checkpoint'),
    step: z.int(),
    directory: z.string(),
    /** Bytes of the run's event log at this moment: all of it has been told. */
    logged: z.int(),
  }),
  z.strictObject({ type: z.literal('completed'), summary: runSummarySchema, adapterDirectory: z.string() }),
  z.strictObject({
    type: z.literal('paused'),
    step: z.int(),
    /** Null where it had not come to anything that a checkpoint holds: it begins anew. */
    checkpointDirectory: z.string().nullable(),
  }),
  cancelledEventSchema,
  failedEventSchema,
]);

/** What the process holds after that, in bytes. */
const heldMemory = z.number();

/** What a trainer process reports. `trained`, `cancelled`, `exported`, `imported`, `benched`, `decoding-benched`, `scored`, `fidelity`, `probed`, `diagnosed`, `decomposed`, `combined`, `estimated`, `budgeted`, `overlapped`, `surveyed`, `closed` and `failed` are final events. */
export const trainerEventSchema = z.discriminatedUnion('type', [
  progressEventSchema,
  noticeEventSchema,
  z.strictObject({ type: z.literal('of-run'), run: z.string(), event: runEventSchema }),
  /** Every run of the job has told its end. */
  z.strictObject({ type: z.literal('trained') }),
  cancelledEventSchema,
  z.strictObject({ type: z.literal('exported'), summary: exportSummarySchema }),
  z.strictObject({ type: z.literal('imported'), summary: importSummarySchema }),
  z.strictObject({ type: z.literal('benched'), summary: benchSummarySchema }),
  z.strictObject({ type: z.literal('decoding-benched'), summary: benchDecodingSummarySchema }),
  taskReadSchema,
  scoredItemsSchema,
  unscoredSchema,
  scoredSchema,
  fidelityMeasuredSchema,
  z.strictObject({ type: z.literal('probed'), seconds: z.number() }),
  z.strictObject({ type: z.literal('diagnosed'), diagnosis: diagnosisSchema }),
  z.strictObject({ type: z.literal('combined'), summary: combinedSummarySchema }),
  decomposedWeightSchema,
  decomposedSchema,
  z.strictObject({ type: z.literal('estimated'), answer: memoryAnswerSchema }),
  /** The session has its model and takes questions. */
  z.strictObject({ type: z.literal('ready'), notices: z.array(z.string()) }),
  /** The prompts of a question, as the model gets them. */
  z.strictObject({
    type: z.literal('answering'),
    id: z.string(),
    prompts: z.array(promptTokensSchema),
    notices: z.array(z.string()),
  }),
  z.strictObject({ type: z.literal('tokens'), id: z.string(), tokens: z.array(tokenNewsSchema) }),
  z.strictObject({
    type: z.literal('answered'),
    id: z.string(),
    rows: z.array(answeredRowSchema),
    seconds: z.number(),
  }),
  /** What a session sees on pictures. */
  z.strictObject({ type: z.literal('looked'), id: z.string(), answer: pictureAnswerSchema }),
  /** What a session has drawn. */
  z.strictObject({ type: z.literal('drawn'), id: z.string(), answer: drawAnswerSchema }),
  /** The question can't be answered; the session goes on. */
  z.strictObject({
    type: z.literal('refused'),
    id: z.string(),
    code: z.enum(errorCodes),
    message: z.string(),
  }),
  z.strictObject({ type: z.literal('closed') }),
  z.strictObject({ type: z.literal('budgeted'), budgets: matchedBudgetsSchema }),
  z.strictObject({ type: z.literal('overlapped'), overlap: dataOverlapSchema }),
  z.strictObject({ type: z.literal('surveyed'), answer: surveyAnswerSchema }),
  /** So many bytes were read, of so many. */
  z.strictObject({ type: z.literal('reading'), done: z.number(), total: z.number() }),
  z.strictObject({ type: z.literal('read'), answer: readAnswerSchema, memory: heldMemory }),
  /** What was asked can't be said of the files; the process can be asked another thing. */
  z.strictObject({
    type: z.literal('unread'),
    code: z.enum(errorCodes),
    message: z.string(),
    memory: heldMemory,
  }),
  failedEventSchema,
]);

export type HeldOut = z.output<typeof heldOutSchema>;
export type RunSpecification = z.output<typeof runSpecificationSchema>;
export type ExportSpecification = z.output<typeof exportSpecificationSchema>;
export type DiagnoseSpecification = z.output<typeof diagnoseSpecificationSchema>;
export type CombineSpecification = z.output<typeof combineSpecificationSchema>;
export type ImportSpecification = z.output<typeof importSpecificationSchema>;
export type {
  AnsweredRow,
  GeneratedToken,
  GenerateSpecification,
  PromptTokens,
  Question,
} from './generate-schema.ts';
export type { ClassifySpecification, PictureAnswer, PictureQuestion } from './classify-schema.ts';
export type { DrawAnswer, DrawQuestion, DrawSpecification } from './draw-schema.ts';
export type AnyQuestion = Extract<TrainerCommand, { type: 'ask' }>['question'];
export type { BenchDecodingSpecification, BenchDecodingSummary } from './bench-decoding-schema.ts';
export type { BenchSpecification, BenchSummary } from './bench-schema.ts';
export type { FidelitySpecification } from './fidelity-schema.ts';
export type { ScoreSpecification, ScoreSubject } from './score-schema.ts';
export type TrainerCommand = z.output<typeof trainerCommandSchema>;
export type TrainerEvent = z.output<typeof trainerEventSchema>;
export type RunEvent = z.output<typeof runEventSchema>;
export type Metric = z.output<typeof metricSchema>;
export type ExportSummary = z.output<typeof exportSummarySchema>;
export type Phase = z.output<typeof phaseSchema>;
export type { ExportKind } from './export-kinds.ts';

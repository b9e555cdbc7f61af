import { deviceNames } from '../../engine/runtime/device-names.ts';
import { plainName } from '../../engine/plain-line.ts';
import { z } from 'zod';
import {
  measuredPictureParameters,
  measuredPicturesParameters,
  measuredPicturesSchema,
} from '../comparisons/pictures/measured-picture-schema.ts';
import { framingSchema } from '../../engine/data/pictures/buckets/framing.ts';
import { bucketsSchema, framedPageSchema } from '../../trainer/protocol/framing-schema.ts';
import { picturesChoiceSchema } from '../../engine/data/pictures/subject-format.ts';
import { datasetFormatSchema } from '../../engine/data/files/dataset-format.ts';
import { separatorNames } from '../../engine/data/records/separators.ts';
import { dateSchema, standardDate } from '../../engine/data/chat/template-date.ts';
import { combinedSummarySchema, partWeightSchema } from '../../trainer/protocol/combine-schema.ts';
import { diagnosisSchema } from '../../trainer/protocol/diagnosis-schema.ts';
import { exportKindSchema, metricSchema, seedSchema } from '../../trainer/protocol/protocol.ts';
import { duplicatesSchema, lengthsSchema } from '../../trainer/protocol/survey-schema.ts';
import { shownPath, sourcePath, targetPath } from './absolute-path.ts';
import {
  adapterSchema,
  datasetSchema,
  deviceReportSchema,
  doctorSchema,
  experimentComparisonSchema,
  experimentSchema,
  experimentTemplateSchema,
  experimentSummarySchema,
  exportSchema,
  memoryReportSchema,
  metricEntrySchema,
  modelCheckSchema,
  modelSchema,
  runRowSchema,
  runSchema,
} from './entities.ts';
import {
  mlflowOptions,
  sentToMlflowSchema,
  writtenForTensorBoardSchema,
} from '../trackers/trackers-schema.ts';
import { logSchema } from '../log/log-schema.ts';
import { backupSchema, createParameters, restoreParameters } from '../backups/backups-schema.ts';
import { integritySchema, repairParameters } from '../integrity/integrity-schema.ts';
import { machineSchema } from '../machine/machine-schema.ts';
import { clearablePartNames, clearedSchema, storageSchema } from '../storage/storage-schema.ts';
import { experimentDefinitionSchema } from './experiment-definition.ts';
import {
  generationDefaultsSchema,
  generationRequestSchema,
  generationStateSchema,
  tallySchema,
  voteSchema,
} from './generation-entities.ts';
import {
  classifyAnswerSchema,
  classifyDefaultsRequestSchema,
  classifyDefaultsSchema,
  classifyRequestSchema,
  mapAnswerSchema,
  mapRequestSchema,
} from './classify-entities.ts';
import { drawingSchema, drawRequestSchema } from './draw-entities.ts';
import {
  blindPairRequestSchema,
  blindPairSchema,
  blindOfComparisonSchema,
  blindRequestSchema,
  blindTestSchema,
  blindVoteSchema,
} from '../blind/blind-entities.ts';
import { fidelityAnswerSchema, fidelityRequestSchema } from '../fidelity/fidelity-entities.ts';
import { experimentPresetSchema } from '../experiments/presets/preset.ts';
import { folderNameSchema, folderSchema } from '../folders/folder-schema.ts';
import { comparisonAnswerSchema } from '../comparisons/answer/comparison-answer.ts';
import { comparisonDiagnosisSchema } from '../comparisons/diagnostics/comparison-diagnosis.ts';
import { comparisonDefinitionSchema, comparisonRequestSchema } from '../comparisons/definition.ts';
import {
  comparisonDesignSchema,
  comparisonSchema,
  comparisonSummarySchema,
  comparisonTemplateSchema,
  confusionCellSchema,
  itemsPageSchema,
} from '../comparisons/comparison-schema.ts';
import { extendParameters } from './extend-parameters.ts';
import { inspectionSchema } from '../../trainer/protocol/inspection-schema.ts';
import {
  classCountSchema,
  classPromptsSchema,
  edgeSchema,
  mostThumbnails,
  partNameSchema,
  picturesInspectionSchema,
  picturesPageSchema,
  pictureViewSchema,
  sharedPicturesSchema,
  thumbnailSchema,
} from '../../trainer/protocol/pictures-schema.ts';
import { previewSchema } from '../../trainer/protocol/preview-schema.ts';
import { layerPlaceSchema, modelPartSchema } from '../../trainer/protocol/layer-schema.ts';
import { chatTemplatesSchema } from '../../trainer/protocol/read-schema.ts';
import { pageOf, pageParams } from './pages.ts';
import { modelMemorySchema } from '../library/model-memory-schema.ts';
import { siteSpectrumSchema, weightSpectraSchema } from '../library/weight-spectra/weight-spectra-schema.ts';
import { metricSeriesParameters, metricSeriesSchema } from './metric-series.ts';
import {
  runPictureParameters,
  runPictureSchema,
  runPicturesParameters,
  runPicturesSchema,
} from './run-picture-entities.ts';
import { runSamplesParameters, runSamplesSchema } from './sample-entities.ts';
import { queueSchema } from './queue-entity.ts';
import {
  runColumnSchema,
  runGroupSchema,
  runQueryFields,
  runViewSchema,
  sparklineSchema,
  tagChangeSchema,
  tagCountSchema,
  viewDefinitionSchema,
} from '../runs/run-table-schema.ts';
import { removalRequestSchema, removalSchema } from '../removals/removals-schema.ts';
import { reportFormats } from '../comparisons/report/report-data.ts';

/**
 * What the workbench can be asked. The one source: handlers are typed by it, the router reads it, and window, browser and command line
 * call by it. Pure, as it runs in a browser too. Times are ISO 8601 in UTC, sizes are bytes.
 */

const id = z.string().min(1);

const method = <P extends z.ZodType, R extends z.ZodType>(params: P, result: R) => ({ params, result });
const nothing = z.strictObject({});
const byId = z.strictObject({ id });

/** @see runDeviceSchema: the device that it has, or had, where absent. */
const startParameters = z.strictObject({ id, device: z.enum(deviceNames).optional() });

/** A name that the caller makes up: by it progress is told (`reading.progress`), and the work can be stopped (`readings.stop`). */
const job = z.string().min(1).max(100);

const exportFields = { kind: exportKindSchema, destination: targetPath.optional() };

const adapterParts = z
  .array(z.strictObject({ adapterId: id, weight: partWeightSchema })) // id or name
  .min(1)
  .max(20);

const runIds = z.array(id).min(1).max(10_000);
const tags = z.array(z.string().overwrite(plainName).trim().min(1).max(60)).max(50);
const changedRuns = z.strictObject({ ids: z.array(id) });

/** Every call: its parameters and its result. */
export const methods = {
  'app.doctor': method(nothing, doctorSchema),
  /** Markdown for somebody who helps; it holds nothing that a person would not show. */
  'app.report': method(nothing, z.strictObject({ text: z.string() })),
  /** What happened in the workbench itself, without anything that a person trains on and without secrets. */
  'app.log': method(nothing, logSchema),

  'machine.show': method(nothing, machineSchema),

  /** What the data directory holds, and how much of the disk it takes: every file is looked at. */
  'storage.show': method(nothing, storageSchema),
  'storage.clear': method(z.strictObject({ part: z.enum(clearablePartNames) }), clearedSchema), // gives what was removed

  /** Everything that is kept held against what was written: the database and every file whose hash is known. Told as it comes along. */
  'integrity.show': method(nothing, integritySchema),
  'integrity.check': method(nothing, integritySchema), // begins
  'integrity.stop': method(nothing, integritySchema),
  /** Does what the findings with these ids say that it would, and checks anew. */
  'integrity.repair': method(repairParameters, integritySchema),

  /** Everything, or one experiment, in one file that any tar opens; every hash is compared before it has its name. */
  'backups.create': method(createParameters, backupSchema),
  /** Adds an experiment from such a file, all of it or nothing, to the same model and data; what is there is never replaced. */
  'backups.restore': method(restoreParameters, backupSchema),
  'backups.stop': method(nothing, nothing),

  'devices.list': method(nothing, z.array(deviceReportSchema)), // tried once a session
  'devices.probe': method(nothing, z.array(deviceReportSchema)), // tries them again

  /** A folder of the server's disk, of those that it shows; where none is named, the person's home. */
  'folders.list': method(
    z.strictObject({
      path: shownPath.optional(),
      /** Where the path is no folder that can be shown: the nearest around it that is one. */
      nearest: z.boolean().default(false),
      hidden: z.boolean().default(false),
    }),
    folderSchema,
  ),
  'folders.create': method(
    z.strictObject({ directory: shownPath, name: folderNameSchema }),
    z.strictObject({ path: z.string() }),
  ),

  'readings.stop': method(z.strictObject({ job }), nothing), // whoever waits for its answer gets an error

  'models.list': method(nothing, z.array(modelSchema)),
  'models.families': method(nothing, z.array(z.string()).readonly()), // what can be imported, as people call it
  'models.show': method(byId, modelSchema), // id or name
  'models.import': method(
    z.strictObject({
      directory: sourcePath,
      name: z.string().overwrite(plainName).trim().min(1).optional(),
      job: job.optional(),
    }),
    modelSchema,
  ),
  'models.remove': method(byId, nothing), // takes it out of the library; the person's files stay
  /** Its chat templates as they are written: the usual one, or what stands in where it has none, and the one for rows with tools. */
  'models.chatTemplate': method(byId, chatTemplatesSchema),
  /** Holds its files against what they were at import: all by reading them, or, not thorough, those that look as if written since. */
  'models.verify': method(
    z.strictObject({ id, thorough: z.boolean().default(true), job: job.optional() }),
    modelCheckSchema,
  ),

  /** How a model's weights decay: what is known of it, by kinds of layers. */
  'models.spectra': method(byId, weightSpectraSchema),
  /** The same of each layer of a kind. */
  'models.siteSpectra': method(z.strictObject({ id, kind: z.string().min(1) }), z.array(siteSpectrumSchema)),
  /** Decomposes the weights that are not yet, of one kind or all; told by `models.spectra`, one after the other. What is done is kept. */
  'models.computeSpectra': method(
    z.strictObject({ id, kind: z.string().min(1).optional() }),
    weightSpectraSchema,
  ),
  'models.cancelSpectra': method(byId, weightSpectraSchema),
  /** What training it and asking it takes, at usual settings, and what there is. Devices that were not tried yet are tried first. */
  'models.memory': method(byId, modelMemorySchema),
  /** All layers that adapters can be put on, each by its path, as the model's headers have them now. */
  'models.layers': method(byId, z.array(layerPlaceSchema)),
  /** The parts of a model that draws, each with its sites by what they are for, as its headers have them now; none of other models. */
  'models.parts': method(byId, z.array(modelPartSchema)),
  /** How it sees pictures. Refused for a model of text. */
  'models.pictureView': method(byId, pictureViewSchema),

  'datasets.list': method(nothing, z.array(datasetSchema)),
  'datasets.show': method(byId, datasetSchema), // id or name
  'datasets.import': method(
    z.strictObject({
      trainFile: sourcePath,
      validationFile: sourcePath.optional(),
      name: z.string().overwrite(plainName).trim().min(1).optional(),
      /** Found from the columns when absent. */
      format: datasetFormatSchema.optional(),
      /** Between the fields of CSV files; found from the header and the rows when absent. */
      separator: z.enum(separatorNames).optional(),
      /** What pictures are, and how those of a subject are read. */
      pictures: picturesChoiceSchema.optional(),
      /** Pictures that can't be read are left out, and told with the dataset; otherwise the first of them is an error. */
      skipBroken: z.boolean().optional(),
      job: job.optional(),
    }),
    datasetSchema,
  ),
  /**
   * The first rows of a file that may be imported: what they would be taken for, and what becomes of them. The rest isn't read. Of pictures
   * their names, and one of each of the first classes.
   */
  'datasets.inspect': method(
    z.strictObject({
      trainFile: sourcePath,
      format: datasetFormatSchema.optional(),
      separator: z.enum(separatorNames).optional(),
      pictures: picturesChoiceSchema.optional(),
      /** Whose tokens the examples are shown in. */
      modelId: id.optional(),
    }),
    z.discriminatedUnion('kind', [inspectionSchema, picturesInspectionSchema]),
  ),
  'datasets.remove': method(byId, nothing),
  'datasets.preview': method(
    z.strictObject({
      id,
      modelId: id,
      sequenceLength: z.int().min(2).default(256),
      lossOn: z.enum(['completion', 'all']).default('completion'),
      date: dateSchema.default(standardDate),
      count: z.int().min(1).max(50).default(5),
      /** From 0: rows before it are not looked at. */
      firstRow: z.int().min(0).default(0),
      /** A chat template to try, in place of the data's or the model's. */
      template: z.string().min(1).optional(),
    }),
    previewSchema,
  ),

  /** How long its training rows are in a model's tokens. Rows are gone through beside this process; what was found is kept. */
  'datasets.lengths': method(
    z.strictObject({
      id,
      modelId: id,
      lossOn: z.enum(['completion', 'all']).default('completion'),
      date: dateSchema.default(standardDate),
    }),
    lengthsSchema,
  ),
  /** Rows that are there twice, and held-out rows that are trained on. The part and the seed count where no file is held out. */
  'datasets.duplicates': method(
    z.strictObject({
      id,
      validationFraction: z.number().gt(0).lt(1).default(0.1),
      seed: seedSchema.default(0),
    }),
    duplicatesSchema,
  ),
  'datasets.stop': method(byId, nothing), // stops going through its rows

  /** How many pictures each class has in each part. Of pictures alone, as all of these. */
  'datasets.classes': method(byId, z.array(classCountSchema)),
  /** The names of some pictures of a part, of one class or of all: a page from place `from`, counted from 0. */
  'datasets.pictures': method(
    z.strictObject({
      id,
      part: partNameSchema.default('train'),
      label: z.int().min(0).nullable().default(null),
      from: z.int().min(0).default(0),
      count: z.int().min(1).max(200).default(mostThumbnails),
    }),
    picturesPageSchema,
  ),
  /** Pictures by their names, made anew as small files: whole, or as a model sees them. */
  'datasets.thumbnails': method(
    z.strictObject({
      id,
      names: z.array(z.string().min(1).max(4096)).min(1).max(mostThumbnails),
      /** In pixels: no side of a picture is longer. */
      edge: edgeSchema.default(96),
      /** Whose view they are shown in; whole where absent. */
      modelId: id.optional(),
    }),
    z.strictObject({ thumbnails: z.array(thumbnailSchema) }),
  ),
  /** What a template asks of each class, in a model's tokens. */
  'datasets.prompts': method(
    z.strictObject({ id, modelId: id, template: z.string().min(1).max(1000) }),
    classPromptsSchema,
  ),
  /** In which sizes training sees the pictures of a set without classes. The headers of all are read. */
  'datasets.buckets': method(z.strictObject({ id, framing: framingSchema.prefault({}) }), bucketsSchema),
  /** Some of them as training sees them, with their captions: a page of the part to train on from place `from`, counted from 0. */
  'datasets.framed': method(
    z.strictObject({
      id,
      framing: framingSchema.prefault({}),
      from: z.int().min(0).default(0),
      count: z.int().min(1).max(mostThumbnails).default(8),
      /** In pixels: no side of a picture is longer. */
      edge: edgeSchema.default(160),
      /** By which crops and mirrors are drawn, where those are left to chance. */
      seed: seedSchema.default(0),
      epoch: z.int().min(0).max(1_000_000).default(0),
      /** Whose tokens captions are counted in. */
      modelId: id.optional(),
    }),
    framedPageSchema,
  ),
  /** Pictures that show the same, within the part to train on and between it and those held out. All are decoded. */
  'datasets.sharedPictures': method(z.strictObject({ id, job: job.optional() }), sharedPicturesSchema),

  'experiments.list': method(
    z.strictObject({
      ...pageParams(100, 200),
      /** Only those with this in their name, or in their model's or dataset's. */
      search: z.string().optional(),
      sort: z.enum(['newest', 'oldest', 'name']).default('newest'),
      /** Experiments that are parts of comparisons: shown beside the others, alone, or not. */
      ofComparisons: z.enum(['shown', 'only', 'hidden']).default('shown'),
    }),
    pageOf(experimentSummarySchema),
  ),
  'experiments.show': method(byId, experimentSchema),
  'experiments.create': method(z.strictObject({ definition: experimentDefinitionSchema }), experimentSchema),
  /** What the demo compares: a file that comes with the sample, for the sample's model and data as the library has them. */
  'experiments.demo': method(nothing, experimentDefinitionSchema),
  /** Settings that were published, by name, each with what is not as it was published. */
  'experiments.presets': method(nothing, z.array(experimentPresetSchema)),
  /** A definition of one or more of them, for the given model and data, to change or to create: a configuration each, trained as the first. */
  'experiments.fromPreset': method(
    z.strictObject({
      presets: z.array(z.string().min(1)).min(1).max(100),
      model: id,
      dataset: id,
      /** Pictures of each class; where absent as the first has it. */
      shots: z.int().min(1).max(100_000).optional(),
      seed: seedSchema.default(1),
    }),
    experimentDefinitionSchema,
  ),
  /** What the text of a YAML file defines. Errors begin with the given name, and name the line and field. */
  'experiments.read': method(
    z.strictObject({ text: z.string(), name: z.string().min(1) }),
    experimentDefinitionSchema,
  ),
  /** The YAML file that defines it, with the model and the data by their names. */
  'experiments.write': method(
    z.strictObject({ definition: experimentDefinitionSchema }),
    z.strictObject({ fileName: z.string(), text: z.string() }),
  ),
  /** What its runs would take, of those that run on the CPU: null for other devices, whose memory is not known. */
  'experiments.estimate': method(
    z.strictObject({ definition: experimentDefinitionSchema }),
    memoryReportSchema.nullable(),
  ),
  'experiments.start': method(byId, experimentSchema), // queues every run that is not completed, running or queued
  'experiments.remove': method(byId, nothing),
  'experiments.compare': method(byId, experimentComparisonSchema),

  'templates.list': method(nothing, z.array(experimentTemplateSchema)),
  'templates.save': method(
    z.strictObject({ definition: experimentDefinitionSchema }),
    experimentTemplateSchema,
  ),
  'templates.remove': method(byId, nothing),

  'comparisons.list': method(z.strictObject(pageParams(50, 100)), pageOf(comparisonSummarySchema)),
  'comparisons.show': method(byId, comparisonSchema), // id or name
  'comparisons.templates': method(nothing, z.array(comparisonTemplateSchema)),
  /** A definition of a template, for the given model and data, to change or to create. */
  'comparisons.fromTemplate': method(
    z.strictObject({
      template: z.string().min(1),
      model: id,
      dataset: id,
      /** Of its tasks, by their names; those that are not given are left out. */
      files: z.record(z.string(), sourcePath).default({}),
    }),
    comparisonDefinitionSchema,
  ),
  /** What a YAML file defines. Files that it names are looked for beside it. */
  'comparisons.read': method(z.strictObject({ path: sourcePath }), comparisonDefinitionSchema),
  /** What a definition comes to: ranks that match, what stays unequal, how many runs. Nothing is stored. */
  'comparisons.design': method(
    z.strictObject({ definition: comparisonRequestSchema }),
    comparisonDesignSchema,
  ),
  'comparisons.create': method(z.strictObject({ definition: comparisonRequestSchema }), comparisonSchema),
  /** Goes on from wherever it is. Refused while there are confounds that nobody has accepted by name. */
  'comparisons.start': method(
    z.strictObject({ id, accept: z.array(z.string().min(1)).default([]) }),
    comparisonSchema,
  ),
  'comparisons.pause': method(byId, comparisonSchema),
  'comparisons.cancel': method(byId, comparisonSchema),
  'comparisons.diagnose': method(byId, comparisonSchema), // once it is completed
  'comparisons.diagnosis': method(byId, comparisonDiagnosisSchema.nullable()), // null until there is one
  'comparisons.remove': method(byId, nothing), // with its runs, adapters and results
  'comparisons.answer': method(byId, comparisonAnswerSchema), // of what is there so far
  'comparisons.items': method(
    z.strictObject({
      id,
      task: z.string().min(1),
      /** Only items on which two arms, from the same seed, gave different answers or are not both right. */
      onlyDiffering: z.boolean().default(false),
      /** Only those that stand in a cell of a confusion table; null takes all. */
      cell: confusionCellSchema.nullable().default(null),
      offset: z.int().min(0).default(0),
      limit: z.int().min(1).max(1000).default(50),
    }),
    itemsPageSchema,
  ),
  /** What base and arms drew for a task of the kind "drawn", to be measured. */
  'comparisons.pictures': method(measuredPicturesParameters, measuredPicturesSchema),
  'comparisons.picture': method(measuredPictureParameters, runPictureSchema),
  'comparisons.report': method(
    z.strictObject({ id, format: z.enum(reportFormats) }),
    z.strictObject({ format: z.enum(reportFormats), fileName: z.string(), text: z.string() }),
  ),

  /** By experiment, the newest first, and in the order of its configurations. */
  'runs.list': method(
    z.strictObject({
      ...runQueryFields,
      offset: z.int().min(0).default(0),
      limit: z.int().min(1).max(200).default(100),
      /** Whose values each row is to have; any that a filter knows, but for tags, which are always there. */
      columns: z.array(z.string()).max(40).default([]),
    }),
    z.strictObject({ items: z.array(runRowSchema), total: z.int() }),
  ),
  /** Of a part of the same list, or of all of it. */
  'runs.ids': method(
    z.strictObject({
      ...runQueryFields,
      offset: z.int().min(0).default(0),
      limit: z.int().min(1).max(10_000).default(10_000),
    }),
    changedRuns,
  ),
  /** In the order in which the same list has their runs. */
  'runs.groups': method(
    z.strictObject({
      ...runQueryFields,
      group: z.string(),
      /** A column with numbers. */
      measured: z.string().default('validation/loss'),
      offset: z.int().min(0).default(0),
      limit: z.int().min(1).max(1000).default(1000),
    }),
    z.strictObject({ items: z.array(runGroupSchema), total: z.int() }),
  ),
  /** What the listed runs can be shown by, and in what they differ. */
  'runs.columns': method(z.strictObject(runQueryFields), z.array(runColumnSchema)),
  /** The tags of these runs, or of all. */
  'runs.tags': method(z.strictObject({ ids: z.array(id).max(10_000).optional() }), z.array(tagCountSchema)),
  /** Those of the runs that have a curve of their own. */
  'runs.sparklines': method(
    z.strictObject({ ids: z.array(id).max(200), points: z.int().min(2).max(200).default(40) }),
    z.array(sparklineSchema),
  ),
  /** All or none of them. */
  'runs.tag': method(
    z.strictObject({ ids: runIds, add: tags.default([]), remove: tags.default([]) }),
    tagChangeSchema,
  ),
  'runs.note': method(z.strictObject({ id, note: z.string().trim().max(2000) }), changedRuns),
  /** Its configuration and its adapter, too: they are called alike. Refused for a part of a comparison. */
  'runs.rename': method(
    z.strictObject({ id, name: z.string().overwrite(plainName).trim().min(1).max(200) }),
    changedRuns,
  ),
  /** Puts runs away, or takes them out again; nothing is lost. Gives those that were not so before. */
  'runs.archive': method(z.strictObject({ ids: runIds, archived: z.boolean().default(true) }), changedRuns),
  'runs.show': method(byId, runSchema),
  /** Queues; goes on from the last checkpoint where there is one, and on another device where one is named. */
  'runs.start': method(startParameters, runSchema),
  'runs.pause': method(byId, runSchema),
  'runs.resume': method(startParameters, runSchema),
  /** Gives up all that a run has done that did not come to its end, and starts it at step 0. */
  'runs.startOver': method(startParameters, runSchema),
  'runs.cancel': method(byId, runSchema),
  /**
   * A new run, in an experiment of its own, that goes on where a completed one has ended: with its adapter, the optimizer's state and the place in the
   * data. The schedule is one of its own, over the steps that are asked for; what is not given is as that run had it, without its warmup.
   */
  'runs.extend': method(extendParameters, experimentSchema),
  'runs.log': method(byId, z.strictObject({ text: z.string() })), // what its trainer told, with times; the last 128 kB at least
  'runs.metrics': method(z.strictObject({ id, name: z.string().optional() }), z.array(metricSchema)),
  /** What they wrote to a prompt while they trained, by step and side by side. */
  'runs.samples': method(runSamplesParameters, runSamplesSchema),
  /** What they drew of a prompt from a seed while they trained, by step and side by side. */
  'runs.pictures': method(runPicturesParameters, runPicturesSchema),
  'runs.picture': method(runPictureParameters, runPictureSchema),

  /** Ways to look at the table of runs, by name. */
  'views.list': method(nothing, z.array(runViewSchema)),
  /** A new one, or, with an id, that one under this name. */
  'views.save': method(
    z.strictObject({
      id: id.optional(),
      name: z.string().overwrite(plainName).trim().min(1).max(100),
      definition: viewDefinitionSchema,
    }),
    runViewSchema,
  ),
  'views.remove': method(byId, nothing),

  /** Takes experiments and runs out of every list, to be brought back until its time is over; then their files go. */
  'removals.begin': method(removalRequestSchema, removalSchema),
  'removals.undo': method(byId, nothing),
  'removals.list': method(nothing, z.array(removalSchema)), // what can still be brought back

  'queue.show': method(nothing, queueSchema),
  /** Starts nothing more until it is resumed, after a restart neither. What runs goes on to its end, or is paused, too, and goes on first. */
  'queue.pause': method(z.strictObject({ andRunning: z.boolean().default(false) }), queueSchema),
  'queue.resume': method(nothing, queueSchema),

  /** What there is to know of each metric, so that anyone can draw what `runs.metrics` gives. */
  'metrics.list': method(nothing, z.array(metricEntrySchema).readonly()),
  /** The curves of many runs over a range, no finer than they are drawn. What is stored, value by value, is for `runs.metrics` to tell. */
  'metrics.series': method(metricSeriesParameters, metricSeriesSchema),

  'adapters.list': method(
    z.strictObject({
      ...pageParams(100, 200),
      /** Only those of its runs. */
      experimentId: id.optional(),
      /** Only those on it. */
      modelId: id.optional(),
      /** Only those that were imported, or only those of runs. */
      imported: z.boolean().optional(),
      /** Only those with this in their name, or in their experiment's or model's. */
      search: z.string().optional(),
    }),
    pageOf(adapterSchema),
  ),
  'adapters.show': method(byId, adapterSchema), // id or name
  /** An adapter folder of PEFT's, checked against the model. */
  'adapters.import': method(
    z.strictObject({
      directory: sourcePath,
      modelId: id,
      name: z.string().overwrite(plainName).trim().min(1).optional(),
      /** Whether the model has given up already what the adapter starts from. */
      onResidualBase: z.boolean().default(false),
      job: job.optional(),
    }),
    adapterSchema,
  ),
  /** What a sum of adapters of one model is and does: `sum of weight * delta W`. Told how far by `adapters.combining`. */
  'adapters.preview': method(z.strictObject({ parts: adapterParts }), combinedSummarySchema),
  /** Keeps such a sum as an adapter of its own, to be asked and exported as any other. */
  'adapters.combine': method(
    z.strictObject({ parts: adapterParts, name: z.string().overwrite(plainName).trim().min(1).optional() }),
    adapterSchema,
  ),
  'adapters.remove': method(byId, nothing), // an imported or combined one; the person's files stay

  /** What completed runs on one model have learned and started from, layer by layer, and what any two have in common. Takes its time. */
  'diagnostics.compute': method(z.strictObject({ runIds: z.array(id).min(1).max(24) }), diagnosisSchema),

  /** Asks models to write. What they write comes as events; one question is answered at a time, the others wait. */
  'generation.start': method(generationRequestSchema, byId),
  'generation.cancel': method(byId, nothing), // ends with what there is; says nothing of an answer that has ended
  'generation.defaults': method(z.strictObject({ modelId: id }), generationDefaultsSchema),
  'generation.show': method(nothing, generationStateSchema),
  'generation.release': method(nothing, nothing), // takes the model out of memory that waits for the next question
  /** Judgements of answers whose authors were hidden. */
  'generation.vote': method(voteSchema, tallySchema),
  'generation.tallies': method(z.strictObject({ modelId: id }), z.array(tallySchema)),
  /** What models that compare pictures with texts see. One question is answered at a time, the others wait. */
  'classifying.classify': method(classifyRequestSchema, classifyAnswerSchema),
  /** Where pictures of a set lie in the plane, by each arm. Told how far by `classifying.progress`. */
  'classifying.map': method(mapRequestSchema, mapAnswerSchema),
  'classifying.defaults': method(classifyDefaultsRequestSchema, classifyDefaultsSchema),
  'classifying.stop': method(z.strictObject({ job }), nothing), // what has ended by then needs no stopping
  'classifying.release': method(nothing, nothing), // takes the model out of memory that waits for the next question
  /** Pictures of prompts by diffusion models, arms beside each other on the same noise. Told how far by `drawing.progress`. */
  'drawing.draw': method(drawRequestSchema, drawingSchema),
  'drawing.stop': method(z.strictObject({ job }), nothing), // what has ended by then needs no stopping
  'drawing.release': method(nothing, nothing), // takes the model out of memory that waits for the next question
  /** How like their subject and their prompts drawn pictures are, under a comparison's statistics. Told how far by `fidelity.progress`. */
  'fidelity.measure': method(fidelityRequestSchema, fidelityAnswerSchema),
  'fidelity.stop': method(z.strictObject({ job }), nothing),
  /** Pictures of two arms, judged pair by pair without knowing whose they are. */
  'blind.list': method(nothing, z.array(blindTestSchema)),
  'blind.show': method(z.strictObject({ id }), blindTestSchema), // id or name
  'blind.create': method(blindRequestSchema, blindTestSchema),
  /** Of what two arms drew: for a task of the kind `drawn`, or while they trained. */
  'blind.ofComparison': method(blindOfComparisonSchema, blindTestSchema),
  'blind.pair': method(blindPairRequestSchema, blindPairSchema),
  'blind.vote': method(blindVoteSchema, blindTestSchema), // in the place of an earlier one
  'blind.end': method(z.strictObject({ id }), blindTestSchema), // tells whose pictures they were; none is judged any more
  'blind.remove': method(z.strictObject({ id }), nothing),
  /** Copies of runs for other people's trackers. Asked again, what is there is completed. */
  'trackers.mlflow': method(
    z.union([
      z.strictObject({ runId: id, ...mlflowOptions }),
      z.strictObject({ experimentId: id, ...mlflowOptions }),
      z.strictObject({ comparisonId: id, ...mlflowOptions }), // id or name
    ]),
    sentToMlflowSchema,
  ),
  'trackers.tensorboard': method(
    z.union([
      z.strictObject({ runId: id, destination: targetPath }),
      z.strictObject({ experimentId: id, destination: targetPath }),
      z.strictObject({ comparisonId: id, destination: targetPath }),
    ]),
    writtenForTensorBoardSchema,
  ),

  'exports.list': method(
    z.strictObject({
      ...pageParams(20, 50),
      /** Only those of adapters of its runs. */
      experimentId: id.optional(),
      /** Only those of adapters that were imported, or only those of runs. */
      imported: z.boolean().optional(),
    }),
    pageOf(exportSchema),
  ),
  'exports.show': method(byId, exportSchema),
  'exports.create': method(
    z.union([
      z.strictObject({ runId: id, ...exportFields }),
      z.strictObject({ adapterId: id, ...exportFields }), // id or name
    ]),
    exportSchema,
  ),
} as const;

export type Methods = typeof methods;
export type MethodName = keyof Methods;
/** What a caller passes. */
export type MethodParams<M extends MethodName> = z.input<Methods[M]['params']>;
/** What a handler receives: validated, defaults filled in. */
export type MethodParamsParsed<M extends MethodName> = z.output<Methods[M]['params']>;
export type MethodResult<M extends MethodName> = z.output<Methods[M]['result']>;

type GroupOf<M extends MethodName> = M extends `${infer Group}.${string}` ? Group : never;
type NameIn<Group extends string, M extends MethodName> = M extends `${Group}.${infer Name}` ? Name : never;
type Handler<M extends MethodName> = (
  params: MethodParamsParsed<M>,
) => MethodResult<M> | Promise<MethodResult<M>>;

/**
 * The handlers: `models.show` is `workbench.models.show(params)`. Each returns its result, at once or later, and throws WorkbenchError. A
 * service says that it `satisfies` its group, so that its own types stay as narrow as they are.
 */
export type WorkbenchMethods = {
  readonly [Group in GroupOf<MethodName>]: {
    readonly [M in MethodName as NameIn<Group, M>]: Handler<M>;
  };
};

export const isMethodName = (name: unknown): name is MethodName =>
  typeof name === 'string' && Object.hasOwn(methods, name);

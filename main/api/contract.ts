import { z } from 'zod';
import { errorCodes } from '../engine/errors.ts';

/**
 * The one contract between the workbench and whoever uses it: window, browser, command line. Its methods and events stand with the services
 * that keep it; here is the door. Pure: it runs in a browser too.
 */
export { isMethodName, methods } from '../services/shared/methods.ts';
export type { MethodName, MethodParams, MethodResult, WorkbenchMethods } from '../services/shared/methods.ts';
export { events } from '../services/shared/workbench-events.ts';
export type { WorkbenchEvent } from '../services/shared/workbench-events.ts';

export const errorSchema = z.strictObject({ code: z.enum(errorCodes), message: z.string() });
export type ApiError = z.output<typeof errorSchema>;
/** What every transport carries back. */
export type Envelope<R> = { ok: true; result: R } | { ok: false; error: ApiError };

/** Pure schemas that a form validates with. */
export type { Removal } from '../services/removals/removals-schema.ts';
export type {
  RunColumnEntry,
  RunGroup,
  RunView,
  Sparkline,
  TagChange,
  ViewDefinition,
} from '../services/runs/run-table-schema.ts';
export { columnsOf, datasetFormatSchema } from '../engine/data/files/dataset-format.ts';
export { classAccuracies } from '../engine/scoring/confusion.ts';
export { separatorNames, type SeparatorName } from '../engine/data/records/separators.ts';
export { designSpace } from '../engine/adapters/layer/design-space.ts';
export type { DesignSpaceRow } from '../engine/adapters/layer/design-space.ts';
export { adapterName } from '../engine/adapters/settings/adapter-name.ts';
export {
  activationMatrices,
  activationMatrixSchema,
} from '../engine/adapters/description/activation-matrix.ts';
export type { ActivationMatrix } from '../engine/adapters/description/activation-matrix.ts';
export { adapterSettingsSchema } from '../engine/adapters/settings/adapter-settings.ts';
export { methods as adapterMethods } from '../engine/adapters/methods/index.ts';
export { noraPresets } from '../engine/adapters/methods/nora.ts';
export { usualLearningRate } from '../engine/adapters/settings/usual-learning-rate.ts';
export { withTrainedParameters } from '../engine/budgets/equal-size.ts';
export { isTargeted, layerNumber, targetingOf } from '../engine/adapters/layer/target-modules.ts';
export { targetedGroups, trainedParameters } from '../engine/adapters/layer/parameter-count.ts';
export { metricGroups } from '../engine/metrics/metric.ts';
export { metricRegistry } from '../engine/metrics/registry.ts';
export { summaryValue } from '../engine/metrics/summary.ts';
export { exportKindsOf } from '../trainer/protocol/export-kinds.ts';
export { certificateText, comparedIn } from '../trainer/protocol/certificate-text.ts';
export { lengthOf, lengthText, lengthUnits, withLength } from '../engine/train/settings/run-length.ts';
export { objectiveFacts, otherDataOf, takesFormat } from '../engine/objectives/facts.ts';
export type { LengthUnit } from '../engine/train/settings/run-length.ts';
export { dateSchema, standardDate } from '../engine/data/chat/template-date.ts';
export { trainingOverridesSchema } from '../engine/train/settings/training-overrides.ts';
export { trainingFields, trainingSettingsSchema } from '../engine/train/settings/training-settings.ts';
export { baseFormats, type BaseFormat } from '../engine/base/base-format.ts';
export type { Prompt, PromptMessage } from '../engine/data/chat/prompt.ts';
export {
  defaultGenerationSettings,
  generationSettingsSchema,
  type GenerationSettings,
} from '../engine/generation/generation-settings.ts';
export { generationPresets, type GenerationPreset } from '../engine/generation/presets.ts';
export {
  mostArms,
  type AnsweredRow,
  type GeneratedToken,
  type PromptTokens,
} from '../trainer/protocol/generate-schema.ts';
export type {
  GenerationAnswer,
  GenerationDefaults,
  GenerationEnd,
  GenerationRequestInput,
  GenerationState,
  Tally,
  Vote,
  VoteChoice,
} from '../services/shared/generation-entities.ts';
export type { BlindPair, BlindRequest, BlindTest } from '../services/blind/blind-entities.ts';
export type { FidelityAnswer, FidelityRequest } from '../services/fidelity/fidelity-entities.ts';
export { mostClasses, mostMapped, mostSentBytes } from '../trainer/protocol/classify-schema.ts';
export type {
  ClassifyAnswer,
  ClassifyDefaults,
  GivenPicture,
  PictureMap,
} from '../services/shared/classify-entities.ts';
export { mostDrawn } from '../trainer/protocol/draw-schema.ts';
export type { Drawing, DrawRequestInput } from '../services/shared/draw-entities.ts';
export type { MetricSeries, RunSeries, SeriesAxis } from '../services/shared/metric-series.ts';
export { isActive } from '../services/runs/run-status.ts';
export type { Log } from '../services/log/log-schema.ts';
export type { Machine } from '../services/machine/machine-schema.ts';
export type { Backup, BackupProgress } from '../services/backups/backups-schema.ts';
export type { Finding, Integrity } from '../services/integrity/integrity-schema.ts';
export { clearablePartNames, storagePartNames } from '../services/storage/storage-schema.ts';
export type { ClearablePartName, Storage, StoragePartName } from '../services/storage/storage-schema.ts';
export { experimentDefinitionSchema } from '../services/shared/experiment-definition.ts';
export type { AdapterMethod, AdapterSettings } from '../engine/adapters/settings/adapter-settings.ts';
export type { DatasetFormat } from '../engine/data/files/dataset-format.ts';
export { setKindOf } from '../engine/data/pictures/pictures-format.ts';
export type { DataFormat, PicturesFormat } from '../engine/data/pictures/pictures-format.ts';
export type {
  CurveKind,
  MetricEntry,
  MetricGroup,
  MetricUnit,
  SummaryColumn,
} from '../engine/metrics/metric.ts';
export type { KnownMetric, MetricName } from '../engine/metrics/registry.ts';
export type { MetricValues, RunSummary } from '../engine/metrics/summary.ts';
export type { TrainingSettings } from '../engine/train/settings/training-settings.ts';
export type {
  Adapter,
  Dataset,
  DeviceReport,
  Doctor,
  Experiment,
  ExperimentComparison,
  ExperimentTemplate,
  ExperimentSummary,
  Export,
  MemoryReport,
  Model,
  ModelCheck,
  Run,
  RunRow,
  RunStatus,
} from '../services/shared/entities.ts';
export type { ExperimentPreset } from '../services/experiments/presets/preset.ts';
export type { LayerPlace } from '../engine/models/architecture.ts';
export type { ModelPart, ModelPartName, SiteTarget, SiteUse } from '../engine/models/model-part-names.ts';
export {
  bucketSettingsSchema,
  framingSchema,
  sizeOfResolution,
} from '../engine/data/pictures/buckets/framing.ts';
export { usualTargets } from '../engine/adapters/settings/usual-targets.ts';
export type { MeasuredPicturesOfTask } from '../services/comparisons/pictures/measured-picture-schema.ts';
export { withinAlternatives } from '../engine/problems.ts';
export { sizeProblems } from '../engine/diffusion/drawn-sides.ts';
export { drawnSideConflicts } from '../engine/train/settings/drawn-side-checks.ts';
export type { BucketSettings, Framing, Resolution } from '../engine/data/pictures/buckets/framing.ts';
export { filterNames } from '../engine/data/pictures/resample/filter-names.ts';
export { chosenSources, picturesChoiceSchema } from '../engine/data/pictures/subject-format.ts';
export type {
  CaptionSource,
  PicturesChoice,
  SetKind,
  SubjectFormat,
} from '../engine/data/pictures/subject-format.ts';
export type {
  Buckets,
  CaptionTokens,
  FramedPage,
  FramedPicture,
} from '../trainer/protocol/framing-schema.ts';
export { mostThumbnails } from '../trainer/protocol/pictures-schema.ts';
export type {
  ClassCount,
  ClassPrompts,
  ModelPictureView,
  PartName,
  PicturesInspection,
  PicturesPage,
  SharedPictures,
  Thumbnail,
} from '../trainer/protocol/pictures-schema.ts';
export { publishedSets } from '../engine/data/pictures/sets/published-sets.ts';
export { checkTemplate, plainTemplate } from '../engine/data/pictures/prompts/templates.ts';
export { drawsPictures, isOfPictures } from '../engine/train/settings/picture-checks.ts';
export { measuresPictures } from '../engine/objective-names.ts';
export { drawSettingsSchema, pictureSeedSchema } from '../engine/diffusion/draw-settings.ts';
export type { DrawSettings } from '../engine/diffusion/draw-settings.ts';
export { samplers } from '../engine/diffusion/samplers/samplers.ts';
export { classDrawingSchema, type ClassDrawing } from '../engine/train/settings/class-drawing.ts';
export { diffusionSettingsSchema } from '../engine/train/settings/diffusion-settings.ts';
export type { DiffusionSettings } from '../engine/train/settings/diffusion-settings.ts';
export { pictureSettingsSchema } from '../engine/train/settings/picture-settings.ts';
export type { PictureSettings } from '../engine/train/settings/picture-settings.ts';
export type { Inspection } from '../trainer/protocol/inspection-schema.ts';
export type { Preview } from '../trainer/protocol/preview-schema.ts';
export type { RunPicture, RunPictures } from '../services/shared/run-picture-entities.ts';
export type { RunSamples } from '../services/shared/sample-entities.ts';
export { mostSamples, type SampleSettings } from '../engine/train/settings/sample-settings.ts';
export {
  drawnSampleSettingsSchema,
  mostDrawnSamples,
  type DrawnSampleSettings,
} from '../engine/train/settings/drawn-sample-settings.ts';
export type { Queue, QueuedRun } from '../services/shared/queue-entity.ts';
export { summaryOfComparison } from '../services/comparisons/comparison-schema.ts';
export { comparisonDefinitionSchema, comparisonRequestSchema } from '../services/comparisons/definition.ts';
export type {
  ComparisonDefinition,
  ComparisonDefinitionInput,
  Tuning,
} from '../services/comparisons/definition.ts';
export type {
  AssessedTask,
  Assessment,
  Comparison,
  ComparisonDesign,
  ComparisonPhase,
  ComparisonRun,
  ComparisonStatus,
  ComparisonSummary,
  ComparisonTemplate,
  ConfusionCell,
  ItemsPage,
} from '../services/comparisons/comparison-schema.ts';
export type {
  Agreement,
  ArmAnswer,
  ComparisonAnswer,
  CostAnswer,
  CurveAnswer,
  Front,
  Gate,
  Interval,
  MetricAnswer,
  PairAnswer,
  ShotCurve,
  Standing,
  TuningAnswer,
  Verdict,
} from '../services/comparisons/answer/comparison-answer.ts';
export type {
  ComparisonDiagnosis,
  DiagnosisSpread,
} from '../services/comparisons/diagnostics/comparison-diagnosis.ts';
export { diagnosisCellText, diagnosisCellTexts } from '../services/comparisons/diagnostics/diagnosis-cell.ts';
export { pairMeasures, runMeasures } from '../services/comparisons/diagnostics/diagnosis-measures.ts';
export {
  armTable,
  kindOf,
  layerTable,
  meanSpectrum,
  pairTable,
} from '../services/comparisons/diagnostics/diagnosis-tables.ts';
export type { DiagnosisTable } from '../services/comparisons/diagnostics/diagnosis-tables.ts';
export { diagnosisIntroduction } from '../services/comparisons/diagnostics/diagnosis-words.ts';
export type { Folder, FolderEntry, Place } from '../services/folders/folder-schema.ts';
export { curvePlaces, energyRanks } from '../engine/diagnostics/weight-spectrum.ts';
export type { ModelMemory } from '../services/library/model-memory-schema.ts';
export type {
  SiteKind,
  SiteSpectrum,
  WeightSpectra,
} from '../services/library/weight-spectra/weight-spectra-schema.ts';
export { sourcePath, targetPath } from '../services/shared/absolute-path.ts';
export type {
  DiagnosisMeasure,
  PairMeasureName,
  RunMeasureName,
} from '../services/comparisons/diagnostics/diagnosis-measures.ts';
export { costMeasures, matchingMeasures } from '../engine/budgets/cost-measures.ts';
export type { CostMeasure, CostUnit, MatchingMeasure } from '../engine/budgets/cost-measures.ts';
export type { BudgetRow, MatchedArm, MatchedBudgets, Matching } from '../engine/budgets/budget-schema.ts';
export type { SettingRange, Sweep } from '../services/comparisons/design/sweep-schema.ts';
export { answerRuleNames } from '../engine/scoring/answer-rules/rule-names.ts';
export { choicePromptNames } from '../engine/scoring/choices/prompt-names.ts';
export type { Confound, SettingDifference } from '../services/comparisons/design/confound-schema.ts';
export { confusionTables } from '../services/comparisons/report/answer-rows.ts';
export { partTables } from '../services/comparisons/answer/part-tables.ts';
export { shotsText } from '../services/comparisons/answer/number-text.ts';
export { reportFormats } from '../services/comparisons/report/report-data.ts';
export type { ReportFormat } from '../services/comparisons/report/report-data.ts';
export { takesTask } from '../engine/scoring/check-tasks.ts';
export { pictureMeasures } from '../engine/scoring/fidelity/measures.ts';
export { mostMeasuredPictures, taskKindLabels, taskSchema } from '../engine/scoring/task.ts';
export type { Examples as TaskExamples, Task, TaskInput, TaskKind } from '../engine/scoring/task.ts';
export { scoreEntry, scoreRegistry } from '../engine/scoring/scores.ts';
export type { ScoreEntry, ScoreName } from '../engine/scoring/scores.ts';
export type {
  Configuration,
  ExperimentDefinition,
  ExperimentDefinitionInput,
} from '../services/shared/experiment-definition.ts';
export type {
  Diagnosis,
  LayerDiagnosis,
  PairDiagnosis,
  RunDiagnosis,
} from '../trainer/protocol/diagnosis-schema.ts';
export type { CombinedSummary } from '../trainer/protocol/combine-schema.ts';
export type { MergeCertificate } from '../trainer/protocol/certificate-schema.ts';
export type { MemorySuggestion } from '../trainer/protocol/memory-schema.ts';
export type { Duplicates, Lengths } from '../trainer/protocol/survey-schema.ts';
export type { ExportKind, ExportSummary, Metric, Phase } from '../trainer/protocol/protocol.ts';

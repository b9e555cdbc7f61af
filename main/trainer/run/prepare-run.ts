import { checkAdapterFits } from '../../engine/adapters/layer/adapter-fits.ts';
import type { AdapterSettings } from '../../engine/adapters/settings/adapter-settings.ts';
import { selectWeights } from '../../engine/adapters/layer/target-modules.ts';
import { checkBaseFormat, withBaseFormat } from '../../engine/models/weights/quantized-base.ts';
import type { Batching } from '../../engine/data/batches/batching.ts';
import type { Example } from '../../engine/data/examples/examples.ts';
import { paddingId } from '../../engine/data/tokens/padding-id.ts';
import { templateBeside } from '../../engine/data/chat/template-notices.ts';
import { loadTokenizer, type Tokenizer } from '../../engine/data/tokens/tokenizer.ts';
import { invalidInput } from '../../engine/errors.ts';
import { textObjectiveOf } from '../../engine/objectives/index.ts';
import { hashesByPath } from '../../engine/formats/model-identity.ts';
import { assertFinite } from '../../engine/formats/non-finite.ts';
import type { Model } from '../../engine/models/model.ts';
import { warmupStepsOf } from '../../engine/optim/schedule.ts';
import { readCheckpoint, type Checkpoint } from '../../engine/train/checkpoint.ts';
import { countSteps } from '../../engine/train/settings/count-steps.ts';
import { lengthOf } from '../../engine/train/settings/run-length.ts';
import { trainedLayout, type AdapterState } from '../../engine/train/model/trained-model.ts';
import type { Share } from './group/shared-things.ts';
import { openForRun, type OpenedRun } from './open-for-run.ts';
import type { Phase, RunSpecification } from '../protocol/protocol.ts';
import { prepareData, type RunData } from './run-data.ts';
import { runSeeds } from './run-seeds.ts';
import { samplePrompts, type SamplePrompt } from './sample-prompts.ts';
import { startAdapter } from './start-adapter.ts';

/** All that a run needs before its graphs are compiled. */
export interface PreparedRun {
  readonly model: Model;
  /** Runs with the same key have the same model. */
  readonly modelKey: readonly unknown[];
  readonly data: RunData;
  readonly tokenizer: Tokenizer;
  /** How its examples become batches. */
  readonly batching: Batching<Example>;
  /** What its samples are written to; none where it writes none. */
  readonly samplePrompts: readonly SamplePrompt[];
  /** Of the adapter as it is: what was asked for, with what its start has settled. */
  readonly settings: AdapterSettings;
  /** Steps that another run has done before this one: its own are counted on from there. */
  readonly firstStep: number;
  /** The step with which the run ends, and how many of its own warm up. */
  readonly steps: number;
  readonly warmupSteps: number;
  /** Names of the classes; null for models that predict tokens. */
  readonly classNames: readonly string[] | null;
  /** The workbench's own chat template where the data are written with it; undefined otherwise. */
  readonly chatTemplate: string | undefined;
  readonly adapter: AdapterState;
  /** Names of base weights that are trained whole. */
  readonly trainedWeights: readonly string[];
  readonly initialisationSeconds: number;
  /** What stands for the adapter's start on the disk; null for one of an older version. */
  readonly startSeal: string | null;
  /** What a person should know about the data and the adapter's start. */
  readonly notices: readonly string[];
  /** The same of what was found again, for a run that goes on. */
  readonly resumeNotices: readonly string[];
  /** Where to go on from; undefined for a run from the start. */
  readonly checkpoint: Checkpoint | undefined;
}

/** Reports a phase, lets messages in, and throws where the run is to be cancelled. */
export type Report = (phase: Phase, done: number, total: number) => Promise<void>;

interface SharedModel extends OpenedRun {
  /** As it is in its files; `model` has its weights in the format that the run asks for. */
  readonly original: Model;
}

/** What the model of a run, and the rows of its data, follow from. */
const modelKeyOf = (specification: RunSpecification): readonly unknown[] => {
  const { modelDirectory, modelFiles, cacheDirectory, dataset, training, adapter, seed, runDirectory } =
    specification;
  const { baseFormat, device, packing } = training;
  // A classifier may get a new head, which the seed draws and the adapter has to train.
  const ofHead = dataset.format.kind === 'classification' ? [adapter, seed, runDirectory] : [];
  return [modelDirectory, modelFiles, cacheDirectory, dataset, baseFormat, device, packing, ...ofHead];
};

const openShared = (specification: RunSpecification): SharedModel => {
  const { training, cacheDirectory, modelDirectory, modelFiles = [] } = specification;
  const opened = openForRun(specification);
  assertFinite(opened.model.folder);
  const model = withBaseFormat(opened.model, training.baseFormat, {
    device: training.device,
    ...(cacheDirectory === null ? {} : { cacheFolder: cacheDirectory }),
    hashes: hashesByPath(modelDirectory, modelFiles),
  });
  return { ...opened, original: opened.model, model };
};

/**
 * Reads model and data, refuses what does not fit together, and makes the adapter's start (or finds it again). What it has in common with the
 * runs beside it is read once.
 */
export const prepareRun = async (
  specification: RunSpecification,
  report: Report,
  share: Share,
): Promise<PreparedRun> => {
  const { adapter: settings, training, resumeFrom, seed } = specification;
  await report('loading', 0, 1);
  checkBaseFormat(training.baseFormat, training.device);
  const modelKey = modelKeyOf(specification);
  const opened = await share.get(['model', modelKey], () => openShared(specification));
  const { model, original, sources, classes, notices: headNotices } = opened;
  checkAdapterFits(model, settings);
  const { maximumPositions } = model.architecture;
  if (training.sequenceLength > maximumPositions)
    throw invalidInput(
      `training.sequenceLength: ${training.sequenceLength} is more than the ${maximumPositions} positions of ${model.folder.directory}`,
    );

  await report('preparing-data', 0, 1);
  const tokenizer = await share.get(['tokenizer', modelKey], () => loadTokenizer(model.folder.directory));
  const padId = paddingId(tokenizer, model.architecture.vocabularySize);
  const batching = textObjectiveOf(model.architecture).batching({ ...training, padId });
  const { sequenceLength, lossOn } = training;
  const dataKey = [
    'data',
    modelKey,
    specification.date,
    specification.heldOut ?? seed,
    sequenceLength,
    lossOn,
  ];
  const data = await share.get(dataKey, () => prepareData(specification, sources, classes, model, tokenizer));
  const prompts = samplePrompts(specification, { sources, validation: data.validation, model, tokenizer });
  const {
    settings: settled,
    adapter,
    seconds,
    seal,
    notices,
  } = await startAdapter(specification, model, { examples: data.train, batching }, report);
  const firstStep = specification.origin?.step ?? 0;
  if (firstStep > 0 && resumeFrom === null)
    throw new Error('a run that goes on from another begins with its checkpoint');
  const ownSteps = countSteps(lengthOf(training), {
    examples: data.train,
    batching,
    seed: runSeeds(seed).data,
    rowsPerStep: training.batchSize * training.gradientAccumulation,
  });
  const warmupSteps = warmupStepsOf(training, ownSteps);
  const trainedWeights = selectWeights(model.weightShapes.keys(), settings);
  const parameters = trainedLayout({ model, adapter, trainedWeights }).total;
  const checkpoint =
    resumeFrom === null ? undefined : ofThisRun(readCheckpoint(resumeFrom, parameters), firstStep);
  return {
    model,
    modelKey,
    data,
    batching,
    samplePrompts: prompts.prompts,
    tokenizer,
    settings: settled,
    firstStep,
    steps: firstStep + ownSteps,
    warmupSteps,
    classNames: classes?.names ?? null,
    chatTemplate: templateBeside(tokenizer, specification.dataset.format),
    adapter,
    trainedWeights,
    initialisationSeconds: seconds,
    startSeal: seal,
    resumeNotices: notices,
    notices: [
      ...original.notices,
      ...tokenizer.notices,
      ...headNotices,
      ...data.notices,
      ...prompts.notices,
      ...notices,
    ],
    checkpoint,
  };
};

/** Of the run that this one goes on from all counts that training needs, and what the model did before any of it; not its times and evaluations. */
const ofThisRun = (checkpoint: Checkpoint, firstStep: number): Checkpoint => {
  if (firstStep === 0 || checkpoint.state.step !== firstStep) return checkpoint;
  const progress = {
    ...checkpoint.progress,
    evaluations: [],
    stepSeconds: [],
    stepTokens: [],
    initialisationSeconds: 0,
    totalSeconds: 0,
    sampleSeconds: 0,
    peakMemoryBytes: 0,
    sharedMemory: false,
  };
  return { ...checkpoint, progress };
};

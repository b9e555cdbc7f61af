import { selectWeights } from '../../engine/adapters/layer/target-modules.ts';
import type { AdapterSettings } from '../../engine/adapters/settings/adapter-settings.ts';
import { openModelFolder } from '../../engine/formats/model-folder.ts';
import { checkBaseFormat } from '../../engine/models/weights/quantized-base.ts';
import { objectiveOfFolder } from '../../engine/objectives/index.ts';
import { warmupStepsOf } from '../../engine/optim/schedule.ts';
import { readCheckpoint, type Checkpoint } from '../../engine/train/checkpoint.ts';
import { trainedLayout, type AdapterState } from '../../engine/train/model/trained-model.ts';
import { drawsPictures } from '../../engine/train/settings/picture-checks.ts';
import type { RunSpecification } from '../protocol/protocol.ts';
import { hasRows } from '../protocol/rows-run.ts';
import type { Share } from './group/shared-things.ts';
import { openDiffusionRun } from './diffusion/open-diffusion-run.ts';
import { openTextRun } from './open-text-run.ts';
import { openPictureRun } from './pictures/open-picture-run.ts';
import type { Report } from './report.ts';
import type { RunSubject } from './run-subject.ts';
import { startAdapter } from './start-adapter.ts';

/** All that a run needs before its graphs are compiled. */
export interface PreparedRun extends RunSubject {
  /** Of the adapter as it is: what was asked for, with what its start has settled. */
  readonly settings: AdapterSettings;
  /** Steps that another run has done before this one: its own are counted on from there. */
  readonly firstStep: number;
  /** The step with which the run ends, and how many of its own warm up. */
  readonly steps: number;
  readonly warmupSteps: number;
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

const openSubject = (specification: RunSpecification, report: Report, share: Share): Promise<RunSubject> => {
  if (hasRows(specification)) return openTextRun(specification, report, share);
  const draws = drawsPictures(objectiveOfFolder(openModelFolder(specification.modelDirectory)));
  return (draws ? openDiffusionRun : openPictureRun)(specification, report);
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
  const { adapter: asked, training, resumeFrom } = specification;
  await report('loading', 0, 1);
  checkBaseFormat(training.baseFormat, training.device);
  const subject = await openSubject(specification, report, share);
  const { model, batches } = subject;
  const { settings, adapter, seconds, seal, notices } = await startAdapter(specification, subject, report);
  const firstStep = specification.origin?.step ?? 0;
  if (firstStep > 0 && resumeFrom === null)
    throw new Error('a run that goes on from another begins with its checkpoint');
  const ownSteps = batches.countSteps();
  const warmupSteps = warmupStepsOf(training, ownSteps);
  const trainedWeights = selectWeights(model.trainableWeights, asked);
  const parameters = trainedLayout({ model, adapter, trainedWeights }).total;
  const checkpoint =
    resumeFrom === null ? undefined : ofThisRun(readCheckpoint(resumeFrom, parameters), firstStep);
  return {
    ...subject,
    settings,
    firstStep,
    steps: firstStep + ownSteps,
    warmupSteps,
    adapter,
    trainedWeights,
    initialisationSeconds: seconds,
    startSeal: seal,
    resumeNotices: notices,
    notices: [...subject.notices, ...notices],
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
    stepPictures: [],
    initialisationSeconds: 0,
    totalSeconds: 0,
    sampleSeconds: 0,
    peakMemoryBytes: 0,
    sharedMemory: false,
  };
  return { ...checkpoint, progress };
};

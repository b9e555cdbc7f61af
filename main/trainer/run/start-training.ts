import { objectiveOf } from '../../engine/objectives/index.ts';
import { baseInputs, scalingsOf } from '../../engine/train/model/base-inputs.ts';
import type { ModuleRate, TrainedModel } from '../../engine/train/model/trained-model.ts';
import { createBaseStep } from '../../engine/train/step/base-step.ts';
import { createTrainer, type Trainer } from '../../engine/train/trainer.ts';
import type { RunSpecification } from '../protocol/protocol.ts';
import type { Share } from './group/shared-things.ts';
import type { PreparedRun } from './prepare-run.ts';
import { runSeeds } from './run-seeds.ts';

/** Text encoders may have a rate of their own. */
const moduleRateOf = ({
  diffusion,
  learningRate,
}: Pick<RunSpecification['training'], 'diffusion' | 'learningRate'>): ModuleRate | null => {
  const rate = diffusion?.textEncoderLearningRate ?? null;
  return rate === null ? null : { prefix: 'text_encoder', ratio: rate / learningRate };
};

/** Compiles the run's graphs, the base's once for all runs that it is the same for. From a checkpoint, training goes on bit for bit. */
export const startTrainer = async (
  { training, seed }: RunSpecification,
  { model, modelKey, positions, adapter, trainedWeights, steps, checkpoint }: PreparedRun,
  share: Share,
): Promise<Trainer> => {
  const { memory, labelSmoothing, neftuneAlpha, threads, device } = training;
  const trained: TrainedModel = { model, adapter, trainedWeights };
  const { labelsAtMost, splits, sharesTexts = false } = objectiveOf(model.architecture);
  const compiled = {
    positions,
    labels: labelsAtMost(training),
    accumulates: training.gradientAccumulation > 1 && (!splits || sharesTexts),
    memory,
    labelSmoothing,
    neftuneAlpha,
    threads,
    device,
  };
  const ofAdapter = [baseInputs(trained), scalingsOf(adapter).nameOf, adapter.description.dropout];
  const base = await share.get(
    ['base', modelKey, compiled, ofAdapter],
    () => createBaseStep({ ...trained, ...compiled }),
    ({ release }) => release(),
  );
  return createTrainer({
    ...trained,
    ...compiled,
    base,
    optimizer: training,
    moduleRate: moduleRateOf(training),
    totalSteps: steps,
    noiseSeed: runSeeds(seed).noise,
    gradientAccumulation: training.gradientAccumulation,
    ...(checkpoint ? { from: checkpoint.state } : {}),
  });
};

import type { AdapterSettings } from '../adapters/settings/adapter-settings.ts';
import { estimateRun } from '../memory/estimate-run.ts';
import type { Model } from '../models/model.ts';
import { knownSteps } from '../train/settings/run-length.ts';
import type { TrainingSettings } from '../train/settings/training-settings.ts';
import type { ArmCost } from './cost-measures.ts';
import { initialisationFlopCount } from './initialisation-flops.ts';
import { exportedParameterCount, storedParameterCount, trainedParameterCount } from './parameter-costs.ts';
import { remembered, shapeKey } from './remembered.ts';
import { secondsOfStart, type Rates } from './rates.ts';
import { stepFlopCount } from './step-flops.ts';

/** An arm before it runs. */
export interface PlannedArm {
  readonly name: string;
  readonly adapter: AdapterSettings;
  readonly training: TrainingSettings;
}

export interface CostContext {
  /** As its folder describes it: no weight is read. */
  readonly model: Model;
  /** Of a run; null where its length is counted only once the data is read. */
  readonly steps: number | null;
  /** Null where no run has been measured on this machine. */
  readonly rates: Rates | null;
  /** How runs are counted, where it is not on rows of text. */
  readonly counts?: CostCounts;
}

export type Counted = Pick<PlannedArm, 'adapter' | 'training'>;

/** What is counted of a run, from its settings alone; null where it can't be. */
export interface CostCounts {
  /** Of an optimizer step. */
  readonly stepFlops: (arm: Counted) => number | null;
  readonly initialisationFlops: (arm: Counted) => number | null;
  readonly peakMemory: (arm: Counted) => number | null;
  /** Why operations are not known where they are null, after "operations of a run", with what can be done. */
  readonly uncounted: string;
}

export const countsOf = ({ model, counts }: Pick<CostContext, 'model' | 'counts'>): CostCounts =>
  counts ?? {
    stepFlops: ({ adapter, training }) => stepFlopCount(model, adapter, training),
    initialisationFlops: ({ adapter, training }) => initialisationFlopCount(model, adapter, training),
    peakMemory: (arm) => peakMemory(model, arm),
    uncounted: 'are not counted',
  };

const times = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? null : a * b;
const plus = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : a + b);

/** Bytes of the trainer process at its highest; known of the processor alone, as other devices do not say what they have. */
const peakMemory = (model: Model, { adapter, training }: Counted): number | null => {
  const { batchSize, sequenceLength, memory, gradientAccumulation, baseFormat, device } = training;
  if (device !== 'cpu') return null;
  const size = [batchSize, sequenceLength, memory, gradientAccumulation > 1, baseFormat];
  return remembered(
    model,
    ['memory', shapeKey(adapter), size],
    () => estimateRun(model, adapter, training).total,
  );
};

/**
 * What an arm costs, from its settings alone. Builds the graphs of its step and of calibration: up to seconds for a model of a hundred
 * layers' products. Evaluations are not in it: they are the same for all arms.
 */
export const armCost = (arm: PlannedArm, context: CostContext): ArmCost => {
  const { model, steps, rates } = context;
  const { adapter, training } = arm;
  const counts = countsOf(context);
  const step = counts.stepFlops(arm);
  const start = counts.initialisationFlops(arm);
  const stepSeconds = rates === null || step === null ? null : step / rates.step;
  const startSeconds = rates === null || start === null ? null : secondsOfStart(start, rates);
  const ofRun = knownSteps(training) ?? steps;
  return {
    'trained-parameters': trainedParameterCount(model, adapter),
    'stored-parameters': storedParameterCount(model, adapter),
    'exported-parameters': exportedParameterCount(model, adapter),
    'peak-memory': counts.peakMemory(arm),
    steps: ofRun,
    'step-flops': step,
    'initialisation-flops': start,
    flops: plus(times(ofRun, step), start),
    'step-seconds': stepSeconds,
    'initialisation-seconds': startSeconds,
    seconds: plus(times(ofRun, stepSeconds), startSeconds),
  };
};

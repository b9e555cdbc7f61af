import type { DeviceName } from '../../runtime/device-names.ts';
import type { AdamWSettings } from '../../optim/adamw.ts';
import type { ParameterLayout } from '../../optim/parameter-layout.ts';
import type { Profiler } from '../../runtime/profile/profiler.ts';
import type { Traffic } from '../../runtime/session.ts';
import type { Tensor } from '../../tensor.ts';
import type { BaseInputs } from '../model/base-inputs.ts';
import type { TrainedModel } from '../model/trained-model.ts';

/** All that the optimizer changes, in the order of the layout. */
export interface StateVectors {
  readonly parameters: Float32Array;
  readonly firstMoment: Float32Array;
  readonly secondMoment: Float32Array;
  /** What the method's own rules remember, by name. */
  readonly rules?: Readonly<Record<string, Float32Array>>;
}

/**
 * What is trained beside a frozen base: the state, and the way from it to what the base takes and back. Nested factors are
 * multiplied out here, once a step: per token they then cost what a plain LoRA of the inner rank costs.
 */
export interface Arm {
  /** What the base takes (`baseInputs`), until the next update. On a device, to be disposed of. */
  readonly fold: () => Promise<BaseInputs>;
  /** Where the base should write gradients (`gradientOf` its inputs); it finds room for those that are missing. */
  readonly gradientBuffers: Readonly<Record<string, Tensor>>;
  /** Adds a micro-batch's gradients by what the base took to those since the last update. */
  readonly collect: (gradients: BaseInputs) => Promise<void>;
  /** AdamW with what was collected; `count` is the step's number, from 1. The norm of the gradient, before clipping. */
  readonly update: (learningRate: number, count: number) => Promise<number>;
  /** Copies of the parameters and of the optimizer's two moments. */
  readonly state: () => Promise<StateVectors>;
  readonly traffic: () => Traffic;
  readonly release: () => Promise<void>;
}

export interface ArmOptions {
  readonly trained: TrainedModel;
  readonly layout: ParameterLayout;
  /** The arrays belong to the arm from then on. */
  readonly start: StateVectors;
  readonly optimizer: AdamWSettings;
  /** Optimizer steps of the whole run; null where a method need not know. */
  readonly totalSteps: number | null;
  /** Whether a step has several micro-batches. */
  readonly accumulate: boolean;
  readonly threads: number | null;
  readonly device: DeviceName;
  readonly profiler: Profiler;
}

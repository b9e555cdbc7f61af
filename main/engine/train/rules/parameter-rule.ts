import type { ParameterLayout } from '../../optim/parameter-layout.ts';
import type { AdapterState } from '../model/trained-model.ts';

/** What was left of a step's gradient after clipping, as a factor, and where training stands. */
export interface RuleStep {
  readonly gradientScale: number;
  /** Optimizer steps done, this one included. */
  readonly count: number;
}

/** What a method does to gradients and parameters around the optimizer. All vectors are in the order of the layout and are changed in place. */
export interface ParameterRule {
  /** Adds its gradient to a step's, before the norm is taken. */
  readonly penalise?: (parameters: Float32Array, gradient: Float32Array) => void;
  /** Changes the gradient that the optimizer gets, after the norm was taken. */
  readonly precondition?: (gradient: Float32Array) => void;
  readonly afterUpdate?: (parameters: Float32Array, gradient: Float32Array, step: RuleStep) => void;
  /** What it must remember to go on, by name: its own vectors, not copies. */
  readonly memory?: Readonly<Record<string, Float32Array>>;
}

export interface RuleContext {
  readonly adapter: AdapterState;
  readonly layout: ParameterLayout;
  /** Optimizer steps of the whole run. */
  readonly totalSteps: number | null;
  /** What a run that goes on has remembered. */
  readonly memory: Readonly<Record<string, Float32Array>>;
}

import { adamWGraph, type AdamWSettings } from '../optim/adamw.ts';
import type { DeviceName } from '../runtime/device-names.ts';
import { devices } from '../runtime/devices.ts';
import { dispose } from '../runtime/placement.ts';
import { createSession, type Feed, type Session, type Tensor } from '../runtime/session.ts';
import { scalarTensor } from './batch-inputs.ts';

/** The vectors that a step changes, where the steps use them. */
export type PlacedState = { readonly [V in 'parameters' | 'firstMoment' | 'secondMoment']: Feed };

export interface OptimizerStep {
  readonly state: PlacedState;
  readonly gradient: Feed;
  /** Of the gradient, before clipping. */
  readonly gradientNorm: number;
  readonly learningRate: number;
  /** Of this step, from 1. */
  readonly count: number;
}

export interface Optimizer {
  /** The state after a step; the one before is gone. */
  readonly update: (step: OptimizerStep) => Promise<PlacedState>;
  readonly traffic: Session['traffic'];
  readonly release: Session['release'];
}

/** torch.nn.utils.clip_grad_norm_ adds this to the norm before dividing. */
const clipEpsilon = 1e-6;

const scalarsOf = (
  { beta1, beta2, maxGradientNorm }: AdamWSettings,
  { gradientNorm, learningRate, count }: OptimizerStep,
): Record<string, Tensor> => ({
  learning_rate: scalarTensor(learningRate),
  correction1: scalarTensor(1 - beta1 ** count),
  correction2: scalarTensor(1 - beta2 ** count),
  gradient_scale: scalarTensor(
    maxGradientNorm === null ? 1 : Math.min(1, maxGradientNorm / (gradientNorm + clipEpsilon)),
  ),
});

/** The whole state at once, from buffer to buffer on the device. */
const residentUpdate =
  (session: Session, settings: AdamWSettings): Optimizer['update'] =>
  async (step) => {
    const { state, gradient } = step;
    const { resident } = await session.runResident({
      parameters: state.parameters,
      first_moment: state.firstMoment,
      second_moment: state.secondMoment,
      gradient,
      ...scalarsOf(settings, step),
    });
    for (const old of [gradient, ...Object.values(state)]) dispose(old);
    return {
      parameters: resident['next_parameters']!,
      firstMoment: resident['next_first_moment']!,
      secondMoment: resident['next_second_moment']!,
    };
  };

/** Numbers that are updated at a time in main memory: what is computed in between stays small. */
export const updateBlock = 2 ** 18;

/** In place, block by block: the state is in memory once. */
const updateInPlace = (session: Session, settings: AdamWSettings): Optimizer['update'] => {
  const [parameters, first, second] = [0, 1, 2].map(() => new Float32Array(updateBlock)) as [
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  const dataOf = (vector: Feed): Float32Array => (vector as Tensor).data as Float32Array;
  return async (step) => {
    const { state, gradient } = step;
    const scalars = scalarsOf(settings, step);
    const total = dataOf(gradient).length;
    for (let from = 0; from < total; from += updateBlock) {
      const length = Math.min(updateBlock, total - from);
      const part = (data: Float32Array, start = from): Tensor => ({
        shape: [length],
        data: data.subarray(start, start + length),
      });
      await session.run(
        {
          parameters: part(dataOf(state.parameters)),
          first_moment: part(dataOf(state.firstMoment)),
          second_moment: part(dataOf(state.secondMoment)),
          gradient: part(dataOf(gradient)),
          ...scalars,
        },
        {
          next_parameters: part(parameters, 0),
          next_first_moment: part(first, 0),
          next_second_moment: part(second, 0),
        },
      );
      dataOf(state.parameters).set(parameters.subarray(0, length), from);
      dataOf(state.firstMoment).set(first.subarray(0, length), from);
      dataOf(state.secondMoment).set(second.subarray(0, length), from);
    }
    return state;
  };
};

/** Compiles the update for a device. */
export const createOptimizer = async (
  settings: AdamWSettings,
  { device, ...options }: { threads: number | null; device: DeviceName; profile?: string },
): Promise<Optimizer> => {
  const session = await createSession(adamWGraph(settings), {
    ...options,
    device,
    arena: false,
    residentOutputs: ['next_parameters', 'next_first_moment', 'next_second_moment'],
  });
  return {
    update: devices[device].resident ? residentUpdate(session, settings) : updateInPlace(session, settings),
    traffic: session.traffic,
    release: session.release,
  };
};

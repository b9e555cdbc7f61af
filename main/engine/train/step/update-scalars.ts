import { groupInputs, type AdamWSettings } from '../../optim/adamw.ts';
import type { ParameterGroup } from '../../optim/parameter-layout.ts';
import type { Tensor } from '../../tensor.ts';
import { scalarTensor } from '../batch/tensors.ts';

export interface Update {
  /** Of the gradient, before clipping. */
  readonly gradientNorm: number;
  readonly learningRate: number;
  /** The step's number, from 1. */
  readonly count: number;
}

/** torch.nn.utils.clip_grad_norm_ adds this to the norm before dividing. */
const clipEpsilon = 1e-6;

/** What clipping multiplies a gradient by. */
export const gradientScale = (
  { maxGradientNorm }: Pick<AdamWSettings, 'maxGradientNorm'>,
  gradientNorm: number,
): number => (maxGradientNorm === null ? 1 : Math.min(1, maxGradientNorm / (gradientNorm + clipEpsilon)));

/** The scalar inputs of `adamWGraph` for a vector of these groups. Decay as torch has it: 1 - rate * decay, in double. */
export const updateScalars = (
  settings: AdamWSettings,
  { gradientNorm, learningRate, count }: Update,
  groups: readonly Pick<ParameterGroup, 'learningRateRatio' | 'vectors'>[],
): Record<string, Tensor> => {
  const { beta1, beta2, weightDecay, weightDecayOn } = settings;
  const own = groups.flatMap(({ learningRateRatio, vectors }, index) => {
    const names = groupInputs(index);
    const rate = learningRate * learningRateRatio;
    const decay = vectors && weightDecayOn === 'matrices' ? 0 : weightDecay;
    return [
      [names.learningRate, scalarTensor(rate)],
      [names.decay, scalarTensor(1 - rate * decay)],
    ] as const;
  });
  return {
    ...Object.fromEntries(own),
    correction1: scalarTensor(1 - beta1 ** count),
    correction2: scalarTensor(1 - beta2 ** count),
    gradient_scale: scalarTensor(gradientScale(settings, gradientNorm)),
  };
};

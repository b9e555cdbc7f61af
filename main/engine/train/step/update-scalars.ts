import type { AdamWStep } from '../../linear-algebra/native.ts';
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

/** What an update is made with, but for a group's own numbers. */
const commonNumbers = (
  settings: AdamWSettings,
  { gradientNorm, count }: Update,
): Pick<AdamWStep, 'correction1' | 'correction2' | 'gradientScale'> => ({
  correction1: 1 - settings.beta1 ** count,
  correction2: 1 - settings.beta2 ** count,
  gradientScale: gradientScale(settings, gradientNorm),
});

type Group = Pick<ParameterGroup, 'learningRateRatio' | 'vectors'>;

/** A group's own. Decay as torch has it: 1 - rate * decay, in double. */
const groupNumbers = (
  { weightDecay, weightDecayOn }: AdamWSettings,
  { learningRate }: Update,
  { learningRateRatio, vectors }: Group,
): Pick<AdamWStep, 'learningRate' | 'decay'> => {
  const rate = learningRate * learningRateRatio;
  return {
    learningRate: rate,
    decay: 1 - rate * (vectors && weightDecayOn === 'matrices' ? 0 : weightDecay),
  };
};

/** The update of one group. */
export const stepNumbers = (settings: AdamWSettings, update: Update, group: Group): AdamWStep => ({
  beta1: settings.beta1,
  beta2: settings.beta2,
  epsilon: settings.epsilon,
  ...commonNumbers(settings, update),
  ...groupNumbers(settings, update, group),
});

/** The scalar inputs of `adamWGraph` for a vector of these groups. */
export const updateScalars = (
  settings: AdamWSettings,
  update: Update,
  groups: readonly Group[],
): Record<string, Tensor> => {
  const own = groups.flatMap((group, index) => {
    const names = groupInputs(index);
    const { learningRate, decay } = groupNumbers(settings, update, group);
    return [
      [names.learningRate, scalarTensor(learningRate)],
      [names.decay, scalarTensor(decay)],
    ] as const;
  });
  const { correction1, correction2, gradientScale: scale } = commonNumbers(settings, update);
  return {
    ...Object.fromEntries(own),
    correction1: scalarTensor(correction1),
    correction2: scalarTensor(correction2),
    gradient_scale: scalarTensor(scale),
  };
};

import type { AdamWSettings } from '../optim/adamw.ts';
import type { Tensor } from '../runtime/session.ts';
import { scalarTensor } from './batch-inputs.ts';

export interface Update {
  /** Of the gradient, before clipping. */
  readonly gradientNorm: number;
  readonly learningRate: number;
  /** The step's number, from 1. */
  readonly count: number;
}

/** torch.nn.utils.clip_grad_norm_ adds this to the norm before dividing. */
const clipEpsilon = 1e-6;

/** The scalar inputs of `adamWGraph`. */
export const updateScalars = (
  { beta1, beta2, maxGradientNorm }: AdamWSettings,
  { gradientNorm, learningRate, count }: Update,
): Record<string, Tensor> => ({
  learning_rate: scalarTensor(learningRate),
  correction1: scalarTensor(1 - beta1 ** count),
  correction2: scalarTensor(1 - beta2 ** count),
  gradient_scale: scalarTensor(
    maxGradientNorm === null ? 1 : Math.min(1, maxGradientNorm / (gradientNorm + clipEpsilon)),
  ),
});

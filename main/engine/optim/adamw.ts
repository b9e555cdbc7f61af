import { createGraphBuilder } from '../graph/builder.ts';
import type { Graph } from '../graph/graph.ts';

export interface AdamWSettings {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  /** null: no clipping. */
  readonly maxGradientNorm: number | null;
}

/**
 * One step of AdamW (decoupled weight decay: Loshchilov and Hutter 2019) over a flat vector, in the order and with the epsilon of
 * torch.optim.AdamW. Inputs: parameters, gradient, first_moment, second_moment (size); learning_rate, correction1, correction2
 * (1 - beta^t), gradient_scale (what clipping multiplies the gradient by), all scalars.
 * Outputs: parameters, first_moment, second_moment under the names next_*.
 */
export const adamWGraph = ({
  beta1,
  beta2,
  epsilon,
  weightDecay,
}: Omit<AdamWSettings, 'maxGradientNorm'>): Graph => {
  const g = createGraphBuilder();
  const vector = (name: string) => g.input(name, 'float32', ['size']);
  const scalar = (name: string) => g.input(name, 'float32', []);
  const [parameters, gradient, firstMoment, secondMoment] = [
    vector('parameters'),
    vector('gradient'),
    vector('first_moment'),
    vector('second_moment'),
  ];
  const [learningRate, correction1, correction2] = [
    scalar('learning_rate'),
    scalar('correction1'),
    scalar('correction2'),
  ];
  const clipped = g.multiply(gradient, scalar('gradient_scale'));
  const first = g.add(g.multiply(firstMoment, beta1), g.multiply(clipped, 1 - beta1));
  const second = g.add(g.multiply(secondMoment, beta2), g.multiply(g.multiply(clipped, clipped), 1 - beta2));
  const decayed = g.multiply(parameters, g.subtract(1, g.multiply(learningRate, weightDecay)));
  const denominator = g.add(g.divide(g.squareRoot(second), g.squareRoot(correction2)), epsilon);
  const update = g.divide(g.multiply(first, g.divide(learningRate, correction1)), denominator);
  return g.build({
    next_parameters: g.subtract(decayed, update),
    next_first_moment: first,
    next_second_moment: second,
  });
};

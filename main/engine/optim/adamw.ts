import type { GraphBuilder } from '../graph/builder.ts';
import { createGraphBuilder } from '../graph/create-graph-builder.ts';
import type { Graph, Value } from '../graph/graph.ts';

export interface AdamWSettings {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  /** Whether vectors (norms, biases, magnitudes) decay too: 'all' where absent. */
  readonly weightDecayOn?: 'all' | 'matrices';
  /** The largest norm that the gradients together may have; null for any. */
  readonly maxGradientNorm: number | null;
}

type Moments = Pick<AdamWSettings, 'beta1' | 'beta2' | 'epsilon'>;

/** Names of a group's own scalars among the inputs of `adamWGraph`: its learning rate, and what decay multiplies parameters by. */
export const groupInputs = (group: number) =>
  ({ learningRate: `learning_rate:${group}`, decay: `decay:${group}` }) as const;

/**
 * One step of AdamW (decoupled weight decay: Loshchilov and Hutter 2019) over a flat vector, in the order and with the epsilon of
 * torch.optim.AdamW. Inputs: parameters, gradient, first_moment, second_moment (size); correction1, correction2 (1 - beta^t),
 * gradient_scale (what clipping multiplies the gradient by), and `groupInputs` of each group, all scalars.
 * Outputs: parameters, first_moment, second_moment under the names next_*.
 *
 * @param lengths of the groups that the vector consists of; one of any length where absent
 */
export const adamWGraph = (moments: Moments, lengths?: readonly number[]): Graph => {
  const g = createGraphBuilder();
  return g.build(g.within('optimizer', () => adamW(g, moments, lengths)));
};

const adamW = (
  g: GraphBuilder,
  { beta1, beta2, epsilon }: Moments,
  lengths: readonly number[] | undefined,
): Record<string, Value> => {
  const size = lengths?.reduce((a, b) => a + b, 0) ?? 'size';
  const vector = (name: string) => g.input(name, 'float32', [size]);
  const scalar = (name: string) => g.input(name, 'float32', []);
  const [parameters, gradient, firstMoment, secondMoment] = [
    vector('parameters'),
    vector('gradient'),
    vector('first_moment'),
    vector('second_moment'),
  ];
  const [correction1, correction2] = [scalar('correction1'), scalar('correction2')];
  const clipped = g.multiply(gradient, scalar('gradient_scale'));
  const first = g.add(g.multiply(firstMoment, beta1), g.multiply(clipped, 1 - beta1));
  const second = g.add(g.multiply(secondMoment, beta2), g.multiply(g.multiply(clipped, clipped), 1 - beta2));
  const denominator = g.add(g.divide(g.squareRoot(second), g.squareRoot(correction2)), epsilon);

  const updated = (group: number, part: (vector: Value) => Value): Value => {
    const { learningRate, decay } = groupInputs(group);
    const decayed = g.multiply(part(parameters), scalar(decay));
    const step = g.divide(scalar(learningRate), correction1);
    return g.subtract(decayed, g.divide(g.multiply(part(first), step), part(denominator)));
  };
  /** One group needs no cutting. */
  const inGroups = (groups: readonly number[]): Value => {
    let offset = 0;
    const parts = groups.map((length, group) => {
      const [from, to] = [offset, (offset += length)];
      return updated(group, (vector) => g.slice(vector, 0, from, to));
    });
    return g.concatenate(parts, 0);
  };
  return {
    next_parameters: lengths && lengths.length > 1 ? inGroups(lengths) : updated(0, (vector) => vector),
    next_first_moment: first,
    next_second_moment: second,
  };
};

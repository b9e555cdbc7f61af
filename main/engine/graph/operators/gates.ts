import { sameShape } from '../dimension.ts';
import type { Value } from '../graph.ts';
import type { ActivationForm, GateSignatures } from '../signatures.ts';
import type { OperatorEntries, TensorType } from './entry.ts';
import { float32, requireFit, requireType } from './type-checks.ts';

const oneShape = (first: Value, ...others: readonly Value[]): TensorType => {
  requireType('float32', first, ...others);
  requireFit(
    others.every(({ shape }) => sameShape(shape, first.shape)),
    first,
    ...others,
  );
  return float32(first.shape);
};

const isByTanh = (activation: ActivationForm): boolean =>
  activation.kind === 'gelu' && activation.approximation === 'tanh';

export const gates: OperatorEntries<GateSignatures> = {
  gated: {
    inputs: ['gate', 'up'],
    attributes: ['activation'],
    outputs: ['y'],
    types: ({ gate, up }) => oneShape(gate, up),
    gradient: ({ g, inputs, attributes, gradient }) => {
      const { byGate, byUp } = g.apply('gatedGradient', { ...inputs, gradient }, attributes);
      return { gate: byGate, up: byUp };
    },
    flops: 'none',
    // The activation before it is multiplied.
    memory: { workspace: ({ outputs: { y } }) => [y] },
  },
  gatedGradient: {
    inputs: ['gate', 'up', 'gradient'],
    attributes: ['activation'],
    outputs: ['byGate', 'byUp'],
    types: ({ gate, up, gradient }) => {
      const type = oneShape(gate, up, gradient);
      return { byGate: type, byUp: type };
    },
    gradient: 'none',
    flops: 'none',
    // What the activation and its slope are made of: as many are there at a time, beside those that the results take over.
    memory: {
      workspace: ({ outputs: { byUp }, attributes: { activation } }) =>
        Array<Value>(isByTanh(activation) ? 3 : 2).fill(byUp),
    },
  },
  activationGradient: {
    inputs: ['x', 'gradient'],
    attributes: ['activation'],
    outputs: ['y'],
    types: ({ x, gradient }) => oneShape(x, gradient),
    gradient: 'none',
    flops: 'none',
    memory: { workspace: ({ outputs: { y } }) => [y, y, y] },
  },
};

import type { Node, Value } from '../graph/graph.ts';
import type { OperatorName } from '../graph/operators.ts';

/** How ONNX Runtime's CPU kernel of an operator treats memory. */
export interface OperatorMemory {
  /** The first output is the first input under another shape: no bytes of its own. */
  readonly alias?: true;
  /** Inputs whose buffer the first output may take over, where it is their last use and the shapes agree. In order of preference. */
  readonly inPlace?: readonly number[];
  /** Values whose sizes the kernel allocates besides its outputs, while it runs. */
  readonly workspace?: (node: Node) => readonly Value[];
}

const own: OperatorMemory = {};
const alias: OperatorMemory = { alias: true };
const unary: OperatorMemory = { inPlace: [0] };
const binary: OperatorMemory = { inPlace: [0, 1] };

/** Total over the operators. Source: the kernels' registrations (`MayInplace`, `Alias`) in ONNX Runtime's CPU provider. */
export const operatorMemory: { readonly [O in OperatorName]: OperatorMemory } = {
  add: binary,
  subtract: binary,
  multiply: binary,
  divide: binary,
  minimum: own,
  equal: own,
  lessOrEqual: own,
  and: own,
  // Each branch is masked into a tensor of the output's size before the two are merged.
  select: { workspace: ({ outputs }) => [outputs[0] as Value, outputs[0] as Value] },
  negate: unary,
  absolute: unary,
  exponential: unary,
  squareRoot: unary,
  sigmoid: unary,
  tanh: unary,
  erf: unary,
  silu: own,
  gelu: own,
  cast: own,
  detach: unary,
  sum: own,
  mean: own,
  maximum: own,
  secondMoment: own,
  // Products and sums in 32-bit integers.
  uniform: { workspace: ({ outputs }) => [outputs[0] as Value, outputs[0] as Value] },
  bernoulli: { workspace: ({ outputs }) => [outputs[0] as Value, outputs[0] as Value] },
  reshape: alias,
  expand: own,
  transpose: own,
  slice: own,
  concatenate: own,
  after: alias,
  knownGradient: alias,
  matmul: own,
  quantizeRows: own,
  quantizedMatmul: own,
  blockMatmul: own,
  attention: own,
  attentionGradient: own,
  gatherRows: own,
  scatterRows: own,
  gatherElements: own,
  scatterElements: { inPlace: [0] },
  softmax: unary,
  rmsNorm: own,
  layerNorm: own,
  rotary: own,
  crossEntropy: own,
};

import type { Shape } from './dimension.ts';
import type { DataType } from './graph.ts';

type None = Readonly<Record<string, never>>;

export interface AttentionAttributes {
  readonly scale: number;
  /** Scores are computed for so many queries at a time, and never kept. */
  readonly tile: number;
  /** Queries at most. */
  readonly positions: number;
  /** Whether keys after a query are masked for sure, so that tiles leave them out. */
  readonly causal: boolean;
  /** Scores become softcap tanh(score / softcap) before the bias; null leaves them. */
  readonly softcap: number | null;
}

/**
 * The closed set of operators, each with its attributes. Every table over it (shape rule, gradient rule, lowering) is total:
 * an operator added here without its rules does not compile.
 */
export interface OperatorAttributes {
  // element by element, with broadcasting
  add: None;
  subtract: None;
  multiply: None;
  divide: None;
  minimum: None;
  equal: None;
  lessOrEqual: None;
  and: None;
  /** (condition, whenTrue, whenFalse) */
  select: None;
  // element by element, one input
  negate: None;
  absolute: None;
  exponential: None;
  squareRoot: None;
  sigmoid: None;
  tanh: None;
  /** The error function */
  erf: None;
  /** x sigmoid(x) */
  silu: None;
  /** x Phi(x), Phi the normal distribution or its usual approximation by tanh */
  gelu: { readonly approximation: 'none' | 'tanh' };
  cast: { readonly to: DataType };
  /** x, through which no gradient flows */
  detach: None;
  // reductions; reduced axes stay with extent 1
  sum: { readonly axes: readonly number[] };
  mean: { readonly axes: readonly number[] };
  /** The largest along the axes, which stay with extent 1 */
  maximum: { readonly axes: readonly number[] };
  /** x (n x k) -> x^T x, float64 (k x k) */
  secondMoment: None;
  // random numbers without a state
  /**
   * (factors (n x 1), shifts (n x 1), columns (m)), int64, all of 32 bits and drawn at random -> float32 (n x m): entry (i, j) is
   * factors[i] columns[j] + shifts[i] modulo 2^32 as a number, uniform in [-1, 1). Any two entries are independent
   * (multiply-add hashing), and the same numbers come again wherever they are asked for: in the backward pass, after a restart.
   */
  uniform: None;
  /** The same, 1 with the probability and 0 else. */
  bernoulli: { readonly probability: number };
  // shape
  reshape: { readonly shape: Shape };
  expand: { readonly shape: Shape };
  transpose: { readonly permutation: readonly number[] };
  slice: { readonly axis: number; readonly start: number; readonly end: number };
  concatenate: { readonly axis: number };
  // order
  /** (x, ...others) -> x, but not before the others are computed: what keeps a runtime from doing too early what fills memory */
  after: None;
  // products
  /** Over the last two axes, leading ones broadcast; either operand may be taken transposed. */
  matmul: { readonly transposeA: boolean; readonly transposeB: boolean };
  // products with frozen weights in few bits; gradients flow to x only
  /** x (n x k) -> [values uint8 (n x k), scales (n x 1)]: x is about (values - 128) scales, with scales = max |x| / 127 of the row */
  quantizeRows: None;
  /**
   * (x (n x k), its values and scales by quantizeRows, weight int8 (k x m), its scales (m), and for the gradient the transposed
   * weight int8 (m x k), its scales (k)) -> (n x m)
   */
  quantizedMatmul: None;
  /** (x, weight int4 or int8 (m x k), scales (m x blocks of k)): x (n x k) W^T, or where transposed x (n x m) W, in float32 */
  blockMatmul: { readonly transposed: boolean };
  // indexing
  /** (table (rows x ...), indices int64) -> indices.shape x ... */
  gatherRows: None;
  /** (indices int64 (n...), updates (n... x width)) -> (rows x width), rows named twice add up, others are zero */
  scatterRows: { readonly rows: Shape[number] };
  /** (data (n x width), indices int64 (n x 1)) -> (n x 1) */
  gatherElements: None;
  /** (data (n x width), indices int64 (n x 1), updates (n x 1)) -> data with the updates added */
  scatterElements: None;
  // networks
  /** Over the last axis. */
  softmax: None;
  /** (x, weight (width)) -> [x / rms(x) * weight, 1 / rms(x)] with rms over the last axis */
  rmsNorm: { readonly epsilon: number };
  /** (x, weight (width), bias (width)) -> [(x - mean) / deviation * weight + bias, mean, 1 / deviation], over the last axis */
  layerNorm: { readonly epsilon: number };
  /** (x (batch x heads x sequence x width), positions int64 (batch x sequence), cosines, sines (positions x width / 2)) */
  rotary: None;
  /** (logits (n x classes), targets int64 (n)) -> [losses (n), log probabilities (n x classes)] */
  crossEntropy: None;
  /**
   * (y (n), x (n x width), slope (n x width)) -> y, whose derivative by row i of x is row i of slope: for what was differentiated
   * as soon as it was computed. Comes after slope.
   */
  knownGradient: None;
  /**
   * softmax(scale q k^T + bias) v: (q (batch x heads x sequence x width), k, v (batch x key/value heads x sequence x width),
   * bias (batch x 1 x sequence x sequence)) -> as q. Neighbouring query heads share a key/value head.
   */
  attention: AttentionAttributes;
  /** (q, k, v, bias, attention's output, its gradient) -> the gradients of [q, k, v] */
  attentionGradient: AttentionAttributes;
}

export type OperatorName = keyof OperatorAttributes;

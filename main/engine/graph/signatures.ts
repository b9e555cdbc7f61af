import type { DataType } from './data-type.ts';
import type { Dimension, Shape } from './dimension.ts';

type None = Readonly<Record<never, never>>;

/** What an operator takes and gives: its inputs by name ('...name' stands for any number of them), attributes, outputs by name. */
interface Operator<
  Inputs extends readonly string[],
  Attributes extends object = None,
  Outputs extends readonly string[] = ['y'],
> {
  readonly inputs: Readonly<Inputs>;
  readonly attributes: Attributes;
  readonly outputs: Readonly<Outputs>;
}

/** A function that feed-forward layers bend numbers with: x sigmoid(alpha x), or x Phi(x). */
export type ActivationForm =
  | { readonly kind: 'silu'; readonly alpha: number }
  | { readonly kind: 'gelu'; readonly approximation: 'none' | 'tanh' };

/** Element by element, with broadcasting. */
export interface ElementwiseSignatures {
  add: Operator<['a', 'b']>;
  subtract: Operator<['a', 'b']>;
  multiply: Operator<['a', 'b']>;
  divide: Operator<['a', 'b']>;
  minimum: Operator<['a', 'b']>;
  equal: Operator<['a', 'b']>;
  lessOrEqual: Operator<['a', 'b']>;
  and: Operator<['a', 'b']>;
  select: Operator<['condition', 'whenTrue', 'whenFalse']>;
  negate: Operator<['x']>;
  absolute: Operator<['x']>;
  exponential: Operator<['x']>;
  squareRoot: Operator<['x']>;
  sigmoid: Operator<['x']>;
  tanh: Operator<['x']>;
  /** The error function */
  erf: Operator<['x']>;
  /** x sigmoid(alpha x): SiLU with 1, CLIP's quick GELU with 1.702 */
  silu: Operator<['x'], { readonly alpha: number }>;
  /** x Phi(x), Phi the normal distribution or its usual approximation by tanh */
  gelu: Operator<['x'], { readonly approximation: 'none' | 'tanh' }>;
  cast: Operator<['x'], { readonly to: DataType }>;
}

interface Bent {
  readonly activation: ActivationForm;
}

/** Of values of one shape. */
export interface GateSignatures {
  /** activation(gate) up */
  gated: Operator<['gate', 'up'], Bent>;
  /** The gradient by the result of `gated` -> those by gate and up */
  gatedGradient: Operator<['gate', 'up', 'gradient'], Bent, ['byGate', 'byUp']>;
  /** The gradient by activation(x) -> that by x */
  activationGradient: Operator<['x', 'gradient'], Bent>;
}

/** Along axes, which stay with extent 1. */
export interface ReductionSignatures {
  sum: Operator<['x'], { readonly axes: readonly number[] }>;
  mean: Operator<['x'], { readonly axes: readonly number[] }>;
  maximum: Operator<['x'], { readonly axes: readonly number[] }>;
  /** x (n x k) -> x^T x, float64 (k x k) */
  secondMoment: Operator<['x']>;
}

/** Random numbers without a state. */
export interface RandomSignatures {
  /**
   * (factors (n x 1), shifts (n x 1), columns (m)), int64, all of 32 bits and drawn at random -> float32 (n x m): entry (i, j) is
   * factors[i] columns[j] + shifts[i] modulo 2^32 as a number, uniform in [-1, 1). Any two entries are independent
   * (multiply-add hashing), and the same numbers come again wherever they are asked for: in the backward pass, after a restart.
   */
  uniform: Operator<['factors', 'shifts', 'columns']>;
  /** The same, 1 with the probability and 0 else. */
  bernoulli: Operator<['factors', 'shifts', 'columns'], { readonly probability: number }>;
}

/** The same numbers in another place. */
export interface MovementSignatures {
  reshape: Operator<['x'], { readonly shape: Shape }>;
  expand: Operator<['x'], { readonly shape: Shape }>;
  transpose: Operator<['x'], { readonly permutation: readonly number[] }>;
  slice: Operator<['x'], { readonly axis: number; readonly start: Dimension; readonly end: Dimension }>;
  concatenate: Operator<['...values'], { readonly axis: number }>;
}

/** x itself, with something said of its gradient or of when it is computed. */
export interface IdentitySignatures {
  /** No gradient flows through it. */
  detach: Operator<['x']>;
  /** Not before the awaited are computed: what keeps a runtime from doing too early what fills memory. */
  after: Operator<['x', '...awaited']>;
  /**
   * (y (n), x (n x width), slope (n x width)) -> y, whose derivative by row i of x is row i of slope: for what was differentiated
   * as soon as it was computed. Comes after slope.
   */
  knownGradient: Operator<['y', 'x', 'slope']>;
}

/** Products of matrices; the weights of those in few bits are frozen: gradients flow to x only. */
export interface ProductSignatures {
  /** Over the last two axes, leading ones broadcast; either operand may be taken transposed. */
  matmul: Operator<['a', 'b'], { readonly transposeA: boolean; readonly transposeB: boolean }>;
  /** x (n x k) -> values uint8 (n x k), scales (n x 1): x is about (values - 128) scales, with scales = max |x| / 127 of the row */
  quantizeRows: Operator<['x'], None, ['values', 'scales']>;
  /**
   * (x (n x k), its values and row scales by quantizeRows, weight int8 (k x m), its scales (m), and for the gradient `twin`, the
   * transposed weight int8 (m x k), its scales (k)) -> (n x m)
   */
  quantizedMatmul: Operator<['x', 'values', 'rowScales', 'weight', 'scales', 'twin', 'twinScales']>;
  /**
   * (x, weight int4 or int8 (m x k), scales (m x blocks of k)): x (n x k) W^T, or where transposed x (n x m) W, in float32.
   * `blockSize` weights of a row share a scale.
   */
  blockMatmul: Operator<
    ['x', 'weight', 'scales'],
    { readonly transposed: boolean; readonly blockSize: number }
  >;
}

/** Which factors of a product are taken transposed. */
export type Transposed = readonly [left: boolean, right: boolean];

/** Sums of products of plain matrices, which no pass over the products adds up where a device has a kernel for them. */
export interface SumSignatures {
  /** Left and right factors in turn -> the sum of their products; `transposed` says of each product how it takes its factors. */
  sumOfProducts: Operator<['...factors'], { readonly transposed: readonly Transposed[] }>;
  /** The same, added to a base. */
  addProducts: Operator<['base', '...factors'], { readonly transposed: readonly Transposed[] }>;
  /** What quantizedMatmul takes, `count` times, then factors as above -> the sum of all products. */
  quantizedProducts: Operator<
    ['...operands'],
    { readonly count: number; readonly transposed: readonly Transposed[] }
  >;
}

/** Rows or columns of zeros around an image: as many on each side, or [top, left, bottom, right]. */
export type Padding = number | readonly [top: number, left: number, bottom: number, right: number];

export interface ConvolutionAttributes {
  readonly stride: number;
  readonly padding: Padding;
}

/** Of images, (images x channels x height x width) each. */
export interface ConvolutionSignatures {
  /** (x (images x in x height x width), w (out x in x kernel x kernel)) -> (images x out x ...) */
  convolution: Operator<['x', 'w'], ConvolutionAttributes>;
  /** Its gradient by x, whose height and width are `size`: (d (images x out x ...), w) -> as x */
  convolutionByInput: Operator<['d', 'w'], ConvolutionAttributes & { readonly size: Shape }>;
  /** Its gradient by w, whose height and width are `size`: (x, d) -> as w */
  convolutionByWeight: Operator<['x', 'd'], ConvolutionAttributes & { readonly size: readonly number[] }>;
  /** Each pixel as a square of four: twice as high, twice as wide. */
  upsample: Operator<['x']>;
}

/** For few rows, as text is generated, where a node costs as much as what it computes. Nothing is trained through them. */
export interface DecodingSignatures {
  /** The parts of x before and from `at` on along an axis. */
  split: Operator<['x'], { readonly axis: number; readonly at: number }, ['before', 'from']>;
  /** (a, b (n x width), weight (width)) -> a + b, and its rmsNorm */
  addRmsNorm: Operator<['a', 'b', 'weight'], { readonly epsilon: number }, ['sum', 'y']>;
  /**
   * (x (n x columns), weight uint8 (m x blocks x bytes of a block), scales (m x blocks)) -> x W^T (n x m): W is (level - 2^(bits - 1))
   * times the scale of its block. Rows of x are rounded to 8 bits block by block.
   */
  bitMatmul: Operator<
    ['x', 'weight', 'scales'],
    { readonly bits: 4 | 8; readonly columns: number; readonly blockSize: number }
  >;
}

export interface IndexingSignatures {
  /** (table (rows x ...), indices int64) -> indices.shape x ... */
  gatherRows: Operator<['table', 'indices']>;
  /** (indices int64 (n...), updates (n... x width)) -> (rows x width), rows named twice add up, others are zero */
  scatterRows: Operator<['indices', 'updates'], { readonly rows: Dimension }>;
  /** (data (n x width), indices int64 (n x 1)) -> (n x 1) */
  gatherElements: Operator<['data', 'indices']>;
  /** (data (n x width), indices int64 (n x 1), updates (n x 1)) -> data with the updates added */
  scatterElements: Operator<['data', 'indices', 'updates']>;
}

/** Over the last axis, but for groupNorm. */
export interface NormalisationSignatures {
  softmax: Operator<['x']>;
  /** (x, weight (width)) -> y = x / rms(x) * weight, inverse = 1 / rms(x) */
  rmsNorm: Operator<['x', 'weight'], { readonly epsilon: number }, ['y', 'inverse']>;
  /** (x, weight (width), bias (width)) -> y = (x - mean) / deviation * weight + bias, mean, inverse = 1 / deviation */
  layerNorm: Operator<['x', 'weight', 'bias'], { readonly epsilon: number }, ['y', 'mean', 'inverse']>;
  /**
   * (x (images x channels x ...), weight, bias (channels)) -> y = (x - mean) / deviation * weight + bias, mean and inverse = 1 / deviation
   * (images x groups x 1): those of all that neighbouring channels of a group have in an image
   */
  groupNorm: Operator<
    ['x', 'weight', 'bias'],
    { readonly groups: number; readonly epsilon: number },
    ['y', 'mean', 'inverse']
  >;
}

/** The gradient by the result of a norm -> that by x; statistics are those that the norm gave. */
export interface NormGradientSignatures {
  rmsNormGradient: Operator<['x', 'weight', 'inverse', 'gradient']>;
  layerNormGradient: Operator<['x', 'weight', 'mean', 'inverse', 'gradient']>;
  groupNormGradient: Operator<['x', 'weight', 'mean', 'inverse', 'gradient'], { readonly groups: number }>;
}

export interface AttentionAttributes {
  readonly scale: number;
  /** Scores are computed for so many queries at a time, and never kept. */
  readonly tile: number;
  /** And of so many heads of queries, on the CPU; of all where null. Heads that share a key/value head stay together. */
  readonly headsAtOnce: number | null;
  /** Queries at most. */
  readonly positions: number;
  /**
   * Whether keys after a query are masked for sure, so that tiles leave them out. Where there are more keys than queries, these
   * belong to the last ones.
   */
  readonly causal: boolean;
  /** Scores become softcap tanh(score / softcap) before the bias; null leaves them. */
  readonly softcap: number | null;
}

export interface AttentionSignatures {
  /** (x (batch x heads x sequence x width), positions int64 (batch x sequence), cosines, sines (positions x width / 2)) */
  rotary: Operator<['x', 'positions', 'cosines', 'sines']>;
  /**
   * softmax(scale q k^T + biases) v: (q (batch x heads x queries x width), k, v (batch x key/value heads x keys x width),
   * each bias (batch x 1 x queries x keys)) -> as q. Neighbouring query heads share a key/value head. Without a bias every query looks at
   * every key. `outputKept`: the backward pass has the output anyway, for what comes after it.
   */
  attention: Operator<['q', 'k', 'v', '...biases'], AttentionAttributes & { readonly outputKept: boolean }>;
  /**
   * The same over keys and values of two places, those of earlier tokens first, without joining them:
   * (q (batch x heads x queries x width), k, v (batch x key/value heads x keys x width), pastKeys, pastValues (… x past x width),
   * bias (batch x 1 x group * queries x past + keys), group being the query heads that share a key/value head) -> as q
   */
  attentionWithPast: Operator<
    ['q', 'k', 'v', 'pastKeys', 'pastValues', 'bias'],
    Pick<AttentionAttributes, 'scale' | 'softcap'>
  >;
  /** Attention's output and the gradient by it -> those by q, k and v */
  attentionGradient: Operator<
    ['q', 'k', 'v', 'output', 'gradient', '...biases'],
    AttentionAttributes,
    ['byQ', 'byK', 'byV']
  >;
  /** The same where the output was not kept, which takes two passes over the scores more. */
  attentionGradientAlone: Operator<
    ['q', 'k', 'v', 'gradient', '...biases'],
    AttentionAttributes,
    ['byQ', 'byK', 'byV']
  >;
}

export interface LossSignatures {
  /** (logits (n x classes), targets int64 (n)) -> losses (n), log probabilities (n x classes) */
  crossEntropy: Operator<['logits', 'targets'], None, ['losses', 'logProbabilities']>;
  /**
   * (rows (n x width), weight (classes x width), float32 or bfloat16 and frozen, targets int64 (n)) -> losses (n), each row's slope of its own
   * loss (n x width). logits = rows weight^T, then softcap tanh(logits / softcap) where there is one; the loss is cross entropy with
   * the share `smoothing` of the target spread over all classes. `rounded`: what is multiplied may be rounded to bfloat16 where that is quicker.
   */
  linearCrossEntropy: Operator<
    ['rows', 'weight', 'targets'],
    { readonly softcap: number | null; readonly smoothing: number; readonly rounded: boolean },
    ['losses', 'slope']
  >;
}

/**
 * The closed set of operators. Every table over it (entries, lowerings, test cases) is total: an operator added here without its
 * rules does not compile.
 */
export interface Signatures
  extends
    ElementwiseSignatures,
    GateSignatures,
    ReductionSignatures,
    RandomSignatures,
    MovementSignatures,
    IdentitySignatures,
    ProductSignatures,
    SumSignatures,
    ConvolutionSignatures,
    DecodingSignatures,
    IndexingSignatures,
    NormalisationSignatures,
    NormGradientSignatures,
    AttentionSignatures,
    LossSignatures {}

export type OperatorName = keyof Signatures;

export type AttributesOf<O extends OperatorName> = Signatures[O]['attributes'];

type IsOne<Key, All = Key> = Key extends unknown ? ([All] extends [Key] ? true : false) : never;

/** The name of the attribute where there is one; never where there is none, or several. */
export type OnlyAttribute<Attributes> = IsOne<keyof Attributes> extends true ? keyof Attributes : never;

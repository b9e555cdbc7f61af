import type { GraphBuilder } from '../graph/builder.ts';
import { product, type Dimension } from '../graph/dimension.ts';
import type { Value } from '../graph/graph.ts';
import type { OperatorAttributes, OperatorName } from '../graph/operators.ts';

/** What a rule sees: the builder to add to, the node's values, and the gradient of each output (undefined: not used by the loss). */
export interface RuleContext<O extends OperatorName> {
  readonly g: GraphBuilder;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly attributes: OperatorAttributes[O];
  /** Gradient of the first output, which every rule has. */
  readonly gradient: Value;
}

/**
 * The gradient of the loss by each input; undefined where none flows (indices, conditions). A rule may return it in the
 * broadcast shape, and need not care which inputs matter: the driver sums down and drops what nobody uses.
 */
type Rule<O extends OperatorName> = (context: RuleContext<O>) => readonly (Value | undefined)[];

type Operands = [Value, Value, Value, Value];

/** The last two axes swapped is what `transposed` marks; a stack of matrices times one matrix is one flat product. */
const matmulGradients: Rule<'matmul'> = ({ g, inputs, attributes: { transposeA, transposeB }, gradient }) => {
  const [a, b] = inputs as Operands;
  const byA = transposeA
    ? g.matmul(b, gradient, { transposeA: transposeB, transposeB: true })
    : g.matmul(gradient, b, { transposeB: !transposeB });
  if (b.shape.length === 2 && a.shape.length > 2 && !transposeA) {
    const flat = (x: Value): Value =>
      g.reshape(x, [product(x.shape.slice(0, -1)), x.shape.at(-1) as Dimension]);
    const [flatA, flatGradient] = [flat(a), flat(gradient)];
    const byFlatB = transposeB
      ? g.matmul(flatGradient, flatA, { transposeA: true })
      : g.matmul(flatA, flatGradient, { transposeA: true });
    return [byA, byFlatB];
  }
  const byB = transposeB
    ? g.matmul(gradient, a, { transposeA: true, transposeB: transposeA })
    : g.matmul(a, gradient, { transposeA: !transposeA });
  return [byA, byB];
};

/** d/dx of x s(x) with s the logistic function: s + x s (1 - s). */
const siluGradient: Rule<'silu'> = ({ g, inputs, outputs, gradient }) => {
  const [x] = inputs as Operands;
  const [y] = outputs as Operands;
  const s = g.sigmoid(x);
  return [g.multiply(gradient, g.add(s, g.multiply(y, g.subtract(1, s))))];
};

/**
 * Exact: Phi(x) + x phi(x) with Phi(x) = (1 + erf(x / sqrt 2)) / 2. By tanh, with t = tanh(k (x + c x^3)):
 * (1 + t) / 2 + x (1 - t^2) k (1 + 3 c x^2) / 2 (Hendrycks and Gimpel, arXiv 1606.08415).
 */
const geluGradient: Rule<'gelu'> = ({ g, inputs, attributes: { approximation }, gradient }) => {
  const [x] = inputs as Operands;
  const square = g.multiply(x, x);
  if (approximation === 'none') {
    const distribution = g.multiply(g.add(g.erf(g.multiply(x, Math.SQRT1_2)), 1), 0.5);
    const density = g.multiply(g.exponential(g.multiply(square, -0.5)), 1 / Math.sqrt(2 * Math.PI));
    return [g.multiply(gradient, g.add(distribution, g.multiply(x, density)))];
  }
  const [k, c] = [Math.sqrt(2 / Math.PI), 0.044715];
  const t = g.tanh(g.multiply(g.multiply(x, k), g.add(g.multiply(square, c), 1)));
  const inner = g.multiply(g.add(g.multiply(square, 3 * c), 1), k / 2);
  const slope = g.multiply(g.multiply(x, g.subtract(1, g.multiply(t, t))), inner);
  return [g.multiply(gradient, g.add(g.multiply(g.add(t, 1), 0.5), slope))];
};

/** With n = (x - mean) r, r = 1 / deviation: d/dx = r (w dy - mean(w dy) - n mean(w dy n)), d/dw = dy n, d/db = dy. */
const layerNormGradients: Rule<'layerNorm'> = ({ g, inputs, outputs, gradient }) => {
  const [x, weight] = inputs as Operands;
  const [, mean, inverse] = outputs as Operands;
  const normalised = g.multiply(g.subtract(x, mean), inverse);
  const scaled = g.multiply(gradient, weight);
  const along = g.mean(g.multiply(scaled, normalised), [-1]);
  const centred = g.subtract(scaled, g.mean(scaled, [-1]));
  return [
    g.multiply(inverse, g.subtract(centred, g.multiply(normalised, along))),
    g.multiply(gradient, normalised),
    gradient,
  ];
};

/** With n = x r, r = 1 / rms(x): d/dx = r (w dy - n mean(w dy n)), d/dw = dy n. */
const rmsNormGradients: Rule<'rmsNorm'> = ({ g, inputs, outputs, gradient }) => {
  const [x, weight] = inputs as Operands;
  const [, inverse] = outputs as Operands;
  const normalised = g.multiply(x, inverse);
  const scaled = g.multiply(gradient, weight);
  const along = g.mean(g.multiply(scaled, normalised), [-1]);
  return [
    g.multiply(inverse, g.subtract(scaled, g.multiply(normalised, along))),
    g.multiply(gradient, normalised),
  ];
};

/** Row by row (softmax(logits) - one-hot(target)) times the row's gradient. */
const crossEntropyGradient: Rule<'crossEntropy'> = ({ g, inputs, outputs, gradient }) => {
  const [, targets] = inputs as Operands;
  const [, logProbabilities] = outputs as Operands;
  const column = [...gradient.shape, 1];
  const perRow = g.reshape(gradient, column);
  const probabilities = g.multiply(g.exponential(logProbabilities), perRow);
  return [g.scatterElements(probabilities, g.reshape(targets, column), g.negate(perRow)), undefined];
};

const noGradient: Rule<OperatorName> = ({ inputs }) => inputs.map(() => undefined);

/** Sums and means hand the gradient to everything that was summed. */
const spread = (g: GraphBuilder, gradient: Value, x: Value): Value => g.expand(gradient, x.shape);

const extentOf = (x: Value, axes: readonly number[]): number => {
  const extent = product(axes.map((axis) => x.shape.at(axis) as Dimension));
  if (typeof extent !== 'number')
    throw new Error(`the gradient of a mean needs known extents, has ${extent}`);
  return extent;
};

export const gradientRules: { readonly [O in OperatorName]: Rule<O> } = {
  add: ({ gradient }) => [gradient, gradient],
  subtract: ({ g, gradient }) => [gradient, g.negate(gradient)],
  multiply: ({ g, inputs: [a, b], gradient }) => [
    g.multiply(gradient, b as Value),
    g.multiply(gradient, a as Value),
  ],
  divide: ({ g, inputs, outputs, gradient }) => {
    const [, b] = inputs as Operands;
    const [quotient] = outputs as Operands;
    const byA = g.divide(gradient, b);
    return [byA, g.negate(g.multiply(byA, quotient))];
  },
  // Where both are equal the first one takes the gradient.
  minimum: ({ g, inputs, gradient }) => {
    const [a, b] = inputs as Operands;
    const first = g.lessOrEqual(a, b);
    return [g.select(first, gradient, 0), g.select(first, 0, gradient)];
  },
  equal: noGradient,
  lessOrEqual: noGradient,
  and: noGradient,
  select: ({ g, inputs, gradient }) => {
    const [condition] = inputs as Operands;
    return [undefined, g.select(condition, gradient, 0), g.select(condition, 0, gradient)];
  },
  negate: ({ g, gradient }) => [g.negate(gradient)],
  // The sign as x / |x|, with 0 at 0.
  absolute: ({ g, inputs, outputs, gradient }) => {
    const [x] = inputs as Operands;
    const [magnitude] = outputs as Operands;
    return [g.select(g.lessOrEqual(magnitude, 0), 0, g.multiply(gradient, g.divide(x, magnitude)))];
  },
  exponential: ({ g, outputs: [y], gradient }) => [g.multiply(gradient, y as Value)],
  squareRoot: ({ g, outputs: [y], gradient }) => [g.divide(gradient, g.multiply(y as Value, 2))],
  sigmoid: ({ g, outputs, gradient }) => {
    const [y] = outputs as Operands;
    return [g.multiply(gradient, g.multiply(y, g.subtract(1, y)))];
  },
  tanh: ({ g, outputs: [y], gradient }) => [
    g.multiply(gradient, g.subtract(1, g.multiply(y as Value, y as Value))),
  ],
  // 2 / sqrt(pi) exp(-x^2)
  erf: ({ g, inputs, gradient }) => {
    const [x] = inputs as Operands;
    const bell = g.exponential(g.negate(g.multiply(x, x)));
    return [g.multiply(gradient, g.multiply(bell, 2 / Math.sqrt(Math.PI)))];
  },
  silu: siluGradient,
  gelu: geluGradient,
  cast: ({ g, inputs: [x], gradient }) => [g.cast(gradient, (x as Value).dataType)],
  detach: noGradient,
  sum: ({ g, inputs: [x], gradient }) => [spread(g, gradient, x as Value)],
  mean: ({ g, inputs, attributes: { axes }, gradient }) => {
    const [x] = inputs as Operands;
    return [spread(g, g.divide(gradient, extentOf(x, axes)), x)];
  },
  // Statistics are not trained through.
  maximum: noGradient,
  secondMoment: noGradient,
  uniform: noGradient,
  bernoulli: noGradient,
  reshape: ({ g, inputs: [x], gradient }) => [g.reshape(gradient, (x as Value).shape)],
  expand: ({ gradient }) => [gradient],
  transpose: ({ g, attributes: { permutation }, gradient }) => [
    g.transpose(
      gradient,
      permutation.map((_, axis) => permutation.indexOf(axis)),
    ),
  ],
  // Zeros before and after the part.
  slice: ({ g, inputs, attributes: { axis, start, end }, gradient }) => {
    const [x] = inputs as Operands;
    const zeros = (count: number): Value[] =>
      count === 0
        ? []
        : [
            g.expand(
              0,
              x.shape.map((dimension, at) => (at === axis ? count : dimension)),
            ),
          ];
    return [g.concatenate([...zeros(start), gradient, ...zeros(Number(x.shape[axis]) - end)], axis)];
  },
  concatenate: ({ g, inputs, attributes: { axis }, gradient }) => {
    let start = 0;
    return inputs.map(({ shape }) => {
      const end = start + Number(shape[axis]);
      const part = g.slice(gradient, axis, start, end);
      start = end;
      return part;
    });
  },
  after: ({ gradient }) => [gradient],
  matmul: matmulGradients,
  quantizeRows: noGradient,
  // Straight through the rounding: dY W with the copy of W that is scaled along the other axis, dY rounded likewise.
  quantizedMatmul: ({ g, inputs: [, , , weight, scales, twin, twinScales], gradient }) => {
    const [values, rowScales] = g.quantizeRows(gradient);
    return [
      g.quantizedMatmul(
        gradient,
        [values, rowScales],
        [twin as Value, twinScales as Value],
        [weight as Value, scales as Value],
      ),
    ];
  },
  blockMatmul: ({ g, inputs, attributes: { transposed }, gradient }) => {
    const [, weight, scales] = inputs as Operands;
    return [g.blockMatmul(gradient, weight, scales, !transposed)];
  },
  gatherRows: ({ g, inputs, gradient }) => {
    const [table, indices] = inputs as Operands;
    return [g.scatterRows(indices, gradient, table.shape[0] as Dimension), undefined];
  },
  scatterRows: ({ g, inputs: [indices], gradient }) => [undefined, g.gatherRows(gradient, indices as Value)],
  gatherElements: ({ g, inputs, gradient }) => {
    const [data, indices] = inputs as Operands;
    return [g.scatterElements(g.expand(0, data.shape), indices, gradient), undefined];
  },
  scatterElements: ({ g, inputs: [, indices], gradient }) => [
    gradient,
    undefined,
    g.gatherElements(gradient, indices as Value),
  ],
  // y (dy - sum(dy y))
  softmax: ({ g, outputs, gradient }) => {
    const [y] = outputs as Operands;
    return [g.multiply(y, g.subtract(gradient, g.sum(g.multiply(gradient, y), [-1])))];
  },
  rmsNorm: rmsNormGradients,
  layerNorm: layerNormGradients,
  // A rotation: its transpose is the rotation by the opposite angle.
  rotary: ({ g, inputs, gradient }) => {
    const [, positions, cosines, sines] = inputs as Operands;
    return [g.rotary(gradient, positions, cosines, g.negate(sines)), undefined, undefined, undefined];
  },
  crossEntropy: crossEntropyGradient,
  knownGradient: ({ g, inputs, gradient }) => {
    const [, , slope] = inputs as Operands;
    return [undefined, g.multiply(slope, g.reshape(gradient, [...gradient.shape, 1])), undefined];
  },
  attention: ({ g, inputs, outputs, attributes, gradient }) => [
    ...g.apply('attentionGradient', [...inputs, ...outputs, gradient], attributes),
    undefined,
  ],
  // Second derivatives are not needed.
  attentionGradient: noGradient,
};

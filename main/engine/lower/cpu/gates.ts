import type { ActivationForm, GateSignatures } from '../../graph/signatures.ts';
import type { LoweringContext, LoweringRules } from '../rule.ts';

type Context = Pick<LoweringContext<'gated'>, 'emit' | 'number'>;

/** activation(x) as a target has it. */
export type Bend = (context: Context, x: string, activation: ActivationForm) => string;

/** By ONNX Runtime's own operators. */
export const bend: Bend = ({ emit }, x, activation) =>
  activation.kind === 'silu'
    ? emit('QuickGelu', [x], { alpha: activation.alpha })
    : emit('Gelu', [x], { approximate: activation.approximation });

interface ValueAndSlope {
  readonly value: string;
  readonly slope: string;
}

/**
 * y = x s with s the logistic function of alpha x: s + alpha y (1 - s), or s (1 + alpha x (1 - s)) where alpha is not 1.
 */
const bySigmoid = ({ emit, number }: Context, x: string, alpha: number): ValueAndSlope => {
  const scaled = alpha === 1 ? x : emit('Mul', [x, number(alpha)]);
  const s = emit('Sigmoid', [scaled]);
  const rest = (): string => emit('Sub', [number(1), s]);
  const value = emit('Mul', [x, s]);
  if (alpha === 1) return { value, slope: emit('Add', [s, emit('Mul', [value, rest()])]) };
  const steep = emit('Add', [emit('Mul', [scaled, rest()]), number(1)]);
  return { value, slope: emit('Mul', [s, steep]) };
};

/**
 * Exact: Phi(x) + x phi(x) with Phi(x) = (1 + erf(x / sqrt 2)) / 2. By tanh, with t = tanh(k (x + c x^3)):
 * (1 + t) / 2 + x (1 - t^2) k (1 + 3 c x^2) / 2 (Hendrycks and Gimpel, arXiv 1606.08415).
 */
const normalSlope = ({ emit, number }: Context, x: string, approximation: 'none' | 'tanh'): string => {
  const times = (a: string, b: string | number): string =>
    emit('Mul', [a, typeof b === 'number' ? number(b) : b]);
  const plusOne = (a: string): string => emit('Add', [a, number(1)]);
  const square = times(x, x);
  if (approximation === 'none') {
    const distribution = times(plusOne(emit('Erf', [times(x, Math.SQRT1_2)])), 0.5);
    const density = times(emit('Exp', [times(square, -0.5)]), 1 / Math.sqrt(2 * Math.PI));
    return emit('Add', [distribution, times(x, density)]);
  }
  const [k, c] = [Math.sqrt(2 / Math.PI), 0.044715];
  const t = emit('Tanh', [times(times(x, k), plusOne(times(square, c)))]);
  const inner = times(plusOne(times(square, 3 * c)), k / 2);
  const slope = times(times(x, emit('Sub', [number(1), times(t, t)])), inner);
  return emit('Add', [times(plusOne(t), 0.5), slope]);
};

/** Node by node. */
export const gatesBy = (bend: Bend): LoweringRules<GateSignatures> => {
  const slopeOf = (context: Context, x: string, activation: ActivationForm): string =>
    activation.kind === 'silu'
      ? bySigmoid(context, x, activation.alpha).slope
      : normalSlope(context, x, activation.approximation);
  const both = (context: Context, x: string, activation: ActivationForm): ValueAndSlope =>
    activation.kind === 'silu'
      ? bySigmoid(context, x, activation.alpha)
      : {
          value: bend(context, x, activation),
          slope: normalSlope(context, x, activation.approximation),
        };
  return {
    gated: ({ inputs: { gate, up }, attributes: { activation }, ...context }) =>
      context.emit('Mul', [bend(context, gate, activation), up]),
    gatedGradient: ({ inputs: { gate, up, gradient }, attributes: { activation }, ...context }) => {
      const { emit } = context;
      const { value, slope } = both(context, gate, activation);
      return {
        byUp: emit('Mul', [gradient, value]),
        byGate: emit('Mul', [emit('Mul', [gradient, up]), slope]),
      };
    },
    activationGradient: ({ inputs: { x, gradient }, attributes: { activation }, ...context }) =>
      context.emit('Mul', [gradient, slopeOf(context, x, activation)]),
  };
};

export const gates = gatesBy(bend);

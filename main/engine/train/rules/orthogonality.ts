import { multiply, transpose, type AnyMatrix } from '../../linear-algebra/matrix.ts';
import { partOf, slotsOf } from './layer-slots.ts';
import type { ParameterRule, RuleContext } from './parameter-rule.ts';

/**
 * AdaLoRA's regulariser: weight times the mean, over all A and B, of ||A A^T - I||_F and ||B^T B - I||_F. With M that matrix, the
 * gradient by A is 2 M A / ||M||_F, by B 2 B M / ||M||_F (Zhang et al., arXiv 2303.10512, equation 4).
 */
export const orthogonality = (
  context: RuleContext,
  { weight }: { readonly weight: number },
): ParameterRule => {
  const [a, b] = [slotsOf(context, 'lora_A'), slotsOf(context, 'lora_B')];
  const share = weight / (a.length + b.length);
  return {
    penalise: (parameters, gradient) => {
      for (const { slot, factor } of a) {
        const matrix = { rows: factor.rows, columns: factor.columns, data: partOf(parameters, slot) };
        const { excess, norm } = excessOf(multiply(matrix, transpose(matrix)));
        addTo(partOf(gradient, slot), multiply(excess, matrix).data, (2 * share) / norm);
      }
      for (const { slot, factor } of b) {
        const matrix = { rows: factor.rows, columns: factor.columns, data: partOf(parameters, slot) };
        const { excess, norm } = excessOf(multiply(transpose(matrix), matrix));
        addTo(partOf(gradient, slot), multiply(matrix, excess).data, (2 * share) / norm);
      }
    },
  };
};

/** P P^T, which is what is given, less the identity, and the Frobenius norm of that: how far P is from orthonormal. */
const excessOf = ({ rows, columns, data }: AnyMatrix): { excess: AnyMatrix; norm: number } => {
  const excess = Float64Array.from(data);
  for (let at = 0; at < rows; at++) excess[at * columns + at]! -= 1;
  const norm = Math.sqrt(excess.reduce((sum, value) => sum + value * value, 0));
  // At an orthonormal matrix the derivative is not defined; no step is taken there.
  return { excess: { rows, columns, data: excess }, norm: norm === 0 ? Infinity : norm };
};

const addTo = (target: Float32Array, values: Float64Array | Float32Array, factor: number): void => {
  for (let at = 0; at < target.length; at++) target[at]! += factor * (values[at] as number);
};

import { factorKey, layerAdapter, type Factor } from '../../adapters/layer/layer-adapter.ts';
import { multiply, transpose, type AnyMatrix } from '../../linear-algebra/matrix.ts';
import { partOf, slotsOf } from './layer-slots.ts';
import type { ParameterRule, RuleContext } from './parameter-rule.ts';

/** Keeps A A^T invertible, as PEFT's optimizer does. */
const damping = 1e-8;

/**
 * LoRA-FA: of all steps of B, scaling * B A comes closest to the full gradient with the gradient by B times
 * (A A^T)^-1 / scaling^2. A is frozen, so that matrix is made once.
 */
export const preconditionB = (context: RuleContext): ParameterRule => {
  const { adapter } = context;
  const inverses = slotsOf(context, 'lora_B').map(({ layer, factor, slot }) => {
    const { right, scaling } = layerAdapter(adapter.description, layer);
    const a = right.flat().find(({ name }) => name === 'lora_A') as Factor;
    const matrix = {
      rows: a.rows,
      columns: a.columns,
      data: adapter.values.get(factorKey(layer.module, a)) as Float32Array,
    };
    const gram = multiply(matrix, transpose(matrix));
    for (let at = 0; at < a.rows; at++) gram.data[at * a.rows + at]! += damping;
    const inverse = inverseOf(gram);
    return { factor, slot, inverse: { ...inverse, data: inverse.data.map((value) => value / scaling ** 2) } };
  });
  return {
    precondition: (gradient) => {
      for (const { factor, slot, inverse } of inverses) {
        const part = partOf(gradient, slot);
        part.set(multiply({ rows: factor.rows, columns: factor.columns, data: part }, inverse).data);
      }
    },
  };
};

/** Of a symmetric positive definite matrix, by Gauss and Jordan's elimination in fp64; it needs no pivots. */
const inverseOf = ({ rows, data }: AnyMatrix): AnyMatrix & { data: Float64Array } => {
  const work = Float64Array.from(data);
  const inverse = new Float64Array(rows * rows);
  for (let at = 0; at < rows; at++) inverse[at * rows + at] = 1;
  for (let pivot = 0; pivot < rows; pivot++) {
    const scale = 1 / work[pivot * rows + pivot]!;
    for (let j = 0; j < rows; j++) {
      work[pivot * rows + j]! *= scale;
      inverse[pivot * rows + j]! *= scale;
    }
    for (let i = 0; i < rows; i++) {
      const factor = work[i * rows + pivot]!;
      if (i === pivot || factor === 0) continue;
      for (let j = 0; j < rows; j++) {
        work[i * rows + j]! -= factor * work[pivot * rows + j]!;
        inverse[i * rows + j]! -= factor * inverse[pivot * rows + j]!;
      }
    }
  }
  return { rows, columns: rows, data: inverse };
};

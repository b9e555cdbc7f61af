import { factorKey, layerAdapter, type Factor } from '../../adapters/layer/layer-adapter.ts';
import { inverseOf } from '../../linear-algebra/inverse.ts';
import { addToDiagonal, multiply, transpose } from '../../linear-algebra/matrix.ts';
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
    const inverse = inverseOf(addToDiagonal(multiply(matrix, transpose(matrix)), damping));
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

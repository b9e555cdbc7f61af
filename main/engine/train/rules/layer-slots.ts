import { allFactors, factorKey, layerAdapter, type Factor } from '../../adapters/layer/layer-adapter.ts';
import type { LinearLayer } from '../../models/architecture.ts';
import type { ParameterSlot } from '../../optim/parameter-layout.ts';
import type { RuleContext } from './parameter-rule.ts';

/** A factor of a layer and its place among the parameters. */
export interface FactorSlot {
  readonly layer: LinearLayer;
  readonly factor: Factor;
  readonly slot: ParameterSlot;
}

/** The trained factors of one name, layer by layer. */
export const slotsOf = ({ adapter, layout }: RuleContext, name: string): FactorSlot[] => {
  const slots = new Map(layout.slots.map((slot) => [slot.name, slot]));
  return adapter.layers.flatMap((layer) =>
    allFactors(layerAdapter(adapter.description, layer)).flatMap((factor) => {
      const slot = slots.get(factorKey(layer.module, factor));
      return factor.name === name && slot ? [{ layer, factor, slot }] : [];
    }),
  );
};

export const partOf = (vector: Float32Array, { offset, length }: ParameterSlot): Float32Array =>
  vector.subarray(offset, offset + length);

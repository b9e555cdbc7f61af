import { describeAdapter } from '../adapters/settings/adapter-settings.ts';
import type { ImportedAdapter } from '../peft/form.ts';
import { allFactors, factorKey, layerAdapter, type FactorValues } from '../adapters/layer/layer-adapter.ts';
import type { Model } from '../models/model.ts';
import { initialiseAdapter } from './initialise-adapter.ts';

/**
 * The numbers of an adapter that came without those that follow from the base's weights (the part that PiSSA or OLoRA takes from the
 * base, the lengths of its rows for DoRA): made again, as PEFT does when it loads one.
 */
export const completeAdapter = async (
  model: Model,
  { settings, layers, values }: ImportedAdapter,
): Promise<FactorValues> => {
  const description = describeAdapter(settings);
  const isWhole = layers.every((layer) =>
    allFactors(layerAdapter(description, layer)).every((factor) =>
      values.get(factorKey(layer.module, factor)),
    ),
  );
  if (isWhole) return values;
  const made = await initialiseAdapter({ model, description, layers, seed: 0 });
  return { get: (key) => values.get(key) ?? made.get(key) };
};

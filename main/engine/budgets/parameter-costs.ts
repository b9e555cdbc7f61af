import type { AdapterDescription } from '../adapters/description/adapter-description.ts';
import { describeAdapter, type AdapterSettings } from '../adapters/settings/adapter-settings.ts';
import {
  allFactors,
  factorShape,
  layerAdapter,
  trainedAt,
  type Factor,
  type LayerAdapter,
} from '../adapters/layer/layer-adapter.ts';
import { selectTargets, selectWeights } from '../adapters/layer/target-modules.ts';
import { methods } from '../adapters/methods/index.ts';
import type { LayerPlace } from '../models/architecture.ts';
import type { Model } from '../models/model.ts';
import { alikeLayers } from './alike-layers.ts';

/** What counting asks of a model: no weight is read. */
export type CountedModel = Pick<Model, 'targetLayers' | 'weightShapes'>;

const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);
const total = (numbers: readonly number[]): number => numbers.reduce((sum, one) => sum + one, 0);
const sizeOf = (factor: Factor): number => product(factorShape(factor));

/** Base weights that are trained whole, by name. */
const weightsOf = (model: CountedModel, settings: AdapterSettings): string[] =>
  selectWeights(model.weightShapes.keys(), settings);

const sizeOfWeights = ({ weightShapes }: CountedModel, names: readonly string[]): number =>
  total(names.map((name) => product(weightShapes.get(name) as readonly number[])));

/** Numbers that training changes: those of the adapter's factors, and of the modules that are trained whole. */
export const trainedParameterCount = (model: CountedModel, settings: AdapterSettings): number => {
  const description = describeAdapter(settings);
  const layers = alikeLayers(description, selectTargets(model.targetLayers, settings));
  const ofFactors = layers.map(({ place, count }) => count * trainedAt(layerAdapter(description, place)));
  return total(ofFactors) + sizeOfWeights(model, weightsOf(model, settings));
};

/** Numbers in the adapter's own file: frozen factors too, and what layers of one size share once. */
export const storedParameterCount = (model: CountedModel, settings: AdapterSettings): number => {
  const description = describeAdapter(settings);
  const shared = new Map<string, number>();
  let ofLayers = 0;
  for (const { place, count } of alikeLayers(description, selectTargets(model.targetLayers, settings)))
    for (const factor of allFactors(layerAdapter(description, place))) {
      const size = sizeOf(factor);
      if (factor.shared) shared.set(`${factor.name} ${factor.rows}x${factor.columns}`, size);
      else ofLayers += count * size;
    }
  return ofLayers + total([...shared.values()]) + sizeOfWeights(model, weightsOf(model, settings));
};

/** As a low-rank pair on the base as it is: what a residual takes away is a second pair of the opposite sign. */
const pairSize = (
  { rank, residual, magnitude }: LayerAdapter,
  { outFeatures, inFeatures }: LayerPlace,
): number => (residual ? 2 : 1) * rank * (outFeatures + inFeatures) + (magnitude ? outFeatures : 0);

/** The pair that all layers share, of the largest sizes there are, and the two vectors of each. */
const veraSize = (description: AdapterDescription, layers: readonly LayerPlace[]): number => {
  const rank = Math.max(...layers.map((place) => layerAdapter(description, place).rank));
  const most = (of: (place: LayerPlace) => number): number => Math.max(...layers.map(of));
  const vectors = total(layers.map(({ outFeatures }) => outFeatures + rank));
  return rank * (most(({ inFeatures }) => inFeatures) + most(({ outFeatures }) => outFeatures)) + vectors;
};

/** Of methods that PEFT writes in a form of their own, where that form can say the settings; null where it can't, and they become LoRAs. */
const ownForm = (
  settings: AdapterSettings,
  description: AdapterDescription,
  layers: readonly LayerPlace[],
): number | null => {
  const { type } = methods[settings.method].peft ?? {};
  // Neither form knows embeddings or convolutions.
  if (layers.some(({ role }) => role === 'embedding' || role === 'convolution')) return null;
  if (type === 'VERA') return veraSize(description, layers);
  if (type !== 'ADALORA') return null;
  const adapters = layers.map((place) => layerAdapter(description, place));
  const isUniform = adapters.every(
    ({ rank, scaling }) => rank === adapters[0]?.rank && scaling === adapters[0].scaling,
  );
  // A, B, and E (rank).
  return isUniform
    ? total(
        layers.map(({ outFeatures, inFeatures }, at) => adapters[at]!.rank * (outFeatures + inFeatures + 1)),
      )
    : null;
};

/**
 * Numbers in the file that PEFT loads on the base as it is; null for a model that is trained whole, which is exported as a model. A weight
 * that two modules share and that is trained whole is there under each one's name.
 */
export const exportedParameterCount = (model: CountedModel, settings: AdapterSettings): number | null => {
  if (settings.method === 'full') return null;
  const description = describeAdapter(settings);
  const layers = selectTargets(model.targetLayers, settings);
  const saved = weightsOf(model, settings);
  const copies = model.targetLayers.flatMap(({ weight }) => (saved.includes(weight ?? '') ? [weight!] : []));
  const whole = sizeOfWeights(model, [...saved, ...copies]);
  const own = copies.length > 0 ? null : ownForm(settings, description, layers);
  const pairs = (): number =>
    total(
      alikeLayers(description, layers).map(
        ({ place, count }) => count * pairSize(layerAdapter(description, place), place),
      ),
    );
  return (own ?? pairs()) + whole;
};

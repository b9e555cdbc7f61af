import type { AdapterDescription } from '../adapters/description/adapter-description.ts';
import { foldLayer, mergeLayer, sideOf } from '../adapters/layer/fold.ts';
import {
  allFactors,
  factorKey,
  factorShape,
  layerAdapter,
  startsAtBase,
  type Factor,
  type FactorStart,
  type FactorValues,
} from '../adapters/layer/layer-adapter.ts';
import { concurrently } from '../concurrently.ts';
import { leadingPart, type Matrix } from '../linear-algebra/matrix.ts';
import { weightName, type LinearLayer } from '../models/architecture.ts';
import { readLayerWeight } from '../models/weights/model-weights.ts';
import type { Model } from '../models/model.ts';
import { createRandom, type Random } from '../random.ts';
import type { AwsvdCache } from './awsvd-cache.ts';
import type { OuterParts } from './outer-input.ts';
import { deadChannels, statisticBytes, type ActivationStatistics } from './statistics.ts';
import { kaimingUniform } from './kaiming.ts';
import { calibrationOf, outerParts } from './outer-parts.ts';

export interface InitialisationOptions {
  readonly model: Model;
  readonly description: AdapterDescription;
  readonly layers: readonly LinearLayer[];
  readonly seed: number;
  /** Statistics of these layers' inputs, as `calibrationOf` asks: needed where the outer pair depends on activations. */
  readonly calibrate?: (layers: readonly LinearLayer[]) => Promise<ActivationStatistics>;
  /** Parts of the source that are known already, of all layers. */
  readonly parts?: ReadonlyMap<LinearLayer, OuterParts>;
  /** Layers decomposed at once, where the addon does it; null is two. The numbers do not depend on it. */
  readonly threads?: number | null;
  /** Decompositions found here are not done again. */
  readonly cache?: AwsvdCache;
  readonly onLayer?: (done: number) => Promise<void> | void;
  /** Told of layers some of whose inputs were zero in all of the calibration data. */
  readonly onDeadChannels?: (layer: LinearLayer, dead: number) => void;
}

/** What a factor's numbers may be made from: those of the layer that are there already, in the order of `allFactors`. */
interface StartContext {
  readonly factor: Factor;
  readonly random: Random;
  readonly parts: OuterParts;
  readonly layer: LinearLayer;
  readonly description: AdapterDescription;
  readonly values: FactorValues;
  readonly weight: () => Float32Array;
}

type Make<K extends FactorStart['kind']> = (
  start: Extract<FactorStart, { kind: K }>,
  context: StartContext,
) => Float32Array;

const sizeOf = (factor: Factor): number => factorShape(factor).reduce((a, b) => a * b, 1);

const squaredRowNorms = (weight: Float32Array, { outFeatures, inFeatures }: LinearLayer): Float64Array =>
  Float64Array.from({ length: outFeatures }, (_, row) =>
    weight.subarray(row * inFeatures, (row + 1) * inFeatures).reduce((sum, value) => sum + value * value, 0),
  );

const starts: { readonly [K in FactorStart['kind']]: Make<K> } = {
  zeros: (_, { factor }) => new Float32Array(sizeOf(factor)),
  constant: ({ value }, { factor }) => new Float32Array(sizeOf(factor)).fill(value),
  // All entries are drawn alike, so a transposed draw needs no turning.
  kaiming: ({ slope, transposed }, { factor: { rows, columns }, random }) =>
    transposed ? kaimingUniform(columns, rows, random, slope) : kaimingUniform(rows, columns, random, slope),
  normal: ({ deviation }, { factor, random }) =>
    Float32Array.from({ length: sizeOf(factor) }, () => deviation * random.normal()),
  source: ({ part }, { parts, layer }) => {
    const found = parts[part];
    if (!found) throw new Error(`${layer.module}: the source gives nothing for ${part}`);
    return found;
  },
  side: ({ side }, { description, layer, values }) =>
    Float32Array.from(sideOf(layerAdapter(description, layer)[side], layer.module, values).data),
  'squared-row-norms': (_, { weight, layer }) => Float32Array.from(squaredRowNorms(weight(), layer)),
  'row-norms': (_, { weight, layer, description, values }) => {
    const lengths = (of: Float32Array): Float32Array =>
      Float32Array.from(squaredRowNorms(of, layer), Math.sqrt);
    if (startsAtBase(layerAdapter(description, layer))) return lengths(weight());
    const folded = foldLayer({ ...description, magnitude: false }, layer, values);
    return lengths(mergeLayer(folded, weight()));
  },
};

/**
 * An adapter's starting numbers. Each matrix has a random stream of its own, so the numbers depend on the seed and the place alone.
 */
export const initialiseAdapter = async (options: InitialisationOptions): Promise<FactorValues> => {
  const { model, description, layers, seed } = options;
  const weightOf = (layer: LinearLayer): Float32Array => readLayerWeight(model, layer);
  const parts = options.parts ?? (await partsOfLayers(options, weightOf));

  const values = new Map<string, Float32Array>();
  const whole = sharedFactors(description, layers);
  const drawn = new Map<string, Matrix>();
  let stream = 0;
  for (const layer of layers)
    for (const factor of allFactors(layerAdapter(description, layer))) {
      const key = factorKey(layer.module, factor);
      const random = createRandom(seed, stream++);
      if (values.has(key)) continue;
      const make = (of: Factor): Float32Array => {
        const start = starts[of.start.kind] as Make<FactorStart['kind']>;
        const context = { factor: of, random, parts: parts.get(layer) ?? {}, layer, description, values };
        return start(of.start, { ...context, weight: () => weightOf(layer) });
      };
      const shared = whole.get(factor.name);
      if (!shared) {
        values.set(key, make(factor));
        continue;
      }
      if (!drawn.has(factor.name)) drawn.set(factor.name, { ...shared, data: make(shared) });
      values.set(key, leadingPart(drawn.get(factor.name)!, factor.rows, factor.columns).data);
    }
  return values;
};

/** Factors that layers share, by name, in the largest size that any layer has use for: each layer's is cut from it. */
const sharedFactors = (
  description: AdapterDescription,
  layers: readonly LinearLayer[],
): ReadonlyMap<string, Factor> => {
  const whole = new Map<string, Factor>();
  for (const layer of layers)
    for (const factor of allFactors(layerAdapter(description, layer)).filter(({ shared }) => shared)) {
      const { rows = 0, columns = 0 } = whole.get(factor.name) ?? {};
      whole.set(factor.name, {
        ...factor,
        rows: Math.max(rows, factor.rows),
        columns: Math.max(columns, factor.columns),
      });
    }
  return whole;
};

/** Bytes of statistics that are held at a time: wide layers have large ones. */
const statisticsAtATime = 2 ** 30;

/** Layers in groups whose statistics fit; all in one where there are none. */
export const groupsOf = ({
  description,
  layers,
}: Pick<InitialisationOptions, 'description' | 'layers'>): LinearLayer[][] => {
  const { statistics } = calibrationOf(description);
  const groups: LinearLayer[][] = [];
  let bytes = Infinity;
  for (const layer of layers) {
    const own = statisticBytes(statistics, layer.inFeatures);
    if (bytes + own > statisticsAtATime) {
      groups.push([]);
      bytes = 0;
    }
    groups.at(-1)!.push(layer);
    bytes += own;
  }
  return groups;
};

/** What the layers' outer factors start as where they are not drawn, group by group. */
const partsOfLayers = async (
  options: InitialisationOptions,
  weightOf: (layer: LinearLayer) => Float32Array,
): Promise<Map<LinearLayer, OuterParts>> => {
  const { description, layers, seed, cache, threads, calibrate, onLayer, onDeadChannels } = options;
  const parts = new Map<LinearLayer, OuterParts>();
  const numberOf = new Map(layers.map((layer, index) => [layer, index]));
  const { batches } = calibrationOf(description);
  let done = 0;
  for (const group of groupsOf(options)) {
    const statistics = batches > 0 ? await calibrate?.(group) : undefined;
    await concurrently(group, threads ?? 2, async (layer) => {
      const { outFeatures, inFeatures, module } = layer;
      const { scaling, left, right } = layerAdapter(description, layer);
      const outerA = [...right.flat(), ...left.flat()].find(({ name }) => name === 'lora_A') as Factor;
      if (description.outer.initialisation.source)
        parts.set(
          layer,
          await outerParts(description, {
            weight: weightOf(layer),
            outFeatures,
            inFeatures,
            rank: outerA.rows,
            scaling,
            statistics: statistics?.get(module) ?? {},
            cache,
            seed: seed + (numberOf.get(layer) as number),
            name: weightName(layer),
          }),
        );
      const dead = deadChannels(statistics?.get(module) ?? {}, inFeatures);
      if (dead > 0) onDeadChannels?.(layer, dead);
      await onLayer?.(++done);
    });
  }
  return parts;
};

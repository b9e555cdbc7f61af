import type {
  AdapterDescription,
  ScalingDivisor,
} from '../../../adapters/description/adapter-description.ts';
import { matchPattern } from '../../../adapters/description/patterns.ts';
import { foldLayer } from '../../../adapters/layer/fold.ts';
import {
  factorKey,
  layerAdapter,
  type FactorValues,
  type LayerAdapter,
  type Side,
} from '../../../adapters/layer/layer-adapter.ts';
import { methods } from '../../../adapters/methods/index.ts';
import { describeAdapter } from '../../../adapters/settings/adapter-settings.ts';
import type { LinearLayer } from '../../../models/architecture.ts';
import type { PeftContents } from '../../folder.ts';
import type { AdapterToWrite } from '../../form.ts';
import { savedWeightTensors } from '../../saved-weights.ts';
import { placementConfig, type PeftPlacement } from '../../targeting.ts';
import { pairTensors, type Pair } from './tensors.ts';

/** One module's pair, with what the configuration has to say of it. */
interface ScaledPair extends Pair {
  readonly alpha: number;
}

const isOne = (side: Side, name: string): boolean =>
  side.length === 1 && side[0]!.length === 1 && side[0]![0]!.name === name;

/** B A and nothing else, so that PEFT can go on training it. */
const isPlain = ({ left, right, residual }: LayerAdapter): boolean =>
  isOne(left, 'lora_B') && isOne(right, 'lora_A') && residual === null;

/** use_rslora, for the scalings that PEFT has. */
const rslora: Readonly<Partial<Record<ScalingDivisor, boolean>>> = { rank: false, 'sqrt-rank': true };

const placeOf = ({ module, outFeatures, inFeatures, role, kernel }: LinearLayer) => ({
  module,
  outFeatures,
  inFeatures,
  isEmbedding: role === 'embedding',
  ...(kernel ? { kernelSize: kernel.size } : {}),
});

/** The pair as it is trained. */
const plainPair = (description: AdapterDescription, layer: LinearLayer, values: FactorValues): ScaledPair => {
  const { left, right, magnitude } = layerAdapter(description, layer);
  const b = left[0]![0]!;
  const numbers = (factor: typeof b): Float32Array =>
    values.get(factorKey(layer.module, factor)) as Float32Array;
  return {
    ...placeOf(layer),
    loraA: numbers(right[0]![0]!),
    loraB: numbers(b),
    ...(magnitude ? { magnitude: numbers(magnitude.lengths) } : {}),
    rank: b.columns,
    alpha: matchPattern(description.scaling.pattern, layer.module) ?? description.scaling.alpha,
  };
};

/** The low-rank pair that any adapter amounts to; the scaling is in B, so alpha / rank has to be 1. */
const foldedPair = (
  description: AdapterDescription,
  layer: LinearLayer,
  values: FactorValues,
): ScaledPair => {
  const { rank, loraA, loraB, magnitude } = foldLayer(description, layer, values);
  return {
    ...placeOf(layer),
    loraA,
    loraB,
    ...(magnitude ? { magnitude } : {}),
    rank,
    alpha: rank,
  };
};

/** Of the values that modules have, the commonest stands for all; the others are named. */
const usualAndOthers = (
  pairs: readonly ScaledPair[],
  of: (pair: ScaledPair) => number,
): { usual: number; others: Record<string, number> } => {
  const counts = new Map<number, number>();
  for (const pair of pairs) counts.set(of(pair), (counts.get(of(pair)) ?? 0) + 1);
  const [[usual] = [1]] = [...counts].sort(([, a], [, b]) => b - a);
  const others = pairs.filter((pair) => of(pair) !== usual).map((pair) => [pair.module, of(pair)] as const);
  return { usual, others: Object.fromEntries(others) };
};

/** Any adapter as PEFT's LoRA: with its own numbers and flags where it is one, as the pair that it amounts to otherwise. */
export const write = (
  { settings, layers, values, residual }: AdapterToWrite,
  placement: PeftPlacement,
): PeftContents => {
  const whole = describeAdapter(settings);
  const description = residual === 'in-base' ? { ...whole, residual: false } : whole;
  const useRslora = rslora[description.scaling.divisor];
  const plain = useRslora !== undefined && layers.every((layer) => isPlain(layerAdapter(description, layer)));
  const pairs = layers.map((layer) => (plain ? plainPair : foldedPair)(description, layer, values));
  const rank = usualAndOthers(pairs, (pair) => pair.rank);
  const alpha = usualAndOthers(pairs, (pair) => pair.alpha);
  // A start that changes the base was made already: with its name in the file PEFT would make it again.
  const flags = plain && !whole.residual ? (methods[settings.method].peft?.flags ?? {}) : {};
  return {
    config: {
      ...placementConfig(placement),
      alpha_pattern: alpha.others,
      // Only where it says something: PEFT before 0.18 does not know the key.
      ...(placement.tiesWeights ? { ensure_weight_tying: true } : {}),
      init_lora_weights: flags.init_lora_weights ?? true,
      lora_alpha: alpha.usual,
      lora_dropout: description.dropout,
      peft_type: 'LORA',
      r: rank.usual,
      rank_pattern: rank.others,
      use_dora: pairs.some(({ magnitude }) => magnitude !== undefined),
      use_rslora: plain && useRslora,
    },
    tensors: [...pairs.flatMap(pairTensors), ...savedWeightTensors(placement.savedWeights)],
  };
};

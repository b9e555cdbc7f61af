import type { AdapterDescription } from '../adapters/adapter-description.ts';
import { allFactors, factorChain, factorKey, type Factor, type FactorValues } from '../adapters/factors.ts';
import { readWeight } from '../formats/model-folder.ts';
import type { LinearLayer } from '../models/architecture.ts';
import type { Model } from '../models/model.ts';
import { createRandom } from '../random.ts';
import { concurrently } from '../concurrently.ts';
import type { Decomposition } from '../adapters/adapter-settings.ts';
import { activationScale, awsvd, type AwsvdFactors, type AwsvdInput } from './awsvd.ts';
import type { AwsvdCache } from './awsvd-cache.ts';
import { randomizedAwsvd } from './randomized-awsvd.ts';
import type { ActivationStatistics } from './calibration.ts';
import { kaimingUniform } from './kaiming.ts';

export interface InitialisationOptions {
  readonly model: Model;
  readonly description: AdapterDescription;
  readonly layers: readonly LinearLayer[];
  readonly seed: number;
  /** Needed for AwSVD only. */
  readonly statistics?: ActivationStatistics;
  /** Layers decomposed at once, where the addon does it; null is two. The numbers do not depend on it. */
  readonly threads?: number | null;
  /** Decompositions found here are not done again. */
  readonly cache?: AwsvdCache;
  readonly onLayer?: (done: number) => Promise<void> | void;
}

const decompose: Record<Decomposition, (input: AwsvdInput) => AwsvdFactors | Promise<AwsvdFactors>> = {
  exact: awsvd,
  randomized: randomizedAwsvd,
};

type OuterFactors = ReadonlyMap<Factor['name'], Float32Array>;

/** The outer pair from the activation-aware SVD of the layer's weight: B = U Sigma, A = V^T S^-1. */
const outerFromAwsvd = async (
  { model, description, statistics, cache }: InitialisationOptions,
  { exponent, decomposition }: { exponent: number; decomposition: Decomposition },
  layer: LinearLayer,
): Promise<OuterFactors> => {
  const meanAbsolute = statistics?.get(layer.module);
  if (!meanAbsolute) throw new Error(`no activation statistics for ${layer.module}`);
  const input: AwsvdInput = {
    weight: readWeight(model.folder, `${layer.module}.weight`),
    outFeatures: layer.outFeatures,
    inFeatures: layer.inFeatures,
    scale: activationScale(meanAbsolute, exponent),
    rank: description.outer.rank,
    split: 'b',
    name: `${layer.module}.weight`,
  };
  const key = cache?.keyOf(input, decomposition);
  const found = key === undefined ? undefined : cache?.read(key, input);
  const { a, b } = found ?? (await decompose[decomposition](input));
  if (key !== undefined && !found) cache?.write(key, input, { a, b });
  return new Map([
    ['lora_A', a],
    ['lora_B', b],
  ]);
};

/**
 * An adapter's starting numbers. Factors that no decomposition gives are drawn so that the delta is zero at the start: those
 * right of the cut Kaiming-uniform (as PEFT's A), those left of it zero. Each matrix has a random stream of its own, so the
 * numbers depend on the seed and the place alone.
 */
export const initialiseAdapter = async (options: InitialisationOptions): Promise<FactorValues> => {
  const { description, layers, seed, threads, onLayer } = options;
  const { initialisation } = description.outer;
  const decomposed: OuterFactors[] = [];
  let done = 0;
  await concurrently(layers, threads ?? 2, async (layer, index) => {
    decomposed[index] =
      initialisation.kind === 'awsvd' ? await outerFromAwsvd(options, initialisation, layer) : new Map();
    await onLayer?.(++done);
  });

  const values = new Map<string, Float32Array>();
  let stream = 0;
  for (const [index, layer] of layers.entries()) {
    const chain = factorChain(description, layer);
    for (const factor of allFactors(chain)) {
      const { name, rows, columns } = factor;
      const random = createRandom(seed, stream++);
      const drawn = (): Float32Array =>
        chain.right.includes(factor)
          ? kaimingUniform(rows, columns, random)
          : new Float32Array(rows * columns);
      values.set(factorKey(layer.module, factor), decomposed[index]!.get(name) ?? drawn());
    }
  }
  return values;
};

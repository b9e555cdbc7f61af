import type { AdapterDescription } from '../adapters/adapter-description.ts';
import { allFactors, factorChain, factorKey, type Factor, type FactorValues } from '../adapters/factors.ts';
import { readWeight } from '../formats/model-folder.ts';
import type { LinearLayer } from '../models/architecture.ts';
import type { Model } from '../models/model.ts';
import { createRandom } from '../random.ts';
import { activationScale, awsvd } from './awsvd.ts';
import type { ActivationStatistics } from './calibration.ts';
import { kaimingUniform } from './kaiming.ts';

export interface InitialisationOptions {
  readonly model: Model;
  readonly description: AdapterDescription;
  readonly layers: readonly LinearLayer[];
  readonly seed: number;
  /** Needed for AwSVD only. */
  readonly statistics?: ActivationStatistics;
  readonly onLayer?: (done: number) => Promise<void> | void;
}

/** The outer pair from the activation-aware SVD of the layer's weight: B = U Sigma, A = V^T S^-1. */
const outerFromAwsvd = (
  options: InitialisationOptions,
  exponent: number,
  layer: LinearLayer,
): Map<Factor['name'], Float32Array> => {
  const { model, description, statistics } = options;
  const meanAbsolute = statistics?.get(layer.module);
  if (!meanAbsolute) throw new Error(`no activation statistics for ${layer.module}`);
  const { a, b } = awsvd({
    weight: readWeight(model.folder, `${layer.module}.weight`),
    outFeatures: layer.outFeatures,
    inFeatures: layer.inFeatures,
    scale: activationScale(meanAbsolute, exponent),
    rank: description.outer.rank,
    split: 'b',
    name: `${layer.module}.weight`,
  });
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
  const { description, layers, seed, onLayer } = options;
  const { initialisation } = description.outer;
  const values = new Map<string, Float32Array>();
  let stream = 0;
  for (const [index, layer] of layers.entries()) {
    const decomposed =
      initialisation.kind === 'awsvd'
        ? outerFromAwsvd(options, initialisation.exponent, layer)
        : new Map<string, Float32Array>();
    const chain = factorChain(description, layer);
    for (const factor of allFactors(chain)) {
      const { name, rows, columns } = factor;
      const random = createRandom(seed, stream++);
      const drawn = (): Float32Array =>
        chain.right.includes(factor)
          ? kaimingUniform(rows, columns, random)
          : new Float32Array(rows * columns);
      values.set(factorKey(layer.module, factor), decomposed.get(name) ?? drawn());
    }
    await onLayer?.(index + 1);
  }
  return values;
};

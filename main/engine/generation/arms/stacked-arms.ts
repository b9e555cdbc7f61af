import { foldLayer, type FoldedLayer } from '../../adapters/layer/fold.ts';
import type { LinearLayer } from '../../models/architecture.ts';
import type { GenerationArm } from '../generator.ts';

/**
 * The adapters of several arms at one layer as one pair of matrices: ranks of all arms side by side. A row of tokens is multiplied by the ranks of
 * its own arm and by zero for those of others, so that rows of all arms go through one product, whatever their ranks.
 */
export interface StackedLayer {
  readonly layer: LinearLayer;
  /** Ranks of each arm, in their order; 0 where it has nothing here. */
  readonly ranks: readonly number[];
  /** (sum of ranks x inFeatures) */
  readonly right: Float32Array;
  /** (outFeatures x sum of ranks), scaling and all. */
  readonly left: Float32Array;
  /** Lengths that each arm brings the rows of W + delta to, where one does. */
  readonly magnitudes: readonly (Float32Array | undefined)[];
}

/** Folds the adapters once: what they are made of does not change while text is generated. */
export const stackArms = (arms: readonly GenerationArm[]): Map<string, StackedLayer> => {
  const byModule = new Map<string, (FoldedLayer<LinearLayer> | undefined)[]>();
  arms.forEach((arm, index) => {
    for (const layer of arm?.layers ?? []) {
      const folded = byModule.get(layer.module) ?? arms.map(() => undefined);
      folded[index] = foldLayer(arm!.description, layer, arm!.values);
      byModule.set(layer.module, folded);
    }
  });
  return new Map([...byModule].map(([module, folded]) => [module, stack(folded)]));
};

const stack = (folded: readonly (FoldedLayer<LinearLayer> | undefined)[]): StackedLayer => {
  const { layer } = folded.find((one) => one !== undefined)!;
  const ranks = folded.map((one) => one?.rank ?? 0);
  const total = ranks.reduce((a, b) => a + b, 0);
  const right = new Float32Array(total * layer.inFeatures);
  const left = new Float32Array(layer.outFeatures * total);
  let start = 0;
  for (const one of folded) {
    if (!one) continue;
    right.set(one.loraA, start * layer.inFeatures);
    for (let output = 0; output < layer.outFeatures; output++)
      left.set(one.loraB.subarray(output * one.rank, (output + 1) * one.rank), output * total + start);
    start += one.rank;
  }
  return { layer, ranks, right, left, magnitudes: folded.map((one) => one?.magnitude) };
};

/** 1 at the ranks of a token's arm and 0 at those of others, (tokens x sum of ranks). */
export const rankSelection = (ranks: readonly number[], armOfToken: readonly number[]): Float32Array => {
  const total = ranks.reduce((a, b) => a + b, 0);
  const starts = ranks.map((_, arm) => ranks.slice(0, arm).reduce((a, b) => a + b, 0));
  const selection = new Float32Array(armOfToken.length * total);
  armOfToken.forEach((arm, token) => {
    const start = token * total + starts[arm]!;
    selection.fill(1, start, start + ranks[arm]!);
  });
  return selection;
};

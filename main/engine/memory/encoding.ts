import { createGraphBuilder } from '../graph/create-graph-builder.ts';
import { buildForward, type Model } from '../models/model.ts';
import { diffusionOf } from '../models/diffusion-model.ts';
import type { DrawnSize } from '../objectives/objective.ts';
import { arenaBytes, mappedBytes, processPerNode } from './estimate.ts';
import { planRun } from './plan-run.ts';

export interface EncodingMemory {
  readonly weights: number;
  readonly activations: number;
  readonly total: number;
}

/**
 * What a part of a model takes that runs by itself: the encoder of pictures.
 * @param places of its largest latent
 */
export const encodingMemory = (part: Model, drawn: DrawnSize, places: number): EncodingMemory => {
  const g = createGraphBuilder();
  const { hidden } = buildForward(g, part, { positions: places });
  const graph = g.build({ hidden });
  const { granularity } = diffusionOf(part.architecture).latent;
  const extents = {
    images: drawn.images,
    rows: granularity * drawn.rows,
    columns: granularity * drawn.columns,
    tokens: drawn.tokens,
  };
  const weights = mappedBytes(graph);
  const activations = arenaBytes(planRun(graph, extents));
  return { weights, activations, total: weights + activations + processPerNode * graph.nodes.length };
};

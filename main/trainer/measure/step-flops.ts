import type { Batch } from '../../engine/data/batches/batch.ts';
import { matmulFlops } from '../../engine/graph/flops.ts';
import { extentsOf } from '../../engine/graph/input-extents.ts';
import { objectiveOf } from '../../engine/objectives/index.ts';
import { foldGraph, pullbackGraph } from '../../engine/train/model/fold-graphs.ts';
import { gradientGraph, type GradientOptions } from '../../engine/train/model/loss-graph.ts';
import { trainedLayout, type TrainedModel } from '../../engine/train/model/trained-model.ts';

/** Operations in the matrix products of a step's graphs: forward, backward, what is computed again, and the adapter's folding both ways. */
export const stepFlops = (trained: TrainedModel, batch: Batch, options: GradientOptions): number => {
  const layout = trainedLayout(trained);
  const { architecture } = trained.model;
  const { labels } = options;
  const feeds = objectiveOf(architecture).feeds(batch, { labels, outputs: architecture.outputs });
  const gradient = gradientGraph(trained, options);
  const extents = extentsOf(gradient.inputs, (name) => feeds[name]?.shape);
  return (
    matmulFlops(gradient, extents) +
    matmulFlops(foldGraph(trained, layout), {}) +
    matmulFlops(pullbackGraph(trained, layout, { accumulate: false }), {})
  );
};

import type { MemoryMode } from '../autodiff/memory-mode.ts';
import type { Extents } from '../graph/dimension.ts';
import type { Graph } from '../graph/graph.ts';
import { objectiveOf } from '../objectives/index.ts';
import { comparisonGraph } from '../train/model/comparison-graphs.ts';
import { comparedGraph, gradientGraph, type BatchLimits } from '../train/model/loss-graph.ts';
import { besideTexts, embeddingsOf, textsAlone } from '../train/model/shared-texts.ts';
import type { TrainedModel } from '../train/model/trained-model.ts';
import { encodesTextsOnce } from '../train/step/base-step.ts';

/** A graph with a session of its own, and how large what it takes gets. */
export interface SizedGraph {
  readonly graph: Graph;
  readonly extents: Extents;
}

/** All that a step runs of the base model: first the gradient of a micro-batch. As `createBaseStep` compiles them. */
export const stepGraphs = (
  trained: TrainedModel,
  {
    memory,
    microBatches,
    extents,
    ...limits
  }: BatchLimits & {
    readonly memory: MemoryMode;
    readonly microBatches: number;
    /** Of a micro-batch. */
    readonly extents: Extents;
  },
): readonly [SizedGraph, ...SizedGraph[]] => {
  const { model } = trained;
  const { splits, comparison } = objectiveOf(model.architecture);
  const accumulates = microBatches > 1;
  const sized = (graph: Graph): SizedGraph => ({ graph, extents });
  if (accumulates && !splits && comparison !== undefined) {
    const compared = comparedGraph(trained, limits, comparison);
    const ofStep = Object.values(comparison.extents).map((name): [string, number] => [
      name,
      (extents[name] ?? 1) * microBatches,
    ]);
    return [
      sized(gradientGraph(trained, { ...limits, memory, comparison })),
      sized(compared),
      {
        graph: comparisonGraph(comparison, compared),
        extents: { ...extents, ...Object.fromEntries(ofStep) },
      },
    ];
  }
  if (encodesTextsOnce({ model, accumulates })) {
    const alone = textsAlone(trained);
    return [
      sized(gradientGraph(besideTexts(trained), { ...limits, memory })),
      sized(comparedGraph(alone, limits, embeddingsOf)),
      sized(gradientGraph(alone, { ...limits, memory, comparison: embeddingsOf })),
    ];
  }
  return [sized(gradientGraph(trained, { ...limits, memory }))];
};

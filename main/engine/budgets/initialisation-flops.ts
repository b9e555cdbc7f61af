import type { AdapterDescription } from '../adapters/description/adapter-description.ts';
import { outerRank } from '../adapters/layer/layer-adapter.ts';
import { selectTargets } from '../adapters/layer/target-modules.ts';
import { describeAdapter, type AdapterSettings } from '../adapters/settings/adapter-settings.ts';
import { extentOf } from '../graph/dimension.ts';
import { matmulFlops } from '../graph/flops.ts';
import { calibrationGraph, type CalibrationGraph, type StatisticOutput } from '../init/calibration-graph.ts';
import { groupsOf } from '../init/initialise-adapter.ts';
import { calibrationOf } from '../init/outer-parts.ts';
import type { StatisticName } from '../init/statistics.ts';
import type { LinearLayer } from '../models/architecture.ts';
import type { Model } from '../models/model.ts';
import { objectiveOf } from '../objectives/index.ts';
import { layerDecompositionFlops, sharedDecompositionFlops } from './decomposition-flops.ts';
import { remembered } from './remembered.ts';
import { countOfFullBatch, type BatchSettings } from './step-flops.ts';

/** What statistics that are squares of the inputs cost for each of a batch's rows: x x^T, or reflections of rows into a triangle. */
const perRow: Partial<Record<StatisticName, (width: number) => number>> = {
  'second-moment': (width) => 2 * width ** 2,
  triangle: (width) => 2 * width ** 2,
};

/** Outputs of the graph, each once: layers that share an input share them. */
const distinct = (outputs: readonly StatisticOutput[]): StatisticOutput[] => [
  ...new Map(outputs.map((one) => [one.output, one])).values(),
];

interface GroupCost {
  readonly flops: number;
  /** Layers by the input that they have in common. */
  readonly inputs: readonly (readonly LinearLayer[])[];
}

const calibrationOfGroup = (
  model: Model,
  description: AdapterDescription,
  layers: readonly LinearLayer[],
  settings: BatchSettings,
): GroupCost => {
  const { statistics, batches } = calibrationOf(description);
  if (batches === 0) return { flops: 0, inputs: layers.map((layer) => [layer]) };
  const positions = settings.sequenceLength;
  const graphFor = (labels: number): CalibrationGraph =>
    calibrationGraph(model, { layers, statistics, positions, labels });
  const { outputs } = graphFor(1);
  const { weightedRows } = objectiveOf(model.architecture);
  const count = countOfFullBatch(
    model,
    settings,
    ({ labels, extents }) =>
      matmulFlops(graphFor(labels).graph, extents) +
      distinct(outputs).reduce((sum, { statistic, width, rows }) => {
        const ofRow = perRow[statistic]?.(width) ?? 0;
        return ofRow === 0 ? sum : sum + extentOf(rows ?? weightedRows, extents) * ofRow;
      }, 0),
  );
  const byModule = new Map(layers.map((layer) => [layer.module, layer]));
  const byInput = new Map<string, LinearLayer[]>();
  for (const { module, output, statistic } of outputs)
    if (statistic === statistics[0])
      byInput.set(output, [...(byInput.get(output) ?? []), byModule.get(module) as LinearLayer]);
  return { flops: batches * count, inputs: [...byInput.values()] };
};

/**
 * Operations before the first step: calibration's passes over the model (one for each group of layers whose statistics fit in memory at
 * once), and the decompositions. Nothing where all factors are drawn. What the cache has already is counted too: it was paid for once.
 */
export const initialisationFlopCount = (
  model: Model,
  settings: AdapterSettings,
  training: BatchSettings,
): number => {
  const description = describeAdapter(settings);
  const { source } = description.outer.initialisation;
  if (source === null) return 0;
  const layers = selectTargets(model.targetLayers, settings);
  const sizeOf = (layer: LinearLayer) => ({ ...layer, rank: outerRank(description.outer, layer) });
  return groupsOf({ description, layers })
    .map((group) => {
      const { batchSize, sequenceLength, drawn } = training;
      const key = ['calibration', calibrationOf(description), group.map(({ module }) => module)];
      return remembered(model, [...key, batchSize, sequenceLength, drawn], () =>
        calibrationOfGroup(model, description, group, training),
      );
    })
    .reduce((sum, { flops, inputs }) => {
      const shared = inputs.reduce((all, [first, ...others]) => {
        const rank = Math.max(...[first!, ...others].map((layer) => sizeOf(layer).rank));
        return all + sharedDecompositionFlops(source, first!.inFeatures, rank);
      }, 0);
      const own = inputs
        .flat()
        .reduce((all, layer) => all + layerDecompositionFlops(source, sizeOf(layer)), 0);
      return sum + flops + shared + own;
    }, 0);
};

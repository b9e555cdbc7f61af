import type { AdapterState, TrainedModel } from '../train/model/trained-model.ts';
import { describeAdapter, type AdapterSettings } from '../adapters/settings/adapter-settings.ts';
import { allFactors, factorKey, factorShape, layerAdapter } from '../adapters/layer/layer-adapter.ts';
import { selectTargets, selectWeights } from '../adapters/layer/target-modules.ts';
import type { TensorLocation } from '../formats/safetensors-reader.ts';
import { matmulFlops } from '../graph/flops.ts';
import type { Extents } from '../graph/dimension.ts';
import type { LinearLayer } from '../models/architecture.ts';
import type { Model } from '../models/model.ts';
import { objectiveOf } from '../objectives/index.ts';
import type { DrawnSize } from '../objectives/objective.ts';
import { foldGraph, pullbackGraph } from '../train/model/fold-graphs.ts';
import { gradientGraph } from '../train/model/loss-graph.ts';
import { trainedLayout } from '../train/model/trained-model.ts';
import { remembered, shapeKey } from './remembered.ts';
import type { TrainingSettings } from '../train/settings/training-settings.ts';

/** The training settings that the operations of a step depend on. */
export interface StepSettings extends Pick<
  TrainingSettings,
  'batchSize' | 'gradientAccumulation' | 'sequenceLength' | 'memory'
> {
  /** How large the batches are of a model that draws pictures. */
  readonly drawn?: DrawnSize;
}

/** All that the size of a batch follows from. */
export type BatchSettings = Pick<StepSettings, 'batchSize' | 'sequenceLength' | 'drawn'>;

interface BatchExtents {
  readonly labels: number;
  readonly extents: Extents;
}

/** How large a batch gets, with every row as long as it may be, where so many rows are scored. */
const batchExtents = ({ architecture }: Model, size: BatchSettings, labels: number): BatchExtents => ({
  labels,
  extents: objectiveOf(architecture).extents(size, { labels, outputs: architecture.outputs }),
});

/**
 * Something that is counted of a batch in which every position is scored. A graph has a part for each chunk of scored rows, more of them
 * than can be built for batches that no machine could take; each scored row costs the same, so those are counted from two smaller graphs.
 */
export const countOfFullBatch = (
  model: Model,
  size: BatchSettings,
  count: (batch: BatchExtents) => number,
): number => {
  const { architecture } = model;
  const objective = objectiveOf(architecture);
  const labels = objective.labelsAtMost(size);
  const few = objective.labelsToEstimate(size, architecture);
  const whole = count(batchExtents(model, size, few));
  if (few >= labels) return whole;
  const half = Math.floor(few / 2);
  const perLabel = (whole - count(batchExtents(model, size, half))) / (few - half);
  return whole + (labels - few) * perLabel;
};

/** Frozen factors stand in a file that the run will write: shapes are all that is looked at. */
const filesToCome = (
  layers: readonly LinearLayer[],
  description: AdapterState['description'],
): ReadonlyMap<string, TensorLocation> =>
  new Map(
    layers.flatMap((layer) =>
      allFactors(layerAdapter(description, layer))
        .filter(({ trained }) => !trained)
        .map((factor): [string, TensorLocation] => {
          const shape = [...factorShape(factor)];
          const length = 4 * shape.reduce((a, b) => a * b, 1);
          return [factorKey(layer.module, factor), { file: '', offset: 0, dtype: 'F32', shape, length }];
        }),
    ),
  );

/** An adapter on a model as far as shapes go. */
const describedTraining = (model: Model, settings: AdapterSettings): TrainedModel => {
  const description = describeAdapter(settings);
  const layers = selectTargets(model.targetLayers, settings);
  return {
    model,
    adapter: {
      description,
      layers,
      values: { get: () => new Float32Array() },
      files: filesToCome(layers, description),
    },
    trainedWeights: selectWeights(model.weightShapes.keys(), settings),
  };
};

/**
 * Operations in the matrix products of an optimizer step, at most: forward, backward, what a low memory mode computes again, for each
 * micro-batch; and once a step the adapter's folding both ways. Rows shorter than `sequenceLength` take fewer.
 */
export const stepFlopCount = (model: Model, settings: AdapterSettings, training: StepSettings): number => {
  const { batchSize, gradientAccumulation, sequenceLength, memory, drawn } = training;
  const size = [batchSize, gradientAccumulation, sequenceLength, memory, drawn];
  return remembered(model, ['step', shapeKey(settings), size], () => countStep(model, settings, training));
};

const countStep = (model: Model, settings: AdapterSettings, training: StepSettings): number => {
  const { gradientAccumulation, sequenceLength, memory } = training;
  const trained = describedTraining(model, settings);
  const layout = trainedLayout(trained);
  const microBatch = countOfFullBatch(model, training, ({ labels, extents }) =>
    matmulFlops(gradientGraph(trained, { positions: sequenceLength, labels, memory }), extents),
  );
  return (
    gradientAccumulation * microBatch +
    matmulFlops(foldGraph(trained, layout), {}) +
    matmulFlops(pullbackGraph(trained, layout, { accumulate: false }), {})
  );
};

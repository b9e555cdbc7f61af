import { foldLayer, mergeLayer } from '../../../main/engine/adapters/layer/fold.ts';
import { selectTargets } from '../../../main/engine/adapters/layer/target-modules.ts';
import {
  bfloat16ToFloat32,
  float16ToFloat32,
  float32ToBfloat16,
  float32ToFloat16,
} from '../../../main/engine/formats/float-conversion.ts';
import { readLayerWeight, storedLayerWeight } from '../../../main/engine/models/weights/model-weights.ts';
import type { Model } from '../../../main/engine/models/model.ts';
import { packParameters } from '../../../main/engine/optim/parameter-layout.ts';
import { createSession } from '../../../main/engine/runtime/session.ts';
import { vectorTensor } from '../../../main/engine/train/batch/tensors.ts';
import { logitsGraph } from '../../../main/engine/train/model/loss-graph.ts';
import {
  initialParameters,
  trainedLayout,
  type TrainedModel,
} from '../../../main/engine/train/model/trained-model.ts';
import { movedAdapter, startedAdapter } from '../../support/moved-adapter.ts';
import type { MergeCase } from './merge-cases.ts';
import { createRandom } from '../../../main/engine/random.ts';
import type { Batch } from '../../../main/engine/data/batches/batch.ts';
import { objectiveOf } from '../../../main/engine/objectives/index.ts';

const threads = 2;

/** What merging does to the logits: largest absolute differences from base + adapter, and how far the adapter moved them. */
export interface MergeErrors {
  /** In float32: rounding of another order of operations. */
  readonly merged: number;
  /** With the merged weights rounded to bfloat16 and to float16. */
  readonly bf16: number;
  readonly f16: number;
  /** Of the adapter, from the base. */
  readonly moved: number;
  /** With each trained number moved by half a unit in its last place at most, the worst of four times: of what no float32 computation is sure. */
  readonly unsure: number;
}

/** Each number moved at random, by half a unit in its last place at most. */
const shaken = (numbers: Float32Array, seed: number): Float32Array => {
  const random = createRandom(seed);
  return numbers.map((value) => value * (1 + (random.uniform() - 0.5) * 2 ** -23));
};

const rounded = {
  bf16: (weight: Float32Array): Float32Array => bfloat16ToFloat32(float32ToBfloat16(weight)),
  f16: (weight: Float32Array): Float32Array => float16ToFloat32(float32ToFloat16(weight)),
};

/** What merged weights are tried on: rows of random tokens, nothing masked, or pictures of noise beside them. */
export const randomPrompts = ({ architecture }: Model, seed: number): Batch =>
  objectiveOf(architecture).randomBatch({
    ...architecture,
    outputs: Math.max(architecture.outputs, 2),
    batchSize: 3,
    sequenceLength: 11,
    labels: null,
    seed,
  });

type Logits = (parameters: Float32Array) => Promise<Float32Array>;

/** A session of the model's logits, as a function of what is trained. */
const openLogits = async (trained: TrainedModel, prompts: Batch): Promise<[Logits, () => Promise<void>]> => {
  const layout = trainedLayout(trained);
  const session = await createSession(logitsGraph(trained, layout, prompts.sequence), { threads });
  const { feeds } = objectiveOf(trained.model.architecture).scored;
  const logits: Logits = async (parameters) => {
    const outputs = await session.run({
      ...feeds(prompts),
      parameters: vectorTensor(parameters),
    });
    return Float32Array.from(outputs['logits']!.data as Float32Array);
  };
  return [logits, () => session.release()];
};

const unsureOf = async (logitsOf: Logits, parameters: Float32Array, exact: Float32Array): Promise<number> => {
  let worst = 0;
  for (const seed of [1, 2, 3, 4])
    worst = Math.max(worst, largestDifference(await logitsOf(shaken(parameters, seed)), exact));
  return worst;
};

const largestDifference = (a: Float32Array, b: Float32Array): number =>
  a.reduce((worst, value, at) => Math.max(worst, Math.abs(value - b[at]!)), 0);

/**
 * Measures every case on one model: base + adapter against the same graph without an adapter and with merged weights, on random
 * prompts. @param batches for calibration
 */
export const measureMerges = async (
  model: Model,
  batches: readonly Batch[],
  cases: readonly MergeCase[],
): Promise<Map<string, MergeErrors>> => {
  const prompts = randomPrompts(model, 9);
  const layers = selectTargets(model.targetLayers, cases[0]!.settings);
  const names = layers.map(({ module }) => `${module}.weight`);
  const merged: TrainedModel = { model, adapter: null, trainedWeights: names };
  const layout = trainedLayout(merged);
  const [logitsOf, release] = await openLogits(merged, prompts);
  const base = await logitsOf(initialParameters(merged, layout));
  const errors = new Map<string, MergeErrors>();
  for (const one of cases) {
    const start = await startedAdapter(model, batches, one.settings, layers);
    const { moved, parameters } = movedAdapter(start);
    const { adapter } = moved;
    const [adapted, releaseAdapted] = await openLogits({ model, adapter, trainedWeights: [] }, prompts);
    const unmerged = await adapted(parameters);
    const unsure = await unsureOf(adapted, parameters, unmerged);
    await releaseAdapted();
    const weights = new Map<string, Float32Array>(
      layers.map((layer) => {
        const folded = foldLayer(adapter.description, layer, adapter.values);
        const weight = storedLayerWeight(layer, mergeLayer(folded, readLayerWeight(model, layer)));
        return [`${layer.module}.weight`, weight] as const;
      }),
    );
    const errorWith = async (round: (weight: Float32Array) => Float32Array): Promise<number> => {
      const packed = packParameters(layout, (name) => round(weights.get(name) as Float32Array));
      return largestDifference(await logitsOf(packed), unmerged);
    };
    errors.set(one.name, {
      merged: await errorWith((weight) => weight),
      bf16: await errorWith(rounded.bf16),
      f16: await errorWith(rounded.f16),
      moved: largestDifference(unmerged, base),
      unsure,
    });
  }
  await release();
  return errors;
};

import { describeAdapter } from '../../../main/engine/adapters/adapter-settings.ts';
import { foldLayer, mergeLayer } from '../../../main/engine/adapters/fold.ts';
import { selectTargets } from '../../../main/engine/adapters/target-modules.ts';
import type { Batch } from '../../../main/engine/data/batches.ts';
import {
  bfloat16ToFloat32,
  float16ToFloat32,
  float32ToBfloat16,
  float32ToFloat16,
} from '../../../main/engine/formats/float-conversion.ts';
import { calibrate } from '../../../main/engine/init/calibration.ts';
import { initialiseAdapter } from '../../../main/engine/init/initialise-adapter.ts';
import { calibrationOf } from '../../../main/engine/init/outer-pair.ts';
import type { LinearLayer } from '../../../main/engine/models/architecture.ts';
import { readLayerWeight, storedLayerWeight } from '../../../main/engine/models/model-weights.ts';
import type { Model } from '../../../main/engine/models/model.ts';
import { packParameters, unpackParameters } from '../../../main/engine/optim/parameter-layout.ts';
import { createRandom } from '../../../main/engine/random.ts';
import { createSession } from '../../../main/engine/runtime/session.ts';
import { firstTokens, tokenTensors, vectorTensor } from '../../../main/engine/train/batch-inputs.ts';
import { logitsGraph } from '../../../main/engine/train/loss-graph.ts';
import {
  initialParameters,
  trainedLayout,
  type AdapterState,
  type TrainedModel,
} from '../../../main/engine/train/trained-model.ts';
import type { MergeCase } from './merge-cases.ts';

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
}

const rounded = {
  bf16: (weight: Float32Array): Float32Array => bfloat16ToFloat32(float32ToBfloat16(weight)),
  f16: (weight: Float32Array): Float32Array => float16ToFloat32(float32ToFloat16(weight)),
};

/** Rows of random tokens, nothing masked. */
export const randomPrompts = ({ architecture }: Model, seed: number, batch = 3, sequence = 11): Batch => {
  const random = createRandom(seed);
  const size = batch * sequence;
  return {
    inputIds: BigInt64Array.from({ length: size }, () => BigInt(random.integer(architecture.vocabularySize))),
    attentionMask: new BigInt64Array(size).fill(1n),
    positionIds: BigInt64Array.from({ length: size }, (_, at) => BigInt(at % sequence)),
    segmentIds: new BigInt64Array(size),
    tokenTypes: new BigInt64Array(size),
    labelRows: new BigInt64Array(0),
    labelTargets: new BigInt64Array(0),
    batch,
    sequence,
    tokens: size,
  };
};

type Logits = (parameters: Float32Array) => Promise<Float32Array>;

/** A session of the model's logits, as a function of what is trained. */
const openLogits = async (trained: TrainedModel, prompts: Batch): Promise<[Logits, () => Promise<void>]> => {
  const layout = trainedLayout(trained);
  const session = await createSession(logitsGraph(trained, layout, prompts.sequence), { threads });
  const isClassifier = trained.model.architecture.task === 'sequence-classification';
  const logits: Logits = async (parameters) => {
    const outputs = await session.run({
      ...tokenTensors(prompts),
      ...(isClassifier ? firstTokens(prompts) : {}),
      parameters: vectorTensor(parameters),
    });
    return Float32Array.from(outputs['logits']!.data as Float32Array);
  };
  return [logits, () => session.release()];
};

const largestDifference = (a: Float32Array, b: Float32Array): number =>
  a.reduce((worst, value, at) => Math.max(worst, Math.abs(value - b[at]!)), 0);

/** The adapter as it starts, and after a change to each of its trained numbers. */
const movedAdapter = async (
  model: Model,
  batches: readonly Batch[],
  layers: readonly LinearLayer[],
  { settings }: MergeCase,
): Promise<{ adapter: AdapterState; parameters: Float32Array }> => {
  const description = describeAdapter(settings);
  const values = await initialiseAdapter({
    model,
    description,
    layers,
    seed: 3,
    calibrate: (group) =>
      calibrate({
        model,
        layers: group,
        batches,
        positions: Math.max(...batches.map(({ sequence }) => sequence)),
        statistics: calibrationOf(description).statistics,
        threads,
      }),
  });
  const start: TrainedModel = { model, adapter: { description, layers, values }, trainedWeights: [] };
  const layout = trainedLayout(start);
  const random = createRandom(4);
  const parameters = initialParameters(start, layout).map((value) => value + 0.02 * random.normal());
  const changed = unpackParameters(layout, parameters);
  const after = { get: (key: string) => changed.get(key) ?? values.get(key) };
  return { adapter: { description, layers, values: after }, parameters };
};

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
    const { adapter, parameters } = await movedAdapter(model, batches, layers, one);
    const [adapted, releaseAdapted] = await openLogits({ model, adapter, trainedWeights: [] }, prompts);
    const unmerged = await adapted(parameters);
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
    });
  }
  await release();
  return errors;
};

import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readAdapter, writeAdapter } from '../../../main/engine/adapters/folder/adapter-folder.ts';
import { foldLayer, mergeLayer } from '../../../main/engine/adapters/layer/fold.ts';
import { layerAdapter, startsAtBase } from '../../../main/engine/adapters/layer/layer-adapter.ts';
import { selectTargets } from '../../../main/engine/adapters/layer/target-modules.ts';
import { methods } from '../../../main/engine/adapters/methods/index.ts';
import {
  adapterSettingsSchema,
  describeAdapter,
  type AdapterMethod,
} from '../../../main/engine/adapters/settings/adapter-settings.ts';
import { createGraphBuilder } from '../../../main/engine/graph/create-graph-builder.ts';
import { calibrate } from '../../../main/engine/init/calibration.ts';
import { completeAdapter } from '../../../main/engine/init/complete-adapter.ts';
import { weightName } from '../../../main/engine/models/architecture.ts';
import { buildForward } from '../../../main/engine/models/model.ts';
import { readLayerWeight } from '../../../main/engine/models/weights/model-weights.ts';
import { noise as objective } from '../../../main/engine/objectives/noise.ts';
import { peftContents, readPeft, writePeft } from '../../../main/engine/peft/index.ts';
import { createSession } from '../../../main/engine/runtime/session.ts';
import { createNoise, noiseTensors } from '../../../main/engine/train/batch/noise.ts';
import { vectorTensor } from '../../../main/engine/train/batch/tensors.ts';
import { logitsGraph } from '../../../main/engine/train/model/loss-graph.ts';
import {
  initialParameters,
  trainedLayout,
  type TrainedModel,
} from '../../../main/engine/train/model/trained-model.ts';
import { createTrainer } from '../../../main/engine/train/trainer.ts';
import { readRun } from '../../numeric/golden/golden-run.ts';
import { movedAdapter, startedAdapter, type AdaptedModel } from '../../support/moved-adapter.ts';

/** Every method on convolutions, by a kernel of three, by steps of two, and of single pixels, beside a linear layer. */
const { model, batches } = readRun(join(import.meta.dirname, '../../numeric/fixtures/sd15'));
const batch = batches[0]!;
const base = { model, adapter: null, trainedWeights: [] };
const temporary = mkdtempSync(join(tmpdir(), 'nora-convolutions-'));
const targetModules = ['mid_block.resnets.0.conv1', 'downsamplers.0.conv', 'proj_in', 'attn1.to_v'];
const small = { rank: 4, alpha: 8, targetRank: 3, outerRank: 6, innerRank: 2, targetModules };
const settingsOf = (method: AdapterMethod, more: Readonly<Record<string, unknown>> = {}) => {
  const { shape } = methods[method].schema;
  const own = Object.entries(small).filter(([name]) => name in shape);
  return adapterSettingsSchema.parse({ method, ...Object.fromEntries(own), ...more });
};
const onLayers = (Object.keys(methods) as AdapterMethod[]).filter((method) => method !== 'full');

const predictionOf = async (trained: TrainedModel): Promise<Float32Array> => {
  const layout = trainedLayout(trained);
  const session = await createSession(logitsGraph(trained, layout, 96), { threads: 1 });
  const packed = layout.total === 0 ? {} : { parameters: vectorTensor(initialParameters(trained, layout)) };
  const { logits } = await session.run({ ...objective.scored.feeds(batch), ...packed });
  await session.release();
  return logits!.data as Float32Array;
};

/** Of the base with other weights in some layers. */
const predictionWith = async (weights: ReadonlyMap<string, Float32Array>): Promise<Float32Array> => {
  const g = createGraphBuilder();
  const { hidden } = buildForward(g, model, {
    positions: 96,
    weight: (name, shape) => {
      const data = weights.get(name);
      return data && g.constant(name, shape, data);
    },
  });
  const session = await createSession(g.build({ hidden }), { threads: 1 });
  const { hidden: found } = await session.run(objective.scored.feeds(batch));
  await session.release();
  return found!.data as Float32Array;
};

const largestDifference = (a: Float32Array, b: Float32Array): number =>
  a.reduce((most, value, at) => Math.max(most, Math.abs(value - b[at]!)), 0);

describe.each(onLayers)('%s', (method) => {
  const settings = settingsOf(method);
  const description = describeAdapter(settings);
  const layers = selectTargets(model.targetLayers, settings);
  let start: AdaptedModel;
  let moved: AdaptedModel;
  let prediction: Float32Array;

  beforeAll(async () => {
    start = await startedAdapter(model, batches, settings);
    ({ moved } = movedAdapter(start));
    prediction = await predictionOf(moved);
  });

  it('starts at the base model where it says so', async () => {
    if (!layers.every((layer) => startsAtBase(layerAdapter(description, layer)))) return;
    expect(largestDifference(await predictionOf(start), await predictionOf(base))).toBeLessThan(2e-5);
  });

  it('is the same merged as unmerged', async () => {
    const merged = new Map(
      layers.map((layer) => [
        weightName(layer),
        mergeLayer(foldLayer(description, layer, moved.adapter.values), readLayerWeight(model, layer)),
      ]),
    );
    expect(largestDifference(await predictionWith(merged), prediction)).toBeLessThan(5e-5);
    expect(largestDifference(prediction, await predictionOf(base))).toBeGreaterThan(1e-4);
  });

  it("comes back from its folder, and from PEFT's form, bit for bit or nearly", async () => {
    const saved = join(mkdtempSync(join(temporary, 'saved-')), 'adapter');
    await writeAdapter(saved, { settings, layers, weights: [], values: moved.adapter.values });
    const read = readAdapter(saved);
    expect(read.layers).toEqual(layers);
    const again = { ...moved, adapter: { description, layers: read.layers, values: read.values } };
    expect(await predictionOf(again)).toEqual(prediction);
    const adapter = { settings, layers, weights: [], values: moved.adapter.values };
    const written = join(mkdtempSync(join(temporary, 'peft-')), 'adapter');
    await writePeft(written, { adapter, model, baseModel: null, residual: 'in-adapter' });
    const peft = readPeft(written, model.targetLayers);
    const values = await completeAdapter(model, peft);
    const imported = { description: describeAdapter(peft.settings), layers: peft.layers, values };
    expect(largestDifference(await predictionOf({ ...moved, adapter: imported }), prediction)).toBeLessThan(
      5e-5,
    );
  });
});

it("has PEFT's shapes of a convolution: kernels, and lengths along the outputs", async () => {
  const settings = settingsOf('dora');
  const layers = selectTargets(model.targetLayers, settings);
  const { adapter } = await startedAdapter(model, batches, settings);
  const { config, tensors } = peftContents({
    adapter: { settings, layers, weights: [], values: adapter.values },
    ...{ model, baseModel: null, residual: 'in-adapter' },
  });
  expect(config['peft_type']).toBe('LORA');
  const shapes = Object.fromEntries(tensors.map(({ name, shape }) => [name, [...shape]]));
  const module = 'base_model.model.unet.down_blocks.0.downsamplers.0.conv';
  expect(shapes).toMatchObject({
    [`${module}.lora_A.weight`]: [4, 8, 3, 3],
    [`${module}.lora_B.weight`]: [8, 4, 1, 1],
    [`${module}.lora_magnitude_vector`]: [1, 8, 1, 1],
  });
});

it('are targets by their names alone', () => {
  const chosen = selectTargets(model.targetLayers, settingsOf('lora', { targetModules: 'all-linear' }));
  expect(chosen.some(({ kernel }) => kernel !== undefined)).toBe(false);
  expect(chosen.length).toBeGreaterThan(20);
});

it('calibrate on the patches under the kernel', async () => {
  const layers = model.targetLayers.filter(({ module }) => module.endsWith('downsamplers.0.conv'));
  const statistics = await calibrate({
    ...{ model, layers, batches, positions: 96, threads: 1 },
    statistics: ['mean-absolute', 'second-moment', 'gradient-mean-square'],
  });
  for (const { module, inFeatures, outFeatures } of layers) {
    const found = statistics.get(module)!;
    expect(found['mean-absolute']).toHaveLength(inFeatures);
    expect(found['second-moment']).toHaveLength(inFeatures ** 2);
    expect(found['gradient-mean-square']).toHaveLength(outFeatures);
    // The corner of the kernel meets the padding more often than its middle.
    const sizes = found['mean-absolute']!;
    expect(sizes[0]!).toBeLessThan(sizes[4]!);
  }
});

it('drops inputs in training alone, others at each step', async () => {
  const start = await startedAdapter(model, batches, settingsOf('dora', { dropout: 0.5 }));
  const { moved } = movedAdapter(start);
  const trainer = await createTrainer({
    ...moved,
    ...{ positions: 96, labels: 2, memory: 'fast', totalSteps: 2, gradientAccumulation: 1, threads: 1 },
    optimizer: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, maxGradientNorm: 1 },
  });
  // Without a learning rate nothing but the draw changes from step to step.
  const losses = [(await trainer.step([batch], 0)).loss, (await trainer.step([batch], 0)).loss];
  await trainer.release();
  expect(losses[0]).not.toBe(losses[1]);
  const prediction = await predictionOf(moved);
  expect(await predictionOf(moved)).toEqual(prediction);
});

it('drops a share of the numbers of a picture, others in each picture and channel', async () => {
  const g = createGraphBuilder();
  const x = g.input('x', 'float32', ['images', 8, '2*rows', '2*columns']);
  const y = createNoise(g).dropOut(x, 0.25, 'site');
  const graph = g.build({ y });
  const shape = [3, 8, 16, 12];
  const ones = { shape, data: new Float32Array(3 * 8 * 16 * 12).fill(1) };
  const session = await createSession(graph, { threads: 1 });
  const drawn = noiseTensors(graph.inputs, { x: ones }, { seed: 1, stream: 0, neftuneAlpha: 0, width: 1 });
  const kept = (await session.run({ x: ones, ...drawn }))['y']!.data as Float32Array;
  await session.release();
  expect([...new Set(kept)].sort()).toEqual([0, 1]);
  const size = 16 * 12;
  const planes = Array.from({ length: 24 }, (_, at) => kept.subarray(at * size, (at + 1) * size));
  const shares = planes.map((plane) => plane.reduce((sum, value) => sum + value, 0) / size);
  expect(shares.reduce((a, b) => a + b) / 24).toBeCloseTo(0.75, 1);
  expect(new Set(planes.map((plane) => plane.join())).size).toBe(24);
});

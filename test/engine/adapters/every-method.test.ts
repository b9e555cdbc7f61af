import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readAdapter, writeAdapter } from '../../../main/engine/adapters/folder/adapter-folder.ts';
import { adapterName } from '../../../main/engine/adapters/settings/adapter-name.ts';
import {
  adapterSettingsSchema,
  describeAdapter,
  type AdapterMethod,
} from '../../../main/engine/adapters/settings/adapter-settings.ts';
import { foldLayer } from '../../../main/engine/adapters/layer/fold.ts';
import { peftContents, readPeft, writePeft } from '../../../main/engine/peft/index.ts';
import { layerAdapter, startsAtBase, trainedAt } from '../../../main/engine/adapters/layer/layer-adapter.ts';
import { mergedFolder } from '../../../main/engine/adapters/folder/merged-folder.ts';
import { methods } from '../../../main/engine/adapters/methods/index.ts';
import type { PeftType } from '../../../main/engine/adapters/methods/method.ts';
import { selectTargets, selectWeights } from '../../../main/engine/adapters/layer/target-modules.ts';
import { writeModelFolder } from '../../../main/engine/formats/model-folder-writer.ts';
import { calibrationOf } from '../../../main/engine/init/outer-parts.ts';
import { completeAdapter } from '../../../main/engine/init/complete-adapter.ts';
import { readModelWeight } from '../../../main/engine/models/weights/model-weights.ts';
import type { LinearLayer } from '../../../main/engine/models/architecture.ts';
import { openModel } from '../../../main/engine/models/model.ts';
import { createSession } from '../../../main/engine/runtime/session.ts';
import { vectorTensor } from '../../../main/engine/train/batch/tensors.ts';
import { logitsGraph } from '../../../main/engine/train/model/loss-graph.ts';
import {
  initialParameters,
  trainedLayout,
  type TrainedModel,
} from '../../../main/engine/train/model/trained-model.ts';
import { createTrainer } from '../../../main/engine/train/trainer.ts';
import { readBatches } from '../../numeric/golden/golden-folder.ts';
import { movedAdapter, startedAdapter, type AdaptedModel } from '../../support/moved-adapter.ts';
import { nextToken } from '../../../main/engine/objectives/next-token.ts';

/**
 * Every method and every published shape of NoRA, crossed with everything that must be true of an adapter. GPT-2 is the model: its
 * weights lie the other way round, and its layers have biases.
 */
const folder = join(import.meta.dirname, '../../numeric/fixtures/gpt2');
const model = openModel(join(folder, 'model'));
const batches = readBatches(folder);
const [batch] = batches as [(typeof batches)[0]];
const temporary = mkdtempSync(join(tmpdir(), 'nora-methods-'));

const nora = { method: 'nora', outerRank: 16, innerRank: 4, alpha: 8 };
const [width, inner] = [64, 256];
/** Sizes (out, in) of the layers, twice each. */
const sizes = [
  [3 * width, width],
  [width, width],
  [inner, width],
  [width, inner],
] as const;
/** Summed over all layers. */
const over = (count: (out: number, into: number) => number): number =>
  2 * sizes.reduce((sum, [out, into]) => sum + count(out, into), 0);
const lora = (of: number): number => over((out, into) => of * (out + into));

/** The embeddings of tokens and positions, and the head, which is tied to the first: (out, in) of each. */
const targetModules = ['wte', 'wpe', 'lm_head'];
const [vocabulary, positions] = [128, 64];
const tableSizes = [
  [width, vocabulary],
  [width, positions],
  [vocabulary, width],
] as const;
const overTables = (count: (out: number, into: number) => number): number =>
  tableSizes.reduce((sum, [out, into]) => sum + count(out, into), 0);

const rank = 4;
/** What a method takes of these sizes, by the names of its settings. */
const small = { rank, alpha: 8, targetRank: 3, outerRank: 16, innerRank: 4 };
const settingsOf = (method: AdapterMethod): Record<string, unknown> => {
  const { shape } = methods[method].schema;
  return { method, ...Object.fromEntries(Object.entries(small).filter(([name]) => name in shape)) };
};

type Count = (out: number, into: number) => number;
/** What a method trains at a layer, by its publication. */
const published: Readonly<Partial<Record<AdapterMethod, Count>>> = {
  lorafa: (out) => rank * out,
  dora: (out, into) => rank * (out + into) + out,
  loraxs: () => rank * rank,
  vera: (out) => rank + out,
  adalora: (out, into) => rank * (out + into) + rank,
  nora: () => 2 * 16 * 4,
};
/** Of methods that are no more than a LoRA: A and B, as far as they say that they train them. */
const ofPair = (method: AdapterMethod): Count => {
  const { trained } = describeAdapter(adapterSettingsSchema.parse({ method })).outer;
  return (out, into) => rank * ((trained.b ? out : 0) + (trained.a ? into : 0));
};
const countOf = (method: AdapterMethod): Count => published[method] ?? ofPair(method);

/** All that have layers of their own. */
const adapterMethods = (Object.keys(methods) as AdapterMethod[]).filter((method) => method !== 'full');
/** Those that can be on embeddings: of an embedding's inputs nobody holds all products. */
const tableMethods = adapterMethods.filter((method) => {
  const { statistics } = calibrationOf(describeAdapter(adapterSettingsSchema.parse({ method })));
  return !statistics.includes('second-moment');
});

/** Settings, and how many numbers are trained. */
const cases: readonly (readonly [Record<string, unknown>, number])[] = [
  ...adapterMethods.map((method) => [settingsOf(method), over(countOf(method))] as const),
  ...tableMethods.map(
    (method) => [{ ...settingsOf(method), targetModules }, overTables(countOf(method))] as const,
  ),
  [
    { method: 'lora', rank: 4, rankPattern: { c_attn: 8 }, alphaPattern: { 'mlp.c_proj': 3 } },
    lora(4) + 2 * 4 * 256,
  ],
  [{ ...nora, preset: 'paper' }, over(() => 2 * 16 * 4)],
  [{ ...nora, preset: 'official-code' }, over(() => 2 * 16 * 4)],
  [{ ...nora, preset: 'official-code', residualBase: true }, over(() => 2 * 16 * 4)],
  [{ ...nora, outerRank: '25%' }, over((out, into) => 2 * Math.floor(Math.min(out, into) / 4) * 4)],
  [{ ...nora, structure: 'dense-core' }, over(() => 16 * 16)],
  [{ ...nora, structure: 'parallel-a' }, over((_, into) => 4 * (16 + into))],
  [{ ...nora, structure: 'parallel-b' }, over((out) => 4 * (16 + out))],
  [{ ...nora, structure: 'parallel-a', innerStart: 'official' }, over((_, into) => 4 * (16 + into))],
  [{ ...nora, structure: 'output' }, over((out) => 2 * 4 * out)],
  [{ ...nora, structure: 'dense-output' }, over((out) => out * out)],
  [{ ...nora, structure: 'none', vectors: true }, over((out) => 16 + out)],
  [{ ...nora, outerTrained: true }, lora(16) + over(() => 2 * 16 * 4)],
  [{ ...nora, magnitude: true }, over((out) => 2 * 16 * 4 + out)],
  [{ ...nora, magnitude: true, innerStart: 'official', residualBase: true }, over((out) => 2 * 16 * 4 + out)],
  [{ ...nora, vectors: true }, over((out) => 2 * 16 * 4 + 16 + out)],
  ...['a', 'square-root', 'dropped'].map((split) => [{ ...nora, split }, over(() => 2 * 16 * 4)] as const),
  ...['rank', 'sqrt-rank'].map((scaling) => [{ ...nora, scaling }, over(() => 2 * 16 * 4)] as const),
  ...[
    'none',
    'rms',
    'maximum',
    'cholesky',
    'eigen',
    'covariance',
    'coala',
    'gradient-weighted',
    'random',
    'shuffled',
  ].map((kind) => [{ ...nora, activationMatrix: { kind } }, over(() => 2 * 16 * 4)] as const),
  ...['wte', 'lm_head'].map(
    (name) => [{ method: 'lora', rank: 4, targetModules: [name] }, 4 * (vocabulary + width)] as const,
  ),
  [{ ...nora, targetModules, structure: 'parallel-a' }, overTables((_, into) => 4 * (16 + into))],
  [{ ...nora, targetModules, magnitude: true }, overTables((out) => 2 * 16 * 4 + out)],
  ...['none', 'rms', 'maximum', 'gradient-weighted', 'random', 'shuffled'].map(
    (kind) => [{ ...nora, targetModules, activationMatrix: { kind } }, overTables(() => 2 * 16 * 4)] as const,
  ),
];

const logitsOf = async (trained: TrainedModel): Promise<Float32Array> => {
  const layout = trainedLayout(trained);
  const session = await createSession(logitsGraph(trained, layout, batch.sequence), { threads: 1 });
  const parameters =
    layout.total === 0 ? {} : { parameters: vectorTensor(initialParameters(trained, layout)) };
  const { logits } = await session.run({ ...nextToken.scored.feeds(batch), ...parameters });
  await session.release();
  return logits!.data as Float32Array;
};

const largestDifference = (a: Float32Array, b: Float32Array): number =>
  a.reduce((worst, value, at) => Math.max(worst, Math.abs(value - b[at]!)), 0);

/** What PEFT saves for a rank of 4 (fixtures/make_peft_keys.py). */
const { keys: peftKeys } = JSON.parse(
  readFileSync(join(import.meta.dirname, 'fixtures/peft-keys.json'), 'utf8'),
) as { keys: Readonly<Record<'plain' | 'magnitude', Readonly<Record<string, readonly number[]>>>> };

/** PEFT's tensors of an embedding: A as wide as the table is long. (No fixture of layers that PEFT's defaults take has them.) */
const embeddingTensors = (
  { module, outFeatures, inFeatures }: LinearLayer,
  rank: number,
  hasMagnitude: boolean,
): Record<string, number[]> => ({
  [`base_model.model.${module}.lora_embedding_A`]: [rank, inFeatures],
  [`base_model.model.${module}.lora_embedding_B`]: [outFeatures, rank],
  ...(hasMagnitude ? { [`base_model.model.${module}.lora_magnitude_vector`]: [outFeatures] } : {}),
});

/** The head that GPT-2 ties to its embedding. */
const headTensors = (
  { module, outFeatures, inFeatures }: LinearLayer,
  rank: number,
  hasMagnitude: boolean,
): Record<string, number[]> => ({
  [`base_model.model.${module}.lora_A.weight`]: [rank, inFeatures],
  [`base_model.model.${module}.lora_B.weight`]: [outFeatures, rank],
  ...(hasMagnitude ? { [`base_model.model.${module}.lora_magnitude_vector`]: [outFeatures] } : {}),
});

/** Those of the layers that the fixture has, for another rank than 4: A has it first, B last. */
const hiddenTensors = (
  { module }: LinearLayer,
  rank: number,
  hasMagnitude: boolean,
): Record<string, number[]> =>
  Object.fromEntries(
    Object.entries(peftKeys[hasMagnitude ? 'magnitude' : 'plain'])
      .filter(([key]) => key.startsWith(`base_model.model.${module}.`))
      .map(([key, shape]) => {
        const at = /_A(\.weight)?$/.test(key) ? 0 : /_B(\.weight)?$/.test(key) ? 1 : -1;
        return [key, at < 0 ? [...shape] : shape.with(at, rank)];
      }),
  );

/** A layer of an adapter in PEFT's form. */
interface PeftLayer {
  readonly layer: LinearLayer;
  readonly rank: number;
  readonly hasMagnitude: boolean;
}
type Shapes = Record<string, number[]>;

/** The model has none; convolution-sites.test.ts has. */
const noConvolution = (): never => expect.unreachable();

const tensorsOfRole = {
  embedding: embeddingTensors,
  head: headTensors,
  hidden: hiddenTensors,
  convolution: noConvolution,
};

/** PEFT's tensors of an adapter, by its peft_type. */
const peftShapes: Readonly<Record<PeftType, (layers: readonly PeftLayer[]) => Shapes>> = {
  LORA: (all) =>
    Object.assign(
      {},
      ...all.map(({ layer, rank, hasMagnitude }) =>
        tensorsOfRole[layer.role ?? 'hidden'](layer, rank, hasMagnitude),
      ),
    ),
  VERA: (all) => ({
    'base_model.vera_A': [all[0]!.rank, Math.max(...all.map(({ layer }) => layer.inFeatures))],
    'base_model.vera_B': [Math.max(...all.map(({ layer }) => layer.outFeatures)), all[0]!.rank],
    ...Object.fromEntries(
      all.flatMap(({ layer: { module, outFeatures }, rank }) => [
        [`base_model.model.${module}.vera_lambda_b`, [outFeatures]],
        [`base_model.model.${module}.vera_lambda_d`, [rank]],
      ]),
    ),
  }),
  ADALORA: (all) =>
    Object.fromEntries(
      all.flatMap(({ layer: { module, outFeatures, inFeatures }, rank }) => [
        [`base_model.model.${module}.lora_A`, [rank, inFeatures]],
        [`base_model.model.${module}.lora_B`, [outFeatures, rank]],
        [`base_model.model.${module}.lora_E`, [rank, 1]],
      ]),
    ),
};

describe.each(cases)('%j', (input, count) => {
  const settings = adapterSettingsSchema.parse(input);
  const description = describeAdapter(settings);
  const layers = selectTargets(model.targetLayers, settings);
  let base: Float32Array;
  let start: AdaptedModel;
  /** After a change to every trained number. */
  let moved: AdaptedModel;
  let movedLogits: Float32Array;

  beforeAll(async () => {
    base = await logitsOf({ model, adapter: null, trainedWeights: [] });
    start = await startedAdapter(model, batches, settings);
    ({ moved } = movedAdapter(start));
    movedLogits = await logitsOf(moved);
  });

  it('trains as many numbers as its formula says', () => {
    expect(trainedLayout(start).total).toBe(count);
    expect(layers.reduce((sum, layer) => sum + trainedAt(layerAdapter(description, layer)), 0)).toBe(count);
  });

  it('starts at the base model where it says so, and only there', async () => {
    const difference = largestDifference(await logitsOf(start), base);
    const says = layers.every((layer) => startsAtBase(layerAdapter(description, layer)));
    if (says) expect(difference).toBeLessThan(2e-5);
    else expect(difference).toBeGreaterThan(1e-7);
  });

  it('is the same merged as unmerged', async () => {
    const destination = join(mkdtempSync(join(temporary, 'merged-')), 'model');
    const { values } = moved.adapter;
    const folded = layers.map((layer) => foldLayer(description, layer, values));
    const { changes } = mergedFolder(model, folded, { whole: [], values });
    await writeModelFolder({ source: model.folder, destination, ...changes });
    const merged = await logitsOf({ model: openModel(destination), adapter: null, trainedWeights: [] });
    expect(largestDifference(merged, movedLogits)).toBeLessThan(1e-4);
    expect(largestDifference(movedLogits, base)).toBeGreaterThan(1e-6);
  });

  it('comes back from its folder', async () => {
    const directory = join(mkdtempSync(join(temporary, 'saved-')), 'adapter');
    await writeAdapter(directory, { settings, layers, weights: [], values: moved.adapter.values });
    const read = readAdapter(directory);
    expect(read.settings).toEqual(settings);
    const again = { ...moved, adapter: { description, layers: read.layers, values: read.values } };
    expect(await logitsOf(again)).toEqual(movedLogits);
  });

  it("is the same in PEFT's form", async () => {
    const directory = join(mkdtempSync(join(temporary, 'peft-')), 'adapter');
    await writePeft(directory, {
      adapter: { settings, layers, weights: [], values: moved.adapter.values },
      model,
      baseModel: null,
      residual: 'in-adapter',
    });
    const read = readPeft(directory, model.targetLayers);
    const adapter = {
      description: describeAdapter(read.settings),
      layers: read.layers,
      values: await completeAdapter(model, read),
    };
    expect(largestDifference(await logitsOf({ ...moved, adapter }), movedLogits)).toBeLessThan(1e-4);
  });

  it("has PEFT's own keys, in its shapes", () => {
    const { config, tensors } = peftContents({
      adapter: { settings, layers, weights: [], values: moved.adapter.values },
      model,
      baseModel: null,
      residual: 'in-adapter',
    });
    const written = Object.fromEntries(tensors.map(({ name, shape }) => [name, [...shape]]));
    const pairs = layers.map((layer) => ({
      layer,
      rank: foldLayer(description, layer, moved.adapter.values).rank,
      hasMagnitude: description.magnitude,
    }));
    expect(written).toEqual(peftShapes[config['peft_type'] as PeftType](pairs));
  });

  it('learns', async () => {
    const trainer = await createTrainer({
      ...start,
      positions: 12,
      labels: 36,
      memory: 'low',
      optimizer: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, maxGradientNorm: 1 },
      totalSteps: 8,
      gradientAccumulation: 1,
      threads: 1,
    });
    const losses: number[] = [];
    for (let step = 0; step < 8; step++) losses.push((await trainer.step([batch], 2e-3)).loss);
    await trainer.release();
    expect(losses.at(-1)).toBeLessThan(losses[0]!);
  });

  it('gives the base bit for bit where it is switched off, whatever it was trained to', async () => {
    expect(await logitsOf(moved)).toEqual(movedLogits);
    expect(await logitsOf({ ...moved, adapter: null })).toEqual(base);
    // As it is read afresh: nothing was written into the weights.
    expect(
      await logitsOf({ model: openModel(join(folder, 'model')), adapter: null, trainedWeights: [] }),
    ).toEqual(base);
  });
});

it('full fine-tuning trains every weight, and has no adapter', () => {
  const settings = adapterSettingsSchema.parse({ method: 'full' });
  expect(selectTargets(model.targetLayers, settings)).toEqual([]);
  const trainedWeights = selectWeights(model.weightShapes.keys(), settings);
  expect(trainedWeights).toEqual([...model.weightShapes.keys()]);
  const layout = trainedLayout({ model, adapter: null, trainedWeights });
  const numbers = trainedWeights.reduce((sum, name) => sum + readModelWeight(model, name).length, 0);
  expect(layout.total).toBe(numbers);
  expect(adapterName(settings)).toBe('Full fine-tuning');
});

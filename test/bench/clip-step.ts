/**
 * A training step of CLIP on pictures and the prompts of classes, random weights of the shape ViT-B, in a process of its own:
 * `node test/bench/clip-step.ts [--patch 16] [--pictures 8] [--texts 100] [--tokens 10] [--rank 2] [--dropout 0.25] [--steps 6] [--threads 2]
 * [--memory fast] [--accumulation 1] [--captions] [--evaluate] [--profile]`. With `--peer` the same work with transformers and PEFT in turn,
 * `--rounds` times (NORA_PYTHON names a Python), and the ratios; `--peer-tokens 77` pads the peer's prompts as CLIP-LoRA does.
 */
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import {
  adapterSettingsSchema,
  describeAdapter,
} from '../../main/engine/adapters/settings/adapter-settings.ts';
import { selectTargets } from '../../main/engine/adapters/layer/target-modules.ts';
import { initialiseAdapter } from '../../main/engine/init/initialise-adapter.ts';
import { estimateMemory } from '../../main/engine/memory/estimate.ts';
import { comparedWith, towersOf } from '../../main/engine/models/compared-model.ts';
import type { Batch } from '../../main/engine/data/batches/batch.ts';
import type { Towers } from '../../main/engine/models/architecture.ts';
import { openModel } from '../../main/engine/models/model.ts';
import { classPrompts } from '../../main/engine/objectives/class-prompts.ts';
import { objectiveOf } from '../../main/engine/objectives/index.ts';
import { createRandom } from '../../main/engine/random.ts';
import type { Profiler } from '../../main/engine/runtime/profile/profiler.ts';
import { createTrainer, type Trainer } from '../../main/engine/train/trainer.ts';
import { measureLimits } from '../../main/trainer/measure/profile/machine-limits.ts';
import { profileSteps } from '../../main/trainer/measure/profile/profile-steps.ts';
import { peakMemory } from '../../main/trainer/measure/measurements.ts';
import { compareSteps } from './step/compare-steps.ts';
import { timeSteps, type Measured } from './step/time-steps.ts';

const text = (usual: string) => ({ type: 'string', default: usual }) as const;
const { values: given } = parseArgs({
  options: {
    patch: text('16'),
    pictures: text('8'),
    texts: text('100'),
    tokens: text('10'),
    rank: text('2'),
    dropout: text('0.25'),
    steps: text('6'),
    threads: text('2'),
    memory: text('fast'),
    accumulation: text('1'),
    /** Pairs with captions in place of classes. */
    captions: { type: 'boolean', default: false },
    /** Measures before and behind the steps too, as a run does: the estimate of memory is of that. */
    evaluate: { type: 'boolean', default: false },
    peer: { type: 'boolean', default: false },
    rounds: text('1'),
    /** What the peer pads its prompts to; as long as they are where absent. CLIP-LoRA has 77. */
    'peer-tokens': { type: 'string' },
    /** Accounts for every millisecond of a step, after it is timed. */
    profile: { type: 'boolean', default: false },
    /** Where the random model is: given to the process that measures. */
    model: { type: 'string' },
  },
});
const [patch, pictures, texts, tokens, rank, steps, threads, accumulation] = (
  ['patch', 'pictures', 'texts', 'tokens', 'rank', 'steps', 'threads', 'accumulation'] as const
).map((name) => Number(given[name])) as [number, number, number, number, number, number, number, number];

/** "a photo of a", the tokens of a class and ".", between CLIP's start and end. */
const [begin, end] = [
  [49_406, 320, 1125, 539, 320],
  [269, 49_407],
];

/** Pictures of noise, with prompts that differ in the classes as prompts do. */
const promptsBatch = (towers: Towers): Batch => {
  const random = createRandom(1);
  const prompts = Array.from({ length: texts }, () => [
    ...begin,
    ...Array.from({ length: tokens - begin.length - end.length }, () => random.integer(begin[0]!)),
    ...end,
  ]);
  const values = towers.pictures.input.shape.reduce((a, b) => a * b, 1);
  const examples = Array.from({ length: pictures }, (_, at) => {
    const pixels = Float32Array.from({ length: values }, random.normal);
    return { picture: () => pixels, label: at % texts };
  });
  return classPrompts.batching({ towers, prompts, padId: end[1]! }).assemble(examples.map((one) => [one]));
};

/** In this process. */
const measure = async (directory: string): Promise<Measured> => {
  const memory = given.memory === 'low' ? 'low' : 'fast';
  const model = given.captions
    ? comparedWith(openModel(directory), 'image-captions', pictures)
    : comparedWith(openModel(directory), 'class-prompts', texts);
  const settings = adapterSettingsSchema.parse({
    method: 'rslora',
    rank,
    alpha: 1,
    dropout: Number(given.dropout),
    targetModules: ['q_proj', 'k_proj', 'v_proj'],
  });
  const description = describeAdapter(settings);
  const layers = selectTargets(model.targetLayers, settings);
  const values = await initialiseAdapter({ model, description, layers, seed: 1 });
  const size = { batchSize: pictures, sequenceLength: tokens };
  const batch = given.captions
    ? objectiveOf(model.architecture).randomBatch({ ...model.architecture, ...size, labels: null, seed: 1 })
    : promptsBatch(towersOf(model.architecture));
  const { total, resident } = estimateMemory({
    ...{ model, description, layers, trainedWeights: [], ...size, labels: pictures, memory },
    microBatches: accumulation,
  });
  const open = (watched: { readonly profiler?: Profiler } = {}): Promise<Trainer> =>
    createTrainer({
      ...{ model, adapter: { description, layers, values }, trainedWeights: [], threads, memory },
      optimizer: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01, maxGradientNorm: null },
      positions: tokens,
      labels: pictures,
      gradientAccumulation: accumulation,
      ...watched,
    });
  const trainer = await open();
  const batches = Array.from({ length: accumulation }, () => batch);
  if (given.evaluate) await trainer.evaluate([batch]);
  const measured = await timeSteps(steps, threads, () => trainer.step(batches, 2e-4));
  if (given.evaluate) await trainer.evaluate([batch]);
  const peakMemoryMB = peakMemory() / 1e6;
  await trainer.release();
  const profile = given.profile
    ? {
        account: await profileSteps(tmpdir(), async (profiler) => {
          const watched = await open({ profiler });
          return { step: () => watched.step(batches, 2e-4), release: watched.release };
        }),
        limits: await measureLimits(threads),
      }
    : null;
  return {
    ...measured,
    profile,
    peakMemoryMB,
    estimatedMemoryMB: total / 1e6,
    estimatedResidentMB: resident / 1e6,
    trainedParameters: trainer.layout.total,
  };
};

const ofPeer = (
  ['patch', 'pictures', 'texts', 'tokens', 'rank', 'dropout', 'steps', 'threads'] as const
).flatMap((name) => [`--${name}`, name === 'tokens' ? (given['peer-tokens'] ?? given.tokens) : given[name]]);

if (given.model === undefined)
  await compareSteps({
    script: import.meta.filename,
    config: { model_type: 'clip', text_config: {}, vision_config: { patch_size: patch } },
    rounds: Number(given.rounds),
    peer: given.peer ? { name: 'transformers and PEFT', script: 'peer-clip.py', options: ofPeer } : null,
  });
else console.log(JSON.stringify(await measure(given.model)));

/**
 * A training step of Stable Diffusion 1.5's U-Net, random weights, in a process of its own:
 * `node test/bench/unet-step.ts [--latent 64] [--images 1] [--rank 4] [--steps 4] [--threads 2] [--memory fast] [--evaluate] [--profile]`.
 * With `--peer` the same work with diffusers and PEFT in turn, `--rounds` times (NORA_PYTHON names a Python), and the ratios.
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
import { diffusionOf, withTextStates } from '../../main/engine/models/diffusion-model.ts';
import { openModel } from '../../main/engine/models/model.ts';
import { objectiveOf } from '../../main/engine/objectives/index.ts';
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
    latent: text('64'),
    images: text('1'),
    rank: text('4'),
    steps: text('4'),
    threads: text('2'),
    memory: text('fast'),
    /** Measures before and behind the steps too, as a run does: the estimate of memory is of that. */
    evaluate: { type: 'boolean', default: false },
    peer: { type: 'boolean', default: false },
    rounds: text('1'),
    /** Accounts for every millisecond of a step, after it is timed. */
    profile: { type: 'boolean', default: false },
    /** Where the random model is: given to the process that measures. */
    model: { type: 'string' },
  },
});
const names = ['latent', 'images', 'rank', 'steps', 'threads'] as const;
const [latent, images, rank, steps, threads] = names.map((name) => Number(given[name])) as [
  number,
  number,
  number,
  number,
  number,
];

/** Stable Diffusion 1.5's own: what diffusers' classes have where nothing is said, but for the width of texts. */
const config = {
  model_type: 'stable-diffusion',
  unet: { cross_attention_dim: 768, sample_size: 64 },
  text_encoder: { vocab_size: 49_408, hidden_size: 768, intermediate_size: 3072, num_attention_heads: 12 },
  vae: {
    block_out_channels: [128, 256, 512, 512],
    layers_per_block: 2,
    down_block_types: Array<string>(4).fill('DownEncoderBlock2D'),
    up_block_types: Array<string>(4).fill('UpDecoderBlock2D'),
  },
  scheduler: {
    _class_name: 'DDPMScheduler',
    num_train_timesteps: 1000,
    beta_schedule: 'scaled_linear',
    beta_start: 0.00085,
    beta_end: 0.012,
  },
};

/** In this process. */
const measure = async (directory: string): Promise<Measured> => {
  const memory = given.memory === 'low' ? 'low' : 'fast';
  const model = withTextStates(openModel(directory));
  const diffusion = diffusionOf(model.architecture);
  const side = latent / diffusion.latent.granularity;
  const drawn = { images, rows: side, columns: side, tokens: diffusion.positions };
  const settings = adapterSettingsSchema.parse({
    method: 'lora',
    rank,
    alpha: rank,
    targetModules: ['to_q', 'to_k', 'to_v', 'to_out.0'],
  });
  const description = describeAdapter(settings);
  const layers = selectTargets(model.targetLayers, settings);
  const values = await initialiseAdapter({ model, description, layers, seed: 1 });
  const size = { batchSize: images, sequenceLength: latent ** 2, drawn };
  const batch = objectiveOf(model.architecture).randomBatch({
    ...model.architecture,
    ...size,
    labels: null,
    seed: 1,
  });
  const { total, resident } = estimateMemory({
    ...{ model, description, layers, trainedWeights: [], ...size, labels: images, memory },
    microBatches: 1,
  });
  const open = (watched: { readonly profiler?: Profiler } = {}): Promise<Trainer> =>
    createTrainer({
      ...{ model, adapter: { description, layers, values }, trainedWeights: [], threads, memory },
      optimizer: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01, maxGradientNorm: null },
      positions: latent ** 2,
      labels: images,
      gradientAccumulation: 1,
      ...watched,
    });
  const trainer = await open();
  if (given.evaluate) await trainer.evaluate([batch]);
  const measured = await timeSteps(steps, threads, () => trainer.step([batch], 1e-4));
  if (given.evaluate) await trainer.evaluate([batch]);
  const peakMemoryMB = peakMemory() / 1e6;
  await trainer.release();
  const profile = given.profile
    ? {
        account: await profileSteps(tmpdir(), async (profiler) => {
          const watched = await open({ profiler });
          return { step: () => watched.step([batch], 1e-4), release: watched.release };
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

if (given.model === undefined)
  await compareSteps({
    script: import.meta.filename,
    config,
    rounds: Number(given.rounds),
    peer: given.peer
      ? {
          name: 'diffusers and PEFT',
          script: 'peer-unet.py',
          options: [...names, 'memory' as const].flatMap((name) => [`--${name}`, given[name]]),
        }
      : null,
  });
else console.log(JSON.stringify(await measure(given.model)));

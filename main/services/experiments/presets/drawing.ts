import type { PresetInput } from './preset.ts';

/** Every projection of attention in a U-Net: 128 modules of Stable Diffusion 1.5. */
const attention = ['to_q', 'to_k', 'to_v', 'to_out.0'];

/** All that its transformers multiply by, with what leads in and out of them: 192 modules of Stable Diffusion 1.5. */
const transformers = [...attention, 'proj_in', 'proj_out', 'ff.net.0.proj', 'ff.net.2'];

/** The same of its text encoder: 72 modules. */
const ofTexts = ['q_proj', 'k_proj', 'v_proj', 'out_proj', 'fc1', 'fc2'];

/** What all of them have alike: AdamW as PyTorch has it by itself, one picture scored as another. */
const usual = {
  schedule: 'constant',
  weightDecay: 0.01,
  weightDecayOn: 'all',
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  maxGradientNorm: 1,
  gradientAccumulation: 1,
  baseFormat: 'fp32',
} as const satisfies PresetInput['training'];

const ofPrecision = 'It computes in 16 bits where a card does; here everything is computed in 32.';
const ofCaching =
  'Latents are encoded once and kept, with what the VAE is uncertain of drawn anew each time; noise, timesteps and crops come from another generator, so a run is one of the same distribution and not the same run.';
const ofHeldOut =
  'It trains on all pictures and measures no loss apart; here one is held out, or those of the class (training.diffusion.heldOut: class).';
const ofAdam8 =
  'Its optimizer is AdamW of 8 bits (bitsandbytes); here it is AdamW in 32 bits, with the same settings.';

export const dreamBoothDiffusers: PresetInput = {
  name: 'dreambooth-diffusers',
  group: 'Subject-driven',
  title: 'DreamBooth LoRA, diffusers',
  explanation:
    "diffusers' train_dreambooth_lora.py as its README runs it: LoRA of rank 4 on the 128 attention projections of the U-Net, 500 steps of one picture at 1e-4, with as many pictures of the class beside. Say prompt and prior.prompt of your own subject.",
  source: 'github.com/huggingface/diffusers 58eb52c, examples/dreambooth',
  notes: [
    'It draws A from a normal distribution of the deviation 1 / rank; here A starts as PEFT has it by itself (Kaiming, uniform). B starts at zero in both.',
    'Its README asks for 200 pictures of the class, and draws those that are missing. Here 0 takes those that are in the data; prior: { pictures: 200, draw: {} } draws them, which takes hours on a processor.',
    ofPrecision,
    ofCaching,
    ofHeldOut,
  ],
  training: {
    ...usual,
    steps: 500,
    batchSize: 1,
    learningRate: 1e-4,
    warmupSteps: 0,
    diffusion: {
      prompt: 'a photo of sks dog',
      prior: { prompt: 'a photo of dog', weight: 1, pictures: 0, draw: null },
      resolution: 512,
      filter: 'lanczos',
      crop: 'random',
      flip: false,
      buckets: null,
    },
  },
  adapter: { method: 'lora', rank: 4, alpha: 4, targetModules: attention },
};

export const kohyaLora: PresetInput = {
  name: 'kohya-lora',
  group: 'Subject-driven',
  title: 'LoRA, kohya',
  explanation:
    "kohya's train_network.py as its guide runs it: LoRA of dimension 16 and alpha 1 on 192 modules of the U-Net and 72 of the text encoder, ten epochs at 1e-4 (1e-5 for the text encoder), pictures with captions in buckets.",
  source: 'github.com/kohya-ss/sd-scripts 48d368fa, docs/train_network.md',
  notes: [
    ofAdam8,
    'Regularisation pictures are rows of its batches; here each stands beside a picture of the subject (training.diffusion.prior).',
    ofPrecision,
    ofCaching,
    ofHeldOut,
  ],
  training: {
    ...usual,
    epochs: 10,
    batchSize: 1,
    learningRate: 1e-4,
    warmupSteps: 0,
    diffusion: {
      resolution: 512,
      filter: 'lanczos',
      crop: 'centre',
      flip: false,
      buckets: { step: 64, smallest: 256, largest: 1024, upscale: true },
      clipSkip: null,
      textEncoderLearningRate: 1e-5,
    },
  },
  adapter: { method: 'lora', rank: 16, alpha: 1, targetModules: [...transformers, ...ofTexts] },
};

export const oneTrainerLora: PresetInput = {
  name: 'onetrainer-lora',
  group: 'Subject-driven',
  title: 'LoRA, OneTrainer',
  explanation:
    "OneTrainer's preset for Stable Diffusion 1.5: LoRA of rank 16 and alpha 1 on attention and feed-forward layers of the U-Net and on the text encoder, 100 epochs of four pictures at 3e-4 behind 200 steps of warmup, with offset noise.",
  source: 'github.com/Nerogar/OneTrainer 23df383, training_presets; #sd 1.5 LoRA.json as of 0cc6215',
  notes: [
    'It stops training the text encoder after 30 of 100 epochs; here both are trained to the end.',
    'Its newer preset says no rank; 16 and alpha 1 are those of the file that is named.',
    ofPrecision,
    ofCaching,
    ofHeldOut,
  ],
  training: {
    ...usual,
    epochs: 100,
    batchSize: 4,
    learningRate: 3e-4,
    warmupSteps: 200,
    diffusion: {
      resolution: 512,
      filter: 'lanczos',
      crop: 'centre',
      flip: false,
      buckets: { step: 64, smallest: 256, largest: 1024, upscale: true },
      noiseOffset: 0.05,
    },
  },
  adapter: { method: 'lora', rank: 16, alpha: 1, targetModules: [...transformers, ...ofTexts] },
};

export const aiToolkitLora: PresetInput = {
  name: 'ai-toolkit-lora',
  group: 'Subject-driven',
  title: 'LoRA, ai-toolkit',
  explanation:
    "ai-toolkit's usual settings: LoRA of rank 16 and alpha 16 on the transformers of the U-Net, 2,000 steps of one picture at 1e-4, with a trigger word and one caption in twenty left out.",
  source: 'github.com/ostris/ai-toolkit 27a03a9, config/examples',
  notes: [
    'It keeps an average of the weights (EMA, 0.99) and saves that; here the adapter is the one that the last step left.',
    'It saves and draws every 250 steps; here a checkpoint is written then.',
    'Its examples are of newer models; what they say of training is taken for the U-Net here.',
    ofAdam8,
    ofPrecision,
    ofCaching,
    ofHeldOut,
  ],
  training: {
    ...usual,
    steps: 2000,
    batchSize: 1,
    learningRate: 1e-4,
    warmupSteps: 0,
    checkpointEvery: 250,
    diffusion: {
      resolution: 512,
      filter: 'lanczos',
      crop: 'centre',
      flip: false,
      buckets: { step: 64, smallest: 256, largest: 1024, upscale: true },
      captionDropout: 0.05,
    },
  },
  adapter: { method: 'lora', rank: 16, alpha: 16, targetModules: transformers },
};

/** Trainers of models that draw, as people run them. */
export const drawingPresets: readonly PresetInput[] = [
  dreamBoothDiffusers,
  kohyaLora,
  oneTrainerLora,
  aiToolkitLora,
];

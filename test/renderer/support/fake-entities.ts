import type {
  LayerPlace,
  Adapter,
  Dataset,
  DeviceReport,
  Doctor,
  Experiment,
  ExperimentDefinition,
  ExportKind,
  MemoryReport,
  MergeCertificate,
  Model,
  ModelPart,
  ModelPictureView,
  Preview,
  Run,
  Storage,
} from '../../../main/api/contract.ts';

/** Made-up things that look like real ones. */

const time = '2026-11-20T09:00:00.000Z';

export const sampleStorage: Storage = {
  directory: '/home/ada/.local/share/nora-workbench',
  freeBytes: 91e9,
  parts: [
    { name: 'library', files: 2, bytes: 1.3e6 },
    { name: 'runs', files: 240, bytes: 3.1e9 },
    { name: 'adapters', files: 4, bytes: 2e7 },
    { name: 'exports', files: 12, bytes: 5.4e9 },
    { name: 'bases', files: 4, bytes: 6.2e8 },
    { name: 'cache', files: 26, bytes: 2.6e8 },
    { name: 'copies', files: 1, bytes: 1.3e6 },
    { name: 'leftovers', files: 0, bytes: 0 },
    { name: 'other', files: 1, bytes: 64 },
  ],
};

export const sampleModel: Model = {
  id: 'model-1',
  name: 'sample-llama',
  directory: '/opt/nora/sample/model',
  architecture: 'llama',
  parameters: 1_327_104,
  dtype: 'float32',
  bytes: 5_312_048,
  layers: 4,
  hiddenSize: 128,
  vocabularySize: 2048,
  maximumPositions: 512,
  targetModules: [
    { name: 'q_proj', count: 4, outFeatures: 128, inFeatures: 128 },
    { name: 'k_proj', count: 4, outFeatures: 64, inFeatures: 128 },
    { name: 'v_proj', count: 4, outFeatures: 64, inFeatures: 128 },
    { name: 'o_proj', count: 4, outFeatures: 128, inFeatures: 128 },
    { name: 'gate_proj', count: 4, outFeatures: 344, inFeatures: 128 },
    { name: 'up_proj', count: 4, outFeatures: 344, inFeatures: 128 },
    { name: 'down_proj', count: 4, outFeatures: 128, inFeatures: 344 },
    { name: 'embed_tokens', count: 1, outFeatures: 128, inFeatures: 2048, role: 'embedding' },
    { name: 'lm_head', count: 1, outFeatures: 2048, inFeatures: 128, role: 'head' },
  ],
  hasChatTemplate: false,
  drawnSides: null,
  classifier: null,
  objective: 'next-token',
  contentHash: '3f2a91c07d'.repeat(6) + '1c4e',
  notices: [],
  builtIn: true,
  createdAt: time,
};

export const sampleDataset: Dataset = {
  id: 'dataset-1',
  name: 'sea-questions',
  trainFile: '/opt/nora/sample/data/train.jsonl',
  validationFile: '/opt/nora/sample/data/validation.jsonl',
  trainSeparator: null,
  validationSeparator: null,
  form: null,
  unusedColumns: [],
  format: { kind: 'prompt-completion', prompt: 'prompt', completion: 'completion' },
  columns: ['prompt', 'completion'],
  trainRows: 1840,
  validationRows: 204,
  bytes: 412_881,
  builtIn: true,
  createdAt: time,
};

/** Pictures of classes. */
export const samplePictures: Dataset = {
  ...sampleDataset,
  id: 'dataset-2',
  name: 'textures',
  trainFile: '/home/ada/pictures/textures',
  validationFile: null,
  form: 'pictures in folders named by their class',
  format: {
    kind: 'pictures',
    leftOut: [],
    longestCaptions: [],
    subject: null,
    published: null,
    classes: ['banded', 'dotted', 'woven'],
    pictures: { train: 48, validation: null, test: 30 },
    notices: [
      '1 of the pictures to test on show what one to train on shows, such as a.png (b.png): what is measured on them was seen',
    ],
  },
  columns: [],
  trainRows: 48,
  validationRows: 30,
  bytes: 3_201_004,
  builtIn: false,
};

/** A model that compares pictures with texts. */
export const comparer: Partial<Model> = {
  architecture: 'clip',
  objective: 'class-prompts',
  maximumPositions: 77,
  targetModules: [
    ...['k_proj', 'v_proj', 'q_proj', 'out_proj'].map((name) => ({
      ...{ name, count: 8, outFeatures: 128, inFeatures: 128 },
    })),
    { name: 'fc1', count: 8, outFeatures: 512, inFeatures: 128 },
    { name: 'fc2', count: 8, outFeatures: 128, inFeatures: 512 },
  ],
};

/** A model that draws: a U-Net of two blocks with its text encoder. */
export const drawer: Partial<Model> = {
  architecture: 'stable-diffusion',
  objective: 'noise',
  drawnSides: { usual: 768, multipleOf: 64 },
  maximumPositions: 77,
  targetModules: [
    ...['q_proj', 'k_proj', 'v_proj', 'out_proj'].map((name) => ({
      ...{ name, count: 2, outFeatures: 96, inFeatures: 96 },
    })),
    ...['to_q', 'to_k', 'to_v', 'to_out.0'].map((name) => ({
      ...{ name, count: 4, outFeatures: 128, inFeatures: 128 },
    })),
    { name: 'proj', count: 2, outFeatures: 1024, inFeatures: 128 },
    { name: 'net.2', count: 2, outFeatures: 128, inFeatures: 512 },
    ...['conv1', 'conv2'].map((name) => ({
      ...{ name, count: 2, outFeatures: 128, inFeatures: 1152, role: 'convolution' as const },
    })),
  ],
};

/** Where its layers are, as a pipeline names them. */
export const drawerLayers: LayerPlace[] = (drawer.targetModules ?? []).flatMap(({ name, count, ...layer }) =>
  Array.from({ length: count }, (_, at) => ({
    ...layer,
    module: name.endsWith('_proj')
      ? `text_encoder.text_model.encoder.layers.${at}.self_attn.${name}`
      : name.startsWith('conv')
        ? `unet.down_blocks.0.resnets.${at}.${name}`
        : `unet.down_blocks.0.attentions.${at}.transformer_blocks.0.${name.startsWith('to_') ? 'attn1' : 'ff'}.${name === 'proj' ? 'net.0.proj' : name}`,
  })),
);

/** What such a model's headers say of its parts. */
export const drawerParts: ModelPart[] = [
  {
    part: 'unet',
    parameters: 4_200_000,
    sites: [
      {
        ...{ use: 'self-attention', target: 'all-linear', names: ['to_q', 'to_k', 'to_v', 'to_out.0'] },
        ...{ count: 16, outFeatures: [128, 128], inFeatures: [128, 256] },
      },
      {
        ...{ use: 'convolution-3x3', target: 'by-name', names: ['conv1', 'conv2'] },
        ...{ count: 4, outFeatures: [128, 128], inFeatures: [1152, 1152] },
      },
    ],
  },
  {
    part: 'vae',
    parameters: 300_000,
    sites: [
      {
        ...{ use: 'convolution-1x1', target: 'only-used', names: ['quant_conv'] },
        ...{ count: 1, outFeatures: [8, 8], inFeatures: [8, 8] },
      },
    ],
  },
];

/** As OpenAI's models see pictures. */
export const sampleView: ModelPictureView = {
  width: 224,
  height: 224,
  shortestEdge: 224,
  filter: 'bicubic',
  scale: 1 / 255,
  mean: [0.48145466, 0.4578275, 0.40821073],
  deviation: [0.26862954, 0.26130258, 0.27577711],
};

/** An encoder that can be made a classifier. */
export const encoder: Partial<Model> = {
  architecture: 'bert',
  classifier: { classNames: null, headModules: ['classifier'], newModules: ['classifier'] },
  objective: 'classification',
};

export const fakeDoctor: Doctor = {
  version: '0.1.0',
  dataDirectory: '/home/ada/.local/share/nora-workbench',
  checks: [
    { name: 'Node', status: 'ok', detail: 'v24.21.0', hint: null },
    { name: 'ONNX Runtime', status: 'ok', detail: '1.30.0, CPU, 2 threads', hint: null },
    {
      name: 'Native kernels',
      status: 'absent',
      detail: 'native/*.node is not built',
      hint: 'npm run build:native makes AwSVD faster; it needs cargo',
    },
    {
      name: 'Free space',
      status: 'failed',
      detail: '1.1 GB in the data directory',
      hint: 'Checkpoints of a run need up to 2 GB',
    },
  ],
};

const words =
  'Q: What ails the captain , Star buck ?\nA: An old wound , and the white whale that gave it .'.split(
    /(?= )|(?=\n)/,
  );

export const fakePreview = (lossOn: 'completion' | 'all', sequenceLength: number, count: number): Preview => {
  const answer = words.findIndex((word) => word.includes('\nA'));
  const tokens = words
    .slice(0, sequenceLength)
    .map((text, place) => ({ id: 17 * place, text, target: lossOn === 'all' || place >= answer }));
  const targets = tokens.filter(({ target }) => target).length;
  return {
    report: {
      rows: 1840,
      kept: targets === 0 ? 0 : 1840,
      truncated: sequenceLength < words.length ? 1840 : 12,
      withoutTargets: targets === 0 ? 1840 : 0,
      tokens: 1840 * tokens.length,
      targetTokens: 1840 * targets,
    },
    examples: Array.from({ length: count }, () => ({ tokens, label: null, rendered: null })),
    classes: null,
    notices: ["3 of 1840 rows begin with the tokenizer's own <s>"],
    problem:
      targets === 0
        ? `nothing to train on: after cutting at ${sequenceLength} tokens no row has a token with loss`
        : null,
  };
};

export const createdRun = (
  id: string,
  experimentId: string,
  configuration: Run['configuration'],
  steps: number | null,
): Run => ({
  id,
  experimentId,
  configuration,
  status: 'created',
  step: 0,
  steps,
  progress: null,
  summary: null,
  latest: {},
  error: null,
  notices: [],
  checkpointStep: null,
  adapterId: null,
  createdAt: new Date().toISOString(),
  startedAt: null,
  endedAt: null,
});

export const createdExperiment = (
  id: string,
  definition: ExperimentDefinition,
  model: Model,
  dataset: Dataset,
): Experiment => ({
  id,
  name: definition.name,
  definition,
  modelId: model.id,
  modelName: model.name,
  objective: model.objective,
  datasetId: dataset.id,
  datasetName: dataset.name,
  comparisonId: null,
  runs: definition.configurations.map((configuration, index) =>
    createdRun(`${id}-run-${index + 1}`, id, configuration, definition.training.steps ?? null),
  ),
  createdAt: new Date().toISOString(),
});

export const fakeDevices: DeviceReport[] = [
  { name: 'cpu', label: 'CPU', usable: true, detail: 'works: three training steps in 0.1 s', hint: null },
  {
    name: 'webgpu',
    label: 'WebGPU',
    usable: true,
    detail: 'works: three training steps in 0.4 s',
    hint: null,
  },
  {
    name: 'cuda',
    label: 'CUDA',
    usable: false,
    detail: 'libonnxruntime_providers_shared.so is not there',
    hint: 'an NVIDIA driver and the CUDA 12 files',
  },
  {
    name: 'directml',
    label: 'DirectML',
    usable: false,
    detail: 'only on Windows; this is Linux',
    hint: null,
  },
];

/** A machine of 4 GB, on which a run's activations follow its tokens: 4 x 256 take 1 GB, half of that in low memory. */
export const fakeMemory = ({ configurations, training }: ExperimentDefinition): MemoryReport | null => {
  if (training.device !== 'cpu') return null;
  const available = 4e9;
  const estimateOf = ({ memory, batchSize, sequenceLength }: MemoryUse) => {
    const activations = (1e6 * batchSize * sequenceLength) / (memory === 'low' ? 2 : 1);
    const parts = { weights: 5e8, activations, state: 1e8, process: 2e8 };
    const total = 8e8 + activations;
    return { ...parts, total, resident: total };
  };
  const estimate = estimateOf(training);
  const fits = estimate.total <= available;
  const settings = {
    memory: 'low',
    batchSize: 1,
    gradientAccumulation: training.gradientAccumulation * training.batchSize,
    sequenceLength: training.sequenceLength,
    baseFormat: training.baseFormat,
  } as const;
  const { total } = estimateOf(settings);
  return {
    available,
    configurations: configurations.map(({ name }) => ({ name, estimate, fits })),
    suggestion: fits || total > available ? null : { settings, total },
  };
};

type MemoryUse = Pick<ExperimentDefinition['training'], 'memory' | 'batchSize' | 'sequenceLength'>;

/** What an export of one file is certified with. */
export const certificateOf = ({ settings }: Adapter, kind: ExportKind): MergeCertificate => {
  const file = { name: 'model.safetensors', bytes: 5_000_000, sha256: 'a1'.repeat(32) };
  const on = { data: 'held-out', file, rows: 32, tokens: 4096, scored: 4064, reason: null } as const;
  return {
    version: 1,
    kind,
    createdAt: '2026-11-28T10:00:00.000Z',
    versions: { workbench: '0.1.0', node: 'v24.0.0', onnxruntime: '1.30.0' },
    logits: {
      largestDifference: 3.8e-6,
      meanDifference: 4.1e-7,
      largestDifferenceUnrounded: 3.8e-6,
      largest: 18.24,
      tokens: 96,
    },
    metrics: { on, values: [{ name: 'loss', before: 2.071, after: 2.0712 }] },
    base: { name: 'sample', files: [file] },
    adapter: { settings, files: [file] },
    exported: { files: [file] },
  };
};

/**
 * A training step of CLIP on pictures and the prompts of classes: `node test/bench/clip-step.ts [--patch 16] [--pictures 8] [--texts 100]
 * [--tokens 10] [--rank 2] [--dropout 0.25] [--steps 6] [--threads 2] [--memory fast] [--accumulation 1] [--captions] [--evaluate] [--peer]`. Random weights of the shape ViT-B, in a
 * process of its own; with --peer the same work with transformers and PEFT (NORA_PYTHON names a Python), and the ratios.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import {
  adapterSettingsSchema,
  describeAdapter,
} from '../../main/engine/adapters/settings/adapter-settings.ts';
import { selectTargets } from '../../main/engine/adapters/layer/target-modules.ts';
import { initialiseAdapter } from '../../main/engine/init/initialise-adapter.ts';
import { estimateMemory } from '../../main/engine/memory/estimate.ts';
import { comparedWith } from '../../main/engine/models/compared-model.ts';
import { openModel } from '../../main/engine/models/model.ts';
import { writeRandomModel } from '../../main/engine/models/weights/random-weights.ts';
import { objectiveOf } from '../../main/engine/objectives/index.ts';
import { createTrainer } from '../../main/engine/train/trainer.ts';
import { peakMemory } from '../../main/trainer/measure/measurements.ts';
import { allocatorEnvironment } from '../../main/trainer/process/allocator-environment.ts';
import { heapFlagsFor } from '../../main/trainer/process/heap-flags.ts';

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
    /** Measured before the steps and behind them too, as a run is: the estimate counts that. */
    evaluate: { type: 'boolean', default: false },
    peer: { type: 'boolean', default: false },
    /** Prefix of the files that ONNX Runtime's profile goes to. */
    profile: { type: 'string' },
    /** Where the random model is: given to the process that measures. */
    model: { type: 'string' },
  },
});
const [patch, pictures, texts, tokens, rank, steps, threads, accumulation] = (
  ['patch', 'pictures', 'texts', 'tokens', 'rank', 'steps', 'threads', 'accumulation'] as const
).map((name) => Number(given[name])) as [number, number, number, number, number, number, number, number];

interface Measured {
  readonly medianStepSeconds: number;
  readonly minimumStepSeconds: number;
  /** Of all threads, over their number: what a step takes where other work keeps the processor from it. */
  readonly minimumProcessorSeconds: number;
  readonly peakMemoryMB: number;
  readonly estimatedMemoryMB?: number;
  /** As the peak counts: pages that two sessions have mapped count twice. */
  readonly estimatedResidentMB?: number;
  readonly trainedParameters: number;
  readonly losses: readonly number[];
}

const median = (numbers: readonly number[]): number =>
  numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? NaN;

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
  const batch = objectiveOf(model.architecture).randomBatch({
    ...model.architecture,
    ...size,
    labels: null,
    seed: 1,
  });
  const { total, resident } = estimateMemory({
    ...{ model, description, layers, trainedWeights: [], ...size, labels: pictures, memory },
    microBatches: accumulation,
  });
  const trainer = await createTrainer({
    ...{ model, adapter: { description, layers, values }, trainedWeights: [], threads, memory },
    optimizer: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01, maxGradientNorm: null },
    positions: tokens,
    labels: pictures,
    gradientAccumulation: accumulation,
    ...(given.profile === undefined ? {} : { profile: given.profile }),
  });
  const batches = Array.from({ length: accumulation }, () => batch);
  if (given.evaluate) await trainer.evaluate([batch]);
  const seconds: number[] = [];
  const processor: number[] = [];
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    const started = performance.now();
    const usage = process.cpuUsage();
    losses.push((await trainer.step(batches, 2e-4)).loss);
    seconds.push((performance.now() - started) / 1000);
    const { user, system } = process.cpuUsage(usage);
    processor.push((user + system) / 1e6 / threads);
  }
  if (given.evaluate) await trainer.evaluate([batch]);
  await trainer.release();
  const later = seconds.slice(1);
  return {
    medianStepSeconds: median(later),
    minimumStepSeconds: Math.min(...later),
    minimumProcessorSeconds: Math.min(...processor.slice(1)),
    peakMemoryMB: peakMemory() / 1e6,
    estimatedMemoryMB: total / 1e6,
    estimatedResidentMB: resident / 1e6,
    trainedParameters: trainer.layout.total,
    losses,
  };
};

const run = promisify(execFile);
const shared = (
  ['patch', 'pictures', 'texts', 'tokens', 'rank', 'dropout', 'steps', 'threads'] as const
).flatMap((name) => [`--${name}`, given[name]]);

const compare = async (): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'nora-clip-step-'));
  try {
    const model = join(folder, 'model');
    mkdirSync(model);
    const config = { model_type: 'clip', text_config: {}, vision_config: { patch_size: patch } };
    writeRandomModel({ directory: model, config, dtype: 'F32', seed: 1 });
    const ours = await run(
      process.execPath,
      [
        ...heapFlagsFor({}),
        import.meta.filename,
        ...shared,
        '--memory',
        given.memory,
        '--accumulation',
        given.accumulation,
        ...(['captions', 'evaluate'] as const).filter((flag) => given[flag]).map((flag) => `--${flag}`),
        '--model',
        model,
      ],
      { env: allocatorEnvironment(process.env) },
    );
    const own = JSON.parse(ours.stdout) as Measured;
    console.log('ours', own);
    if (!given.peer) return;
    const python = process.env['NORA_PYTHON'] ?? 'python3';
    const theirs = await run(python, [join(import.meta.dirname, 'peer-clip.py'), ...shared]);
    const peer = JSON.parse(theirs.stdout) as Measured;
    console.log('transformers and PEFT', peer);
    console.log(
      `time ${(own.medianStepSeconds / peer.medianStepSeconds).toFixed(2)}x, memory ${(own.peakMemoryMB / peer.peakMemoryMB).toFixed(2)}x`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

if (given.model === undefined) await compare();
else console.log(JSON.stringify(await measure(given.model)));

/**
 * Accuracy of few-shot runs beside PyTorch, pair by pair, of one seed and number of shots each:
 *
 *     NORA_PYTHON=…/python node test/bench/few-shot-accuracy.ts MODEL-FOLDER PICTURES [--method lora|nora] [--shots 4,16] [--seeds 1,2,3,4,5]
 *         [--views random|fixed] [--steps 100] [--batch 16] [--rate 2e-3]
 *
 * "Alike" runs take the adapter that ours began with, and our batches, in PyTorch: what differs is arithmetic. "Own" runs (LoRA only) do it
 * all with Python: torchvision's crops, PEFT's start, an order of their own; the pictures drawn are the same, as CLIP-LoRA draws them. Needs
 * transformers, PEFT and torchvision. PICTURES is a folder of classes with a part to test on.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import type { Batch } from '../../main/engine/data/batches/batch.ts';
import { writeSafetensors, type TensorToWrite } from '../../main/engine/formats/safetensors.ts';
import type { RunSpecification } from '../../main/trainer/protocol/protocol.ts';
import { startDirectory } from '../../main/trainer/run/checkpoint-folders.ts';
import { openPictureRun } from '../../main/trainer/run/pictures/open-picture-run.ts';
import { measureRun, specificationOf, type Measured } from '../few-shot/measure-run.ts';
import { methods } from '../few-shot/methods.ts';

const text = (usual: string) => ({ type: 'string', default: usual }) as const;
const { values: given, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    method: text('lora'),
    shots: text('4,16'),
    seeds: text('1,2,3,4,5'),
    views: text('random'),
    steps: text('100'),
    batch: text('16'),
    rate: text('2e-3'),
    threads: text('1'),
    template: text('a photo of a {}.'),
  },
});
const [modelDirectory, pictures] = positionals as [string, string];
const [steps, batchSize, learningRate, threads] = [given.steps, given.batch, given.rate, given.threads].map(
  Number,
) as [number, number, number, number];
const numbers = (list: string): number[] => list.split(',').map(Number);

const method = given.method === 'nora' ? 'NoRA' : 'LoRA';

/** The same tensors of several batches, one after the other. */
const joined = (batches: readonly Batch[], name: string, as: string): TensorToWrite => {
  const parts = batches.map(({ tensors }) => tensors[name]!);
  const rows = parts.reduce((sum, { shape }) => sum + shape[0]!, 0);
  const isWhole = parts[0]!.data instanceof BigInt64Array;
  const bytes = Buffer.concat(
    parts.map(({ data }) => Buffer.from(data.buffer, data.byteOffset, data.byteLength)),
  );
  return {
    name: as,
    dtype: isWhole ? 'I64' : 'F32',
    shape: [rows, ...parts[0]!.shape.slice(1)],
    data: bytes,
  };
};

/** What a run is fed, as one file. */
const writeBatches = async (specification: RunSpecification, path: string): Promise<void> => {
  const { batches } = await openPictureRun(specification, async () => {});
  const stream = batches.stream();
  const trained = await stream.take(steps);
  await stream.close();
  const heldOut: Batch[] = [];
  for await (const batch of batches.heldOut().batches) heldOut.push(batch);
  const first = [trained[0]!];
  writeSafetensors(path, [
    joined(trained, 'pixels', 'pixels'),
    joined(trained, 'label_targets', 'labels'),
    joined(heldOut, 'pixels', 'held_out.pixels'),
    joined(heldOut, 'label_targets', 'held_out.labels'),
    joined(first, 'input_ids', 'input_ids'),
    joined(first, 'attention_mask', 'attention_mask'),
  ]);
};

const runTheirs = async (settings: object): Promise<Measured> => {
  const python = process.env['NORA_PYTHON'] ?? 'python3';
  const peer = join(import.meta.dirname, 'peer-few-shot.py');
  const { stdout } = await promisify(execFile)(python, [peer, JSON.stringify(settings)]);
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Measured;
};

const pair = async (shots: number, seed: number) => {
  const runDirectory = mkdtempSync(join(tmpdir(), 'nora-few-shot-'));
  try {
    const specification = await specificationOf({
      ...{ runDirectory, modelDirectory, pictures, seed },
      adapter: methods[method],
      training: {
        ...{ steps, batchSize, learningRate, threads, schedule: 'cosine' },
        pictures: { shots, views: given.views, template: given.template },
      },
    });
    const ours = await measureRun(specification);
    const batches = join(runDirectory, 'batches.safetensors');
    await writeBatches(specification, batches);
    const shared = {
      ...{
        model: modelDirectory,
        steps,
        batch: batchSize,
        rate: learningRate,
        threads,
        batches,
        shots,
        seed,
      },
      start: join(startDirectory(runDirectory), 'adapter.safetensors'),
    };
    const alike = await runTheirs({ ...shared, method });
    const own =
      method === 'LoRA' ? await runTheirs({ ...shared, method, pictures, views: given.views }) : null;
    return { shots, seed, ours, alike, own };
  } finally {
    rmSync(runDirectory, { recursive: true, force: true });
  }
};

/** Mean of differences and its standard error. */
const differenceOf = (differences: readonly number[]): { readonly mean: number; readonly error: number } => {
  const count = differences.length;
  const mean = differences.reduce((a, b) => a + b, 0) / count;
  const squares = differences.reduce((sum, one) => sum + (one - mean) ** 2, 0);
  return { mean, error: Math.sqrt(squares / (count - 1) / count) };
};

for (const shots of numbers(given.shots)) {
  const pairs = [];
  for (const seed of numbers(given.seeds)) {
    const one = await pair(shots, seed);
    console.log(JSON.stringify(one));
    pairs.push(one);
  }
  const told = { shots, method };
  console.log({
    ...told,
    alike: differenceOf(pairs.map(({ ours, alike }) => alike.after - ours.after)),
    'loss, alike': differenceOf(pairs.map(({ ours, alike }) => alike.loss - ours.loss)),
    ...(method === 'LoRA' && { own: differenceOf(pairs.map(({ ours, own }) => own!.after - ours.after)) }),
  });
}

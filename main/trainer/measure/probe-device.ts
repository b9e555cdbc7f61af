import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeAdapter, adapterSettingsSchema } from '../../engine/adapters/settings/adapter-settings.ts';
import type { Batch } from '../../engine/data/batches/batch.ts';
import { tokenBatching } from '../../engine/data/batches/token-batching.ts';
import { WorkbenchError } from '../../engine/errors.ts';
import { explainError } from '../../engine/formats/explain-error.ts';
import { initialiseAdapter } from '../../engine/init/initialise-adapter.ts';
import { openModel } from '../../engine/models/model.ts';
import { createGraphBuilder } from '../../engine/graph/create-graph-builder.ts';
import { createSession } from '../../engine/runtime/session.ts';
import type { BaseFormat } from '../../engine/base/base-format.ts';
import type { DeviceName } from '../../engine/runtime/device-names.ts';
import { devices } from '../../engine/runtime/devices.ts';
import { createTrainer, type TrainerOptions } from '../../engine/train/trainer.ts';
import { writeProbeModel } from './probe-model.ts';

const steps = 3;
const tolerance = 1e-3;
const positions = 8;

const probeBatch = (): Batch => {
  const examples = [5, 8].map((length, sourceRow) => ({
    inputIds: Int32Array.from({ length }, (_, at) => (sourceRow * 7 + at * 5) % 32),
    targets: new Uint8Array(length).fill(1),
    sourceRow,
  }));
  const { assemble } = tokenBatching({ sequenceLength: positions, packing: false });
  return assemble(examples.map((example) => [example]));
};

const lossesOn = async (device: DeviceName, options: Omit<TrainerOptions, 'device'>): Promise<number[]> => {
  const trainer = await createTrainer({ ...options, device });
  const losses: number[] = [];
  try {
    for (let step = 0; step < steps; step++) losses.push((await trainer.step([probeBatch()], 1e-2)).loss);
    return losses;
  } finally {
    await trainer.release();
  }
};

/** What ONNX Runtime's words about a device come to. */
const reasons: readonly (readonly [RegExp, string])[] = [
  [/adapter/i, 'no graphics adapter was found'],
  [/shared (library|object)|LoadLibrary|dlopen|\.(dll|so|dylib)\b/i, 'libraries that it needs are not there'],
  [
    /not (been )?(enabled|available|supported|compiled|built|found)|unknown provider/i,
    'ONNX Runtime has no provider for it here',
  ],
];

export const deviceReason = (error: unknown): string => {
  const message = error instanceof Error ? error.message : String(error);
  const known = error instanceof WorkbenchError ? undefined : reasons.find(([words]) => words.test(message));
  return known?.[1] ?? explainError(error).message;
};

/**
 * Trains a tiny model for three steps on the device and on the CPU and compares the losses. Run it in a process that may die: a
 * driver can take it down.
 * @throws WorkbenchError `unsupported` with the reason
 */
export const probeDevice = async (device: DeviceName): Promise<{ seconds: number }> => {
  const { label } = devices[device];
  const directory = mkdtempSync(join(tmpdir(), 'nora-probe-'));
  try {
    const model = openModel(writeProbeModel(directory));
    const description = describeAdapter(adapterSettingsSchema.parse({ method: 'lora', rank: 2, alpha: 4 }));
    const layers = model.linearLayers;
    const values = await initialiseAdapter({ model, description, layers, seed: 1 });
    const options = {
      model,
      adapter: { description, layers, values },
      trainedWeights: [],
      positions,
      labels: 2 * positions,
      memory: 'fast' as const,
      optimizer: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01, maxGradientNorm: 1 },
      gradientAccumulation: 1,
      threads: 1,
    };
    const expected = await lossesOn('cpu', options);
    const started = performance.now();
    const found = await lossesOn(device, options).catch((error: unknown) => {
      throw new WorkbenchError('unsupported', `${label}: ${deviceReason(error)}`, { cause: error });
    });
    const seconds = (performance.now() - started) / 1000;
    const wrong = found.findIndex((loss, at) => !(Math.abs(loss / expected[at]! - 1) <= tolerance));
    if (wrong !== -1)
      throw new WorkbenchError(
        'unsupported',
        `${label}: it computes wrongly: loss ${found[wrong]} in step ${wrong + 1}, ${expected[wrong]} on the CPU`,
      );
    return { seconds };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};

/**
 * Before anything of a run is written: the device must do three steps of a tiny model, and hold weights in the base's format. The CPU
 * needs no proof.
 */
export const requireDevice = async (device: DeviceName, baseFormat: BaseFormat): Promise<void> => {
  if (device === 'cpu') return;
  await probeDevice(device).catch((error: unknown) => {
    if (!(error instanceof WorkbenchError)) throw error;
    throw new WorkbenchError(error.code, `training.device: ${error.message}`, { cause: error });
  });
  if (baseFormat === 'fp16' && !(await widensFloat16(device)))
    throw new WorkbenchError(
      'unsupported',
      `training.baseFormat: fp16 needs 16-bit floats in shaders (shader-f16), which this adapter has not; choose fp32 for ${devices[device].label}`,
    );
};

/** Whether the device can compute with weights in float16. */
export const widensFloat16 = async (device: DeviceName): Promise<boolean> => {
  const g = createGraphBuilder();
  const one = { kind: 'inline', data: new Uint8Array([0x00, 0x3c]) } as const;
  const weight = g.initializer('weight', 'float16', [1], one);
  const graph = g.build({ sum: g.add(g.cast(weight, 'float32'), g.input('x', 'float32', [1])) });
  try {
    const session = await createSession(graph, { threads: 1, device });
    const { sum } = await session.run({ x: { shape: [1], data: Float32Array.of(1) } });
    await session.release();
    return sum?.data[0] === 2;
  } catch {
    return false;
  }
};

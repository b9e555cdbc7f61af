import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withBaseFormat } from '../../../main/engine/models/weights/quantized-base.ts';
import { dequantizeBlocks, quantizeBlocks } from '../../../main/engine/base/quantize.ts';
import { sumFileOf } from '../../../main/engine/formats/checked-file.ts';
import { baseNotices } from '../../../main/trainer/run/base-notices.ts';
import { readLocationFloat32 } from '../../../main/engine/formats/safetensors-reader.ts';
import { writeRandomModel } from '../../../main/engine/models/weights/random-weights.ts';
import { modelShapes } from '../../../main/engine/models/shapes.ts';
import { readWeight } from '../../../main/engine/formats/model-folder.ts';
import { writeSafetensors } from '../../../main/engine/formats/safetensors.ts';
import { openModel, type Model } from '../../../main/engine/models/model.ts';
import {
  describeAdapter,
  adapterSettingsSchema,
} from '../../../main/engine/adapters/settings/adapter-settings.ts';
import { initialiseAdapter } from '../../../main/engine/init/initialise-adapter.ts';
import { createTrainer } from '../../../main/engine/train/trainer.ts';
import { tokenBatches } from '../../support/token-batches.ts';

const model = openModel(join(import.meta.dirname, '../../numeric/fixtures/llama/model'));
const folder = (): string => mkdtempSync(join(tmpdir(), 'nora-base-'));
const basesIn = (cache: string): string[] =>
  readdirSync(cache).filter((name) => name.endsWith('.safetensors'));
const flipBit = (path: string): void => {
  const bytes = readFileSync(path);
  bytes[bytes.length - 9]! ^= 1;
  writeFileSync(path, bytes);
};
const examples = [0, 1, 2].map((sourceRow) => ({
  inputIds: Int32Array.from({ length: 10 }, (_, at) => (at * 17 + sourceRow * 31) % 128),
  targets: new Uint8Array(10).fill(1),
  sourceRow,
}));
const batches = [...tokenBatches({ examples, batchSize: 3, sequenceLength: 16, packing: false })];
const description = describeAdapter(adapterSettingsSchema.parse({ method: 'lora', rank: 4, alpha: 8 }));
const layers = model.linearLayers;
const values = await initialiseAdapter({ model, description, layers, seed: 5 });

/** Losses and gradient norms of three steps. */
const train = async (of: Model): Promise<number[]> => {
  const trainer = await createTrainer({
    model: of,
    adapter: { description, layers, values },
    trainedWeights: [],
    positions: 16,
    labels: 30,
    memory: 'fast',
    optimizer: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, maxGradientNorm: null },
    gradientAccumulation: 1,
    threads: 1,
  });
  const steps: number[] = [];
  for (let step = 0; step < 3; step++) {
    const { loss, gradientNorm } = await trainer.step(batches, 1e-2);
    steps.push(loss, gradientNorm);
  }
  await trainer.release();
  return steps;
};

/** The model with the numbers that its blocks stand for, as a plain float32 folder. */
const dequantized = (): Model => {
  const directory = folder();
  const linear = new Set(model.linearLayers.map(({ module }) => `${module}.weight`));
  cpSync(join(model.folder.directory, 'config.json'), join(directory, 'config.json'));
  const tensors = [...model.weightShapes].map(([name, shape]) => {
    const weight = readWeight(model.folder, name);
    const [rows, columns] = shape as [number, number];
    const bits = linear.has(name) ? 4 : 8;
    const data =
      shape.length === 2
        ? dequantizeBlocks(quantizeBlocks(weight, rows, columns, bits), rows, columns, bits)
        : weight;
    return { name, dtype: 'F32' as const, shape, data };
  });
  writeSafetensors(join(directory, 'model.safetensors'), tensors);
  return openModel(directory);
};

const worst = (a: readonly number[], b: readonly number[]): number =>
  Math.max(...a.map((value, at) => Math.abs(value / b[at]! - 1)));

describe('a quantised base', () => {
  it('in 4 bits trains as the model of its dequantised weights does', async () => {
    const steps = await train(withBaseFormat(model, 'int4', { cacheFolder: folder() }));
    expect(worst(steps, await train(dequantized()))).toBeLessThan(1e-4);
  });

  it('in 8 bits stays near the model itself, and says how far its weights are off', async () => {
    const quantised = withBaseFormat(model, 'int8', { cacheFolder: folder() });
    expect(worst(await train(quantised), await train(model))).toBeLessThan(0.03);
    expect(quantised.base?.relativeError).toBeGreaterThan(1e-3);
    expect(quantised.base?.relativeError).toBeLessThan(0.02);
  });

  it.each(['bf16', 'fp16'] as const)('in %s stays nearer still', async (format) => {
    const half = withBaseFormat(model, format, { cacheFolder: folder() });
    expect(worst(await train(half), await train(model))).toBeLessThan(0.005);
    expect(half.base?.relativeError).toBeGreaterThan(0);
    expect(half.base?.relativeError).toBeLessThan(format === 'bf16' ? 2 ** -9 : 2 ** -12);
  });

  it('in float16 has no room for large weights, and says which', () => {
    const directory = folder();
    const name = 'model.layers.0.self_attn.q_proj.weight';
    const tensors = [...model.weightShapes].map(([key, shape]) => {
      const data = readWeight(model.folder, key);
      if (key === name) data[3] = 1e5;
      return { name: key, dtype: 'F32' as const, shape, data };
    });
    cpSync(join(model.folder.directory, 'config.json'), join(directory, 'config.json'));
    writeSafetensors(join(directory, 'model.safetensors'), tensors);
    const cacheFolder = folder();
    expect(() => withBaseFormat(openModel(directory), 'fp16', { cacheFolder })).toThrow(
      `training.baseFormat: ${name} has numbers too large for fp16 (beyond 65504); choose fp32`,
    );
    expect(readdirSync(cacheFolder)).toEqual([]);
  });

  it('is widened once for a device, which has no bfloat16', () => {
    const directory = folder();
    writeRandomModel({ directory, config: modelShapes['tiny']!, dtype: 'BF16', seed: 1 });
    const half = openModel(directory);
    expect(withBaseFormat(half, 'fp32')).toBe(half);
    const { base } = withBaseFormat(half, 'fp32', { cacheFolder: folder(), device: 'webgpu' });
    expect(base!.relativeError).toBe(0);
    for (const name of half.weightShapes.keys()) {
      const location = base!.tensors.get(name)!;
      expect(location.dtype).toBe('F32');
      expect(readLocationFloat32(location, name)).toEqual(readWeight(half.folder, name));
    }
  });

  it('is made once for the same weights, and is the model itself in fp32', () => {
    const cache = folder();
    const first = withBaseFormat(model, 'int8', { cacheFolder: cache });
    const files = readdirSync(cache);
    expect(withBaseFormat(model, 'int8', { cacheFolder: cache })).toEqual(first);
    expect(readdirSync(cache)).toEqual(files);
    expect(withBaseFormat(model, 'fp32', { cacheFolder: cache })).toBe(model);
  });

  it('is found by what the files hold where that is known, wherever they lie', () => {
    const [cache, copy] = [folder(), folder()];
    cpSync(model.folder.directory, copy, { recursive: true });
    const made = (directory: string, hash: string): string | undefined => {
      const file = realpathSync(join(directory, 'model.safetensors'));
      const { base } = withBaseFormat(openModel(directory), 'int8', {
        cacheFolder: cache,
        hashes: new Map([[file, hash]]),
      });
      return [...base!.tensors.values()][0]?.file;
    };
    const first = made(model.folder.directory, 'a');
    expect(made(copy, 'a')).toBe(first);
    expect(made(copy, 'b')).not.toBe(first);
  });

  it('is made anew for another content of the same size and times, and for another configuration', () => {
    const [cache, copy] = [folder(), folder()];
    cpSync(model.folder.directory, copy, { recursive: true });
    const file = join(copy, 'model.safetensors');
    const time = new Date(1e12);
    utimesSync(file, time, time);
    const made = (): number => {
      withBaseFormat(openModel(copy), 'int8', { cacheFolder: cache });
      return basesIn(cache).length;
    };
    expect([made(), made()]).toEqual([1, 1]);
    const bytes = readFileSync(file);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(file, bytes);
    utimesSync(file, time, time);
    expect(made()).toBe(2);
    const config = JSON.parse(readFileSync(join(copy, 'config.json'), 'utf8')) as object;
    writeFileSync(join(copy, 'config.json'), JSON.stringify({ ...config, rms_norm_eps: 1e-3 }));
    expect(made()).toBe(3);
  });

  it('is found for the same content in another folder, without being told what that is', () => {
    const [cache, copy] = [folder(), folder()];
    cpSync(model.folder.directory, copy, { recursive: true });
    withBaseFormat(model, 'int8', { cacheFolder: cache });
    withBaseFormat(openModel(copy), 'int8', { cacheFolder: cache });
    expect(basesIn(cache)).toHaveLength(1);
  });

  it.each([
    ['one flipped bit', (path: string) => flipBit(path)],
    ['a file that is cut off', (path: string) => truncateSync(path, 5000)],
    ['a file without its sum', (path: string) => rmSync(sumFileOf(path))],
    ['another sum', (path: string) => writeFileSync(sumFileOf(path), `${'0'.repeat(64)}\n`)],
  ])('is made anew where the cache has %s, and says so', (_, damage) => {
    const cache = folder();
    const first = withBaseFormat(model, 'int4', { cacheFolder: cache });
    expect(baseNotices(first)).toHaveLength(1);
    const path = join(cache, basesIn(cache)[0]!);
    const whole = readFileSync(path);
    // As another process finds it: this one has seen it whole.
    const other = join(folder(), basesIn(cache)[0]!);
    cpSync(path, other);
    cpSync(sumFileOf(path), sumFileOf(other));
    damage(other);
    const again = withBaseFormat(model, 'int4', { cacheFolder: dirname(other) });
    expect(readFileSync(other)).toEqual(whole);
    expect(baseNotices(again).at(-1)).toBe(
      'int4 base: the copy in the cache was not as it had been written; it was made anew from the model',
    );
  });

  it('is damaged while a process has it, too', () => {
    const cache = folder();
    withBaseFormat(model, 'int4', { cacheFolder: cache });
    const path = join(cache, basesIn(cache)[0]!);
    const whole = readFileSync(path);
    flipBit(path);
    expect(withBaseFormat(model, 'int4', { cacheFolder: cache }).base!.wasDamaged).toBe(true);
    expect(readFileSync(path)).toEqual(whole);
  });
});

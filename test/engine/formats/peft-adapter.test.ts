import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readPeftLora, writePeftLora } from '../../../main/engine/peft/forms/lora-file.ts';
import { readSafetensorsHeader, writeSafetensors } from '../../../main/engine/formats/safetensors.ts';
import { temporaryDirectory } from './temporary-directory.ts';

const root = temporaryDirectory();
const saved = fileURLToPath(new URL('fixtures/llama-lora', import.meta.url));
let count = 0;
const fresh = (): string => join(root, String(count++));

describe('an adapter saved by PEFT 0.21', () => {
  const adapter = readPeftLora(saved);

  test('reads', () => {
    expect(adapter).toMatchObject({
      baseModel: null,
      rank: 4,
      alpha: 8,
      useRslora: false,
      useDora: false,
      fanInFanOut: false,
      needsResidualBase: false,
    });
    expect(adapter.modules).toHaveLength(14);
    const module = adapter.modules.find((each) => each.module === 'model.layers.1.mlp.down_proj')!;
    expect(module).toMatchObject({ inFeatures: 176, outFeatures: 64, rank: 4, alpha: 8, scaling: 2 });
    expect(module.loraA).toHaveLength(4 * 176);
    expect(module.loraB.every((value) => value === 0)).toBe(true);
    expect(Math.max(...module.loraA.map(Math.abs))).toBeLessThanOrEqual(1 / Math.sqrt(176));
  });

  test('written again, its tensors have the same bytes and its fields the same values', async () => {
    const directory = fresh();
    await writePeftLora({
      directory,
      baseModel: null,
      rank: adapter.rank,
      alpha: adapter.alpha,
      targetModules: adapter.targetModules as string[],
      tensors: [...adapter.modules].reverse(),
      taskType: null,
    });
    const weights = 'adapter_model.safetensors';
    expect(readFileSync(join(directory, weights)).equals(readFileSync(join(saved, weights)))).toBe(true);
    const { auto_mapping: _, ...config } = JSON.parse(
      readFileSync(join(directory, 'adapter_config.json'), 'utf8'),
    );
    expect(adapter.config).toMatchObject(config);
    expect(readPeftLora(directory).modules).toEqual(adapter.modules);
  });
});

/** Two modules, the second of rank 2. */
const modules = [
  {
    module: 'layers.0.q_proj',
    loraA: Float32Array.of(1, 2, 3),
    loraB: Float32Array.of(4, 5),
    inFeatures: 3,
    outFeatures: 2,
  },
  {
    module: 'layers.1.q_proj',
    loraA: Float32Array.of(1, 2, 3, 4),
    loraB: Float32Array.of(5, 6),
    inFeatures: 2,
    outFeatures: 1,
  },
];
const description = {
  baseModel: 'some/model',
  rank: 1,
  alpha: 3,
  targetModules: ['q_proj'],
  tensors: modules,
};

test('rank and alpha patterns, rsLoRA', async () => {
  const directory = fresh();
  await writePeftLora({
    directory,
    ...description,
    rankPattern: { 'layers.1.q_proj': 2 },
    alphaPattern: { '1.q_proj': 8, q_proj: 5 },
    useRslora: true,
    extraFiles: [{ name: 'README.md', contents: 'x' }],
  });
  expect(readdirSync(directory).sort()).toEqual([
    'README.md',
    'adapter_config.json',
    'adapter_model.safetensors',
  ]);
  const { modules: read, baseModel } = readPeftLora(directory);
  expect(baseModel).toBe('some/model');
  expect(read.map(({ rank, alpha, scaling }) => [rank, alpha, scaling])).toEqual([
    [1, 5, 5],
    [2, 8, 8 / Math.SQRT2],
  ]);
  expect([...readSafetensorsHeader(join(directory, 'adapter_model.safetensors')).tensors.keys()]).toEqual([
    'base_model.model.layers.0.q_proj.lora_A.weight',
    'base_model.model.layers.0.q_proj.lora_B.weight',
    'base_model.model.layers.1.q_proj.lora_A.weight',
    'base_model.model.layers.1.q_proj.lora_B.weight',
  ]);
});

test('a pattern is a regular expression for the whole name or its end from a dot on', async () => {
  const directory = fresh();
  const tensors = [
    modules[0]!,
    { ...modules[0]!, module: 'layers.0.xq_proj' },
    { ...modules[0]!, module: 'layers.10.q_proj' },
  ];
  await writePeftLora({
    directory,
    ...description,
    tensors,
    alphaPattern: { '[0-4].q_proj': 7, 'layers.\\d+.q_proj': 9 },
  });
  expect(readPeftLora(directory).modules.map(({ module, alpha }) => [module, alpha])).toEqual([
    ['layers.0.q_proj', 7],
    ['layers.0.xq_proj', 3],
    ['layers.10.q_proj', 9],
  ]);
});

test('DoRA magnitudes', async () => {
  const directory = fresh();
  const [first] = modules;
  await writePeftLora({
    directory,
    ...description,
    tensors: [{ ...first!, magnitude: Float32Array.of(7, 8) }],
  });
  const read = readPeftLora(directory);
  expect(read.useDora).toBe(true);
  expect([...read.modules[0]!.magnitude!]).toEqual([7, 8]);
});

describe('what is wrong is said in one line', () => {
  const edited = (change: Record<string, unknown>): string => {
    const directory = fresh();
    cpSync(saved, directory, { recursive: true });
    const path = join(directory, 'adapter_config.json');
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), ...change }));
    return directory;
  };

  test.each([
    [
      { peft_type: 'VERA' },
      'unsupported',
      'adapter_config.json: peft_type is VERA; only LORA adapters can be read',
    ],
    [{ r: 'four' }, 'invalid-input', 'adapter_config.json: r: expected a number, not "four"'],
    [
      { r: 5 },
      'invalid-input',
      "adapter_model.safetensors: module model.layers.0.mlp.down_proj: lora_A [4, 176] and lora_B [64, 4] don't have the rank 5 of adapter_config.json",
    ],
    [
      { use_dora: true },
      'invalid-input',
      'adapter_model.safetensors: module model.layers.0.mlp.down_proj: its lora_magnitude_vector is missing',
    ],
  ])('%j', (change, code, message) => {
    const directory = edited(change);
    expect(() => readPeftLora(directory)).toThrow(
      expect.objectContaining({ code, message: `${directory}/${message}` }),
    );
  });

  test('a base that the initialization changed is reported', () => {
    expect(readPeftLora(edited({ init_lora_weights: 'pissa_niter_16' })).needsResidualBase).toBe(true);
    expect(readPeftLora(edited({ init_lora_weights: 'gaussian' })).needsResidualBase).toBe(false);
  });

  test('other tensors, half a pair, none', () => {
    const directory = edited({});
    const path = join(directory, 'adapter_model.safetensors');
    const write = (...names: string[]): void =>
      writeSafetensors(
        path,
        names.map((name) => ({ name, dtype: 'F32', shape: [4, 1], data: new Float32Array(4) })),
      );
    write('base_model.model.head.weight');
    expect(() => readPeftLora(directory)).toThrow(
      `${path}: tensor base_model.model.head.weight: no part of the adapter on a layer`,
    );
    write('base_model.model.a.lora_A.weight');
    expect(() => readPeftLora(directory)).toThrow(`${path}: module a: its lora_B is missing`);
    write();
    expect(() => readPeftLora(directory)).toThrow(`${path}: holds no LoRA tensors`);
  });

  test('writing refuses a pair of another rank', async () => {
    await expect(writePeftLora({ directory: fresh(), ...description })).rejects.toThrow(
      'layers.1.q_proj: 4 and 2 values for a 1 x 2 LoRA of rank 1',
    );
  });
});

import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { methods } from '../../../../main/engine/adapters/methods/index.ts';
import { writeSafetensors } from '../../../../main/engine/formats/safetensors.ts';
import type { LinearLayer } from '../../../../main/engine/models/architecture.ts';
import { openModel } from '../../../../main/engine/models/model.ts';
import { readPeft, writePeft } from '../../../../main/engine/peft/index.ts';
import { writeLoraFolder, type LoraModule } from '../../../support/lora-folder.ts';
import { temporaryDirectory } from '../../formats/temporary-directory.ts';

const root = temporaryDirectory();
const saved = join(import.meta.dirname, '../fixtures/llama-lora');
const model = openModel(join(import.meta.dirname, '../../../numeric/fixtures/llama/model'));
let count = 0;
const fresh = (): string => join(root, String(count++));

describe('an adapter saved by PEFT 0.21', () => {
  const adapter = readPeft(saved, model.targetLayers);

  test('reads', () => {
    expect(adapter.settings).toMatchObject({ method: 'lora', rank: 4, alpha: 8, dropout: 0 });
    expect(adapter.layers).toHaveLength(14);
    expect(adapter.weights).toEqual([]);
    const of = (name: string): Float32Array => adapter.values.get(`model.layers.1.mlp.down_proj.${name}`)!;
    const [a, b] = [of('lora_A'), of('lora_B')];
    expect([a.length, b.length]).toEqual([4 * 176, 64 * 4]);
    expect(b.every((value) => value === 0)).toBe(true);
    expect(Math.max(...a.map(Math.abs))).toBeLessThanOrEqual(1 / Math.sqrt(176));
  });

  test('written again, its tensors have the same bytes and its fields the same values', async () => {
    const directory = fresh();
    await writePeft(directory, { adapter, model, baseModel: null, residual: 'in-adapter' });
    const weights = 'adapter_model.safetensors';
    expect(readFileSync(join(directory, weights)).equals(readFileSync(join(saved, weights)))).toBe(true);
    const configOf = (folder: string): Record<string, unknown> =>
      JSON.parse(readFileSync(join(folder, 'adapter_config.json'), 'utf8'));
    const { auto_mapping: _, task_type: __, target_modules: targets, ...config } = configOf(directory);
    const { target_modules: theirs, ...own } = configOf(saved);
    expect(own).toMatchObject(config);
    expect(new Set(targets as string[])).toEqual(new Set(theirs as string[]));
  });
});

/** Two modules, the second of rank 2. */
const [first, second]: readonly [LoraModule, LoraModule] = [
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
const layersOf = (modules: readonly LoraModule[]): LinearLayer[] =>
  modules.map(({ module, outFeatures, inFeatures }) => ({ module, outFeatures, inFeatures, bias: false }));
const read = (modules: readonly LoraModule[], config: object): ReturnType<typeof readPeft> =>
  readPeft(writeLoraFolder(fresh(), { modules, config: { ...config } }), layersOf(modules));

test('rank and alpha patterns, rsLoRA', () => {
  const { settings, values } = read([first, second], {
    lora_alpha: 3,
    rank_pattern: { 'layers.1.q_proj': 2 },
    alpha_pattern: { '1.q_proj': 8, q_proj: 5 },
    use_rslora: true,
  });
  expect(settings).toMatchObject({
    method: 'rslora',
    rank: 1,
    alpha: 3,
    rankPattern: { 'layers.1.q_proj': 2 },
    alphaPattern: { 'layers.0.q_proj': 5, 'layers.1.q_proj': 8 },
  });
  expect([...values.get('layers.1.q_proj.lora_A')!]).toEqual([1, 2, 3, 4]);
});

test('a pattern is a regular expression for the whole name or its end from a dot on', () => {
  const modules = ['layers.0.q_proj', 'layers.0.xq_proj', 'layers.10.q_proj'].map((module) => ({
    ...first,
    module,
  }));
  const { settings } = read(modules, {
    lora_alpha: 3,
    alpha_pattern: { '[0-4].q_proj': 7, 'layers.\\d+.q_proj': 9 },
  });
  expect(settings).toMatchObject({
    alpha: 3,
    alphaPattern: { 'layers.0.q_proj': 7, 'layers.10.q_proj': 9 },
  });
});

test('DoRA magnitudes', () => {
  const { settings, values } = read([{ ...first, magnitude: Float32Array.of(7, 8) }], { use_dora: true });
  expect(settings.method).toBe('dora');
  expect([...values.get('layers.0.q_proj.magnitude')!]).toEqual([7, 8]);
});

test.each(
  Object.values(methods).flatMap(({ name, peft, settled = {} }) =>
    peft?.flags ? [{ name, flags: peft.flags, settings: settled }] : [],
  ),
)('$name is known by $flags', ({ name, flags, settings }) => {
  const modules = [{ ...first, magnitude: Float32Array.of(7, 8) }];
  expect(read(modules, flags).settings).toMatchObject({ method: name, ...settings });
});

test('a start is known however it is written, and one that changes nothing is none', () => {
  expect(read([first], { init_lora_weights: 'OLoRA' }).settings.method).toBe('olora');
  for (const start of ['gaussian', 'orthogonal', true, false, null])
    expect(read([first], { init_lora_weights: start }).settings.method).toBe('lora');
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
    [{ r: 'four' }, 'adapter_config.json: r: expected a number, not "four"'],
    [
      { r: 5 },
      "adapter_model.safetensors: module model.layers.0.mlp.down_proj: lora_A [4, 176] and lora_B [64, 4] don't have the rank 5 of adapter_config.json",
    ],
    [
      { use_dora: true },
      'adapter_model.safetensors: module model.layers.0.mlp.down_proj: its lora_magnitude_vector is missing',
    ],
    [
      { rank_pattern: { '(q_proj': 4 } },
      'adapter_config.json: rank_pattern.(q_proj: "(q_proj" is not a regular expression (unterminated group)',
    ],
    [
      { alpha_pattern: { 'q_proj\\Z': 4 } },
      'adapter_config.json: alpha_pattern.q_proj\\Z: "q_proj\\Z" is not a regular expression that can be read here (\\Z)',
    ],
  ])('%j', (change, message) => {
    const directory = edited(change);
    expect(() => readPeft(directory, model.targetLayers)).toThrow(
      expect.objectContaining({ code: 'invalid-input', message: `${directory}/${message}` }),
    );
  });

  test.each(['pissa_niter_16', 'corda', 'lora_ga', 'loftq'])(
    'a base that %s changed is asked for',
    (start) => {
      const directory = edited({ init_lora_weights: start });
      expect(() => readPeft(directory, model.targetLayers)).toThrow(
        `init_lora_weights is ${start}: the adapter belongs to the base that its start changed`,
      );
      const { settings } = readPeft(directory, model.targetLayers, { onResidualBase: true });
      expect(settings.method).toBe('lora');
    },
  );

  test('a start from the base together with magnitudes', () =>
    expect(() =>
      read([{ ...first, magnitude: Float32Array.of(7, 8) }], { init_lora_weights: 'pissa', use_dora: true }),
    ).toThrow('use_dora together with init_lora_weights pissa is not supported'));

  test('other tensors, half a pair, none', () => {
    const directory = edited({});
    const path = join(directory, 'adapter_model.safetensors');
    const write = (...names: string[]): void =>
      writeSafetensors(
        path,
        names.map((name) => ({ name, dtype: 'F32', shape: [4, 1], data: new Float32Array(4) })),
      );
    const reading = (): unknown => readPeft(directory, model.targetLayers);
    write('base_model.model.head.weight');
    expect(reading).toThrow(
      `${path}: tensor base_model.model.head.weight: no part of the adapter on a layer`,
    );
    write('base_model.model.a.lora_A.weight');
    expect(reading).toThrow(`${path}: module a: its lora_B is missing`);
    write();
    expect(reading).toThrow(`${path}: holds no LoRA tensors`);
  });
});

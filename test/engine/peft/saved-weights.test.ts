import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkBaseCopies } from '../../../main/engine/peft/base-copies.ts';
import { readPeft } from '../../../main/engine/peft/index.ts';
import { peftPrefix } from '../../../main/engine/peft/folder.ts';
import {
  readSafetensorsHeader,
  readTensorFloat32,
  writeSafetensors,
  type TensorToWrite,
} from '../../../main/engine/formats/safetensors.ts';
import { isSavedByPeft } from '../../../main/engine/peft/saved-weights.ts';
import { adapterSettingsSchema } from '../../../main/engine/adapters/settings/adapter-settings.ts';
import { selectTargets } from '../../../main/engine/adapters/layer/target-modules.ts';
import { openModel } from '../../../main/engine/models/model.ts';
import { compareLogits, sampleLogits, sampleBatch } from '../../../main/trainer/export/export-check.ts';
import { importAdapter } from '../../../main/trainer/export/import-adapter.ts';
import { withPeftAdapter } from '../../../main/trainer/export/peft-model.ts';
import { temporaryDirectory } from '../formats/temporary-directory.ts';
import { writeTinyModel } from '../../support/tiny-model.ts';

const root = temporaryDirectory();
const directory = writeTinyModel(join(root, 'model'));
const model = openModel(directory);
const [vocabulary, hidden] = [2048, 16];
const query = `${peftPrefix}model.layers.0.self_attn.q_proj`;
let count = 0;

const tensor = (name: string, shape: number[], data: Float32Array): TensorToWrite => ({
  name,
  dtype: 'F32',
  shape,
  data,
});
const pair = [
  tensor(`${query}.lora_A.weight`, [2, hidden], new Float32Array(2 * hidden).fill(0.5)),
  tensor(`${query}.lora_B.weight`, [hidden, 2], new Float32Array(2 * hidden)),
];
/** A LoRA that adds nothing to the first query, with more tensors beside it. */
const adapterOf = (config: object, tensors: readonly TensorToWrite[], ...parts: TensorToWrite[]): string => {
  const folder = join(root, `adapter-${count++}`);
  mkdirSync(folder);
  writeFileSync(
    join(folder, 'adapter_config.json'),
    JSON.stringify({ peft_type: 'LORA', r: 2, lora_alpha: 2, target_modules: ['q_proj'], ...config }),
  );
  writeSafetensors(
    join(folder, 'adapter_model.safetensors'),
    [...(parts.length > 0 ? parts : pair), ...tensors].sort((a, b) => (a.name < b.name ? -1 : 1)),
  );
  return folder;
};
const stored = readSafetensorsHeader(join(directory, 'model.safetensors'));
const base = (name: string): Float32Array => readTensorFloat32(stored, name);
const isNorm = (name: string): boolean => /norm\.weight$/.test(name);
const norms = [...stored.tensors.keys()].filter(isNorm);
const twice = (values: Float32Array): Float32Array => values.map((value) => 2 * value);
const batch = sampleBatch(model);
const plainLogits = (of: string): Promise<Float32Array> =>
  sampleLogits({ model: openModel(of), adapter: null, trainedWeights: [] }, batch, 1);
const adaptedLogits = async (folder: string): Promise<Float32Array> =>
  sampleLogits(await withPeftAdapter(model, folder), batch, 1);

interface WrappedModules {
  readonly modules_to_save: string[];
  readonly target_modules: string | string[];
  readonly saved: string[];
  readonly adapted: string[];
}

describe('what PEFT itself trains whole and adapts (fixtures/make_saved_modules.py)', () => {
  const cases = JSON.parse(
    readFileSync(join(import.meta.dirname, 'fixtures/saved-modules.json'), 'utf8'),
  ) as WrappedModules[];
  const llama = openModel(join(import.meta.dirname, '../../numeric/fixtures/llama/model'));
  const isIn =
    (modules: readonly string[]) =>
    (weight: string): boolean =>
      modules.some((module) => weight.startsWith(`${module}.`));

  it.each(cases)('with modules_to_save $modules_to_save', ({ modules_to_save: names, saved, ...config }) => {
    const weights = [...llama.weightShapes.keys()];
    expect(weights.filter((weight) => isSavedByPeft(names, weight))).toEqual(weights.filter(isIn(saved)));
    const settings = adapterSettingsSchema.parse({
      method: 'lora',
      targetModules: config.target_modules,
      modulesToSave: names,
    });
    const chosen = selectTargets(llama.targetLayers, settings).map(({ module }) => module);
    expect(chosen.sort()).toEqual(config.adapted);
  });
});

describe('modules_to_save by the ends of names, letter by letter', () => {
  const other = (name: string): Float32Array =>
    base(name).map((value, index) => value + 0.1 * Math.sin(index + name.length));
  const folder = adapterOf(
    { modules_to_save: ['norm'] },
    norms.map((name) => tensor(peftPrefix + name, [hidden], other(name))),
  );

  it('takes every module that ends so', () => {
    expect(norms).toHaveLength(5);
    const { settings, weights } = readPeft(folder, model.targetLayers);
    expect(weights.map(({ name }) => name).sort()).toEqual([...norms].sort());
    const modules = norms.map((name) => name.replace('.weight', '')).sort();
    expect([...(settings as { modulesToSave: string[] }).modulesToSave].sort()).toEqual(modules);
  });

  it('computes what the model with those weights computes', async () => {
    const changed = join(root, 'changed');
    writeTinyModel(changed);
    writeSafetensors(
      join(changed, 'model.safetensors'),
      [...stored.tensors.values()].map(({ name, shape }) =>
        tensor(name, [...shape], isNorm(name) ? other(name) : base(name)),
      ),
    );
    const [expected, found] = [await plainLogits(changed), await adaptedLogits(folder)];
    expect(compareLogits(expected, await plainLogits(directory)).difference).toBeGreaterThan(1e-3);
    expect(compareLogits(expected, found).difference).toBeLessThan(1e-6);
  });

  it('is imported', async () => {
    const events: unknown[] = [];
    await importAdapter(
      {
        modelDirectory: directory,
        peftDirectory: folder,
        destination: join(root, 'imported'),
        onResidualBase: false,
        threads: 1,
      },
      { emit: (event) => void events.push(event), shouldStop: () => null },
    );
    expect(events).toMatchObject([
      { type: 'imported', summary: { trainedParameters: 64 + norms.length * 16 } },
    ]);
  });
});

describe('embeddings beside an adapter', () => {
  const embedding = (rows: number): Float32Array => new Float32Array(rows * hidden).fill(0.25);
  const table = (name: string, rows = vocabulary): TensorToWrite =>
    tensor(peftPrefix + name, [rows, hidden], embedding(rows));

  it.each([
    ['saved beside it', {}, [table('model.embed_tokens.weight', 2051), table('lm_head.weight', 2051)]],
    [
      'trained whole',
      { modules_to_save: ['embed_tokens', 'lm_head'] },
      [table('model.embed_tokens.modules_to_save.weight', 2051), table('lm_head.weight', 2051)],
    ],
    ['its head alone', {}, [table('lm_head.weight', 2051)]],
    [
      'adapted',
      { target_modules: ['embed_tokens'] },
      [tensor(`${peftPrefix}model.embed_tokens.base_layer.weight`, [2051, hidden], embedding(2051))],
    ],
  ])('of a resized vocabulary, %s, are refused with both numbers', (_, config, tensors) =>
    expect(() => readPeft(adapterOf(config, tensors), model.targetLayers)).toThrow(
      'the adapter was trained with 2051 embeddings, the model has 2048: the vocabulary was resized',
    ),
  );

  it('of a resized vocabulary are told by its LoRA too', () => {
    const parts = [
      tensor(`${peftPrefix}model.embed_tokens.lora_embedding_A`, [2, 2051], new Float32Array(2 * 2051)),
      tensor(`${peftPrefix}model.embed_tokens.lora_embedding_B`, [hidden, 2], new Float32Array(2 * hidden)),
    ];
    const folder = adapterOf({ target_modules: ['embed_tokens'] }, [], ...parts);
    expect(() => readPeft(folder, model.targetLayers)).toThrow('with 2051 embeddings, the model has 2048');
  });

  it('take the place of the model’s, as PEFT has it', async () => {
    const doubled = twice(base('model.embed_tokens.weight'));
    const tables = ['model.embed_tokens.weight', 'lm_head.weight'].map((name) =>
      tensor(peftPrefix + name, [vocabulary, hidden], doubled),
    );
    const folder = adapterOf({}, tables);
    const changed = join(root, 'doubled');
    writeTinyModel(changed);
    writeSafetensors(
      join(changed, 'model.safetensors'),
      [...stored.tensors.values()].map(({ name, shape }) =>
        tensor(name, [...shape], name.includes('embed_tokens') ? doubled : base(name)),
      ),
    );
    const [expected, found] = [await plainLogits(changed), await adaptedLogits(folder)];
    expect(compareLogits(expected, found).difference).toBeLessThan(1e-6);
  });

  it('are refused where two copies of one weight differ', () => {
    const tables = [
      table('model.embed_tokens.weight'),
      tensor(`${peftPrefix}lm_head.weight`, [vocabulary, hidden], twice(embedding(vocabulary))),
    ];
    expect(() => readPeft(adapterOf({}, tables), model.targetLayers)).toThrow('were trained apart');
  });
});

it('refuses a tensor that is neither part of the adapter nor named, with what modules_to_save has', () => {
  const folder = adapterOf({ modules_to_save: ['lm_head'] }, [
    tensor(`${peftPrefix}model.norm.weight`, [hidden], new Float32Array(hidden)),
  ]);
  expect(() => readPeft(folder, model.targetLayers)).toThrow(
    'tensor base_model.model.model.norm.weight: no part of the adapter on a layer, and modules_to_save (lm_head) does not name it',
  );
});

it('refuses a wrapper’s weight that differs from the one under the module’s name', () => {
  const one = new Float32Array(hidden).fill(1);
  const folder = adapterOf({ modules_to_save: ['norm'] }, [
    tensor(`${peftPrefix}model.norm.weight`, [hidden], one),
    tensor(`${peftPrefix}model.norm.modules_to_save.weight`, [hidden], twice(one)),
  ]);
  expect(() => readPeft(folder, model.targetLayers)).toThrow('should hold the same, and do not');
});

describe('a base’s weight beside the adapter of an embedding', () => {
  const parts = [
    tensor(
      `${peftPrefix}model.embed_tokens.lora_embedding_A`,
      [2, vocabulary],
      new Float32Array(2 * vocabulary),
    ),
    tensor(`${peftPrefix}model.embed_tokens.lora_embedding_B`, [hidden, 2], new Float32Array(2 * hidden)),
  ];
  const own = base('model.embed_tokens.weight');
  const withCopy = (data: Float32Array): string =>
    adapterOf(
      { target_modules: ['embed_tokens'] },
      [tensor(`${peftPrefix}model.embed_tokens.base_layer.weight`, [vocabulary, hidden], data)],
      ...parts,
    );

  it('is the model’s own', () => expect(() => checkBaseCopies(withCopy(own), model)).not.toThrow());

  it('is another base’s', () =>
    expect(() => checkBaseCopies(withCopy(own.with(5, 1)), model)).toThrow(
      "model.embed_tokens.base_layer.weight is the base's weight, and differs from the model's: the adapter was trained on another base",
    ));
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readAdapter, writeAdapter } from '../../../main/engine/adapters/folder/adapter-folder.ts';
import {
  describeAdapter,
  adapterSettingsSchema,
  type AdapterSettings,
} from '../../../main/engine/adapters/settings/adapter-settings.ts';
import {
  allFactors,
  factorKey,
  factorShape,
  layerAdapter,
  trainedAt,
} from '../../../main/engine/adapters/layer/layer-adapter.ts';
import { foldLayer, mergeLayer } from '../../../main/engine/adapters/layer/fold.ts';
import { checkAdapterFits } from '../../../main/engine/adapters/layer/adapter-fits.ts';
import { selectTargets } from '../../../main/engine/adapters/layer/target-modules.ts';
import { openModel } from '../../../main/engine/models/model.ts';
import { createRandom } from '../../../main/engine/random.ts';

const model = openModel(join(import.meta.dirname, '../../numeric/fixtures/llama/model'));
const settings = (input: object): AdapterSettings => adapterSettingsSchema.parse(input);
const lora = settings({ method: 'lora', rank: 4, alpha: 8, targetModules: ['q_proj', 'down_proj'] });
const nora = settings({
  method: 'nora',
  outerRank: 16,
  innerRank: 4,
  alpha: 8,
  targetModules: ['q_proj', 'down_proj'],
});

const randomValues = (one: AdapterSettings): Map<string, Float32Array> => {
  const random = createRandom(3);
  return new Map(
    selectTargets(model.linearLayers, one).flatMap((layer) =>
      allFactors(layerAdapter(describeAdapter(one), layer)).map((factor) => [
        factorKey(layer.module, factor),
        Float32Array.from({ length: factorShape(factor).reduce((a, b) => a * b) }, () => random.normal()),
      ]),
    ),
  );
};

describe('the design space', () => {
  // Parameter formulas as published: LoRA r (in + out), serial NoRA 2 r r' (reference, 1.1).
  it.each([
    [lora, 4 * (64 + 64) + 4 * (176 + 64)],
    [nora, 2 * (2 * 16 * 4)],
  ])('%j trains the published number of parameters per layer', (one, expected) => {
    const layers = selectTargets(model.linearLayers, one).slice(0, 2);
    expect(layers.map(({ module }) => module)).toEqual([
      'model.layers.0.self_attn.q_proj',
      'model.layers.0.mlp.down_proj',
    ]);
    const trained = layers.map((layer) => trainedAt(layerAdapter(describeAdapter(one), layer)));
    expect(trained.reduce((a, b) => a + b)).toBe(expected);
  });

  it('scales by alpha over the rank that is trained', () => {
    for (const one of [lora, nora])
      expect(layerAdapter(describeAdapter(one), model.linearLayers[0]!).scaling).toBe(2);
  });
});

describe('folding', () => {
  it.each([lora, nora])('gives the chain as one pair: %j', (one) => {
    const values = randomValues(one);
    const description = describeAdapter(one);
    const [layer] = selectTargets(model.linearLayers, one);
    const folded = foldLayer(description, layer!, values);
    expect(folded.rank).toBe(4);
    // One entry of delta W, summed over every path through the chain.
    const factors = allFactors(layerAdapter(description, layer!));
    const entry = (row: number, column: number): number => {
      let vector = [...Array(factors[0]!.rows).keys()].map((at): number => (at === row ? 1 : 0));
      for (const factor of factors) {
        const data = values.get(factorKey(layer!.module, factor))!;
        vector = [...Array(factor.columns).keys()].map((to) =>
          vector.reduce((sum, value, from) => sum + value * data[from * factor.columns + to]!, 0),
        );
      }
      return layerAdapter(description, layer!).scaling * vector[column]!;
    };
    const merged = mergeLayer(folded, new Float32Array(64 * 64));
    for (const [row, column] of [
      [0, 0],
      [5, 17],
      [63, 63],
    ] as const)
      expect(merged[row * 64 + column]! / entry(row, column)).toBeCloseTo(1, 5);
  });
});

describe('target modules', () => {
  it('are checked by name', () =>
    expect(() =>
      selectTargets(model.linearLayers, { ...lora, targetModules: ['q_proj', 'qkv'] } as AdapterSettings),
    ).toThrow(
      'targetModules: the model has no module qkv (it has q_proj, k_proj, v_proj, o_proj, gate_proj, up_proj, down_proj)',
    ));
  it('bound the rank', () => {
    expect(() => checkAdapterFits(model, settings({ method: 'lora', rank: 33 }))).toThrow(
      'rank: 33 is larger than the matrix k_proj (32 x 64) allows: at most 32',
    );
    expect(() => checkAdapterFits(model, settings({ method: 'nora', outerRank: 128, innerRank: 4 }))).toThrow(
      'outerRank: 128 is larger than the matrix q_proj',
    );
    expect(() => checkAdapterFits(model, settings({ method: 'nora', outerRank: 8, innerRank: 16 }))).toThrow(
      'innerRank: 16 is larger than outerRank 8',
    );
    expect(() => checkAdapterFits(model, nora)).not.toThrow();
  });
});

describe('an adapter folder', () => {
  it('comes back as it was', async () => {
    const directory = join(mkdtempSync(join(tmpdir(), 'nora-adapter-')), 'adapter');
    const saved = {
      settings: nora,
      layers: selectTargets(model.linearLayers, nora),
      weights: [],
      values: randomValues(nora),
    };
    await writeAdapter(directory, saved);
    const { settings, layers, values, files } = readAdapter(directory);
    expect({ settings, layers }).toEqual({ settings: saved.settings, layers: saved.layers });
    expect(new Map([...files.keys()].map((key) => [key, values.get(key)]))).toEqual(saved.values);

    const file = join(directory, 'adapter.json');
    const json = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    const change = (changes: object): void =>
      writeFileSync(file, JSON.stringify({ ...json, formatVersion: 1, ...changes }));
    change({});
    expect(() => readAdapter(directory)).toThrow(`${file}: is damaged`);
    rmSync(join(directory, 'sums.json'));
    expect(readAdapter(directory).settings).toEqual(saved.settings);
    change({ formatVersion: 2 });
    expect(() => readAdapter(directory)).toThrow(`${join(directory, 'sums.json')}: is damaged: it is gone`);
    change({ formatVersion: 3 });
    expect(() => readAdapter(directory)).toThrow(`${file}: written by a newer version of the workbench`);
    change({ adapter: { ...nora, outerRank: 32 } });
    expect(() => readAdapter(directory)).toThrow('lora_B is (64 x 16), it should be (64 x 32)');
    writeFileSync(file, '{');
    expect(() => readAdapter(directory)).toThrow(`${file}: not JSON (Expected property name`);
  });
});

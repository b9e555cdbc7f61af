import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  readAdapter,
  writeAdapter,
  type SavedAdapter,
} from '../../main/engine/adapters/folder/adapter-folder.ts';
import { adapterSettingsSchema } from '../../main/engine/adapters/settings/adapter-settings.ts';
import { readModelFiles } from '../../main/engine/formats/model-identity.ts';
import { openModel } from '../../main/engine/models/model.ts';
import type { LinearLayer } from '../../main/engine/models/architecture.ts';
import { readLayerWeight } from '../../main/engine/models/weights/model-weights.ts';
import { createRandom } from '../../main/engine/random.ts';
import { combineJob } from '../../main/trainer/combine/combine-job.ts';
import { exportRun } from '../../main/trainer/export/export-run.ts';
import type { CombinedSummary } from '../../main/trainer/protocol/combine-schema.ts';
import type { TrainerEvent } from '../../main/trainer/protocol/protocol.ts';
import { temporaryDirectory } from '../engine/formats/temporary-directory.ts';
import { writeTinyModel } from '../support/tiny-model.ts';

const workspace = temporaryDirectory();
const at = (name: string): string => join(workspace, name);
let layers: LinearLayer[];
beforeAll(() => {
  writeTinyModel(at('model'));
  layers = openModel(at('model')).linearLayers.slice(0, 3);
});

/** A LoRA with numbers of its own on some of the layers. */
const write = async (name: string, settings: object, own: readonly LinearLayer[]): Promise<SavedAdapter> => {
  const random = createRandom(name.length);
  const parsed = adapterSettingsSchema.parse({ method: 'lora', ...settings });
  const { rank } = parsed as { rank: number };
  const draw = (count: number): Float32Array =>
    Float32Array.from({ length: count }, () => 0.2 * random.uniform() - 0.1);
  const values = new Map(
    own.flatMap(({ module, outFeatures, inFeatures }): [string, Float32Array][] => [
      [`${module}.lora_A`, draw(rank * inFeatures)],
      [`${module}.lora_B`, draw(outFeatures * rank)],
      [`${module}.magnitude`, new Float32Array(outFeatures).fill(1)],
      [`${module}.squared_norms`, new Float32Array(outFeatures).fill(1)],
    ]),
  );
  const saved: SavedAdapter = { settings: parsed, layers: own, weights: [], values };
  await writeAdapter(at(name), saved);
  return saved;
};

const combine = async (
  parts: readonly [string, number][],
  destination: string | null,
): Promise<CombinedSummary> => {
  const events: TrainerEvent[] = [];
  await combineJob(
    {
      modelDirectory: at('model'),
      modelFiles: await readModelFiles(at('model')),
      parts: parts.map(([name, weight]) => ({
        ...{ name, weight },
        adapterDirectory: at(name),
        heldOut: 'no run is known',
      })),
      destination,
      threads: 1,
    },
    { emit: (event) => events.push(event), shouldStop: () => null },
  );
  const last = events.at(-1)!;
  if (last.type !== 'combined') throw new Error(last.type);
  return last.summary;
};

/** sum of weight * alpha / rank * B A in float64, entry by entry: nothing of the program's own algebra. */
const expectedChange = (
  { module, outFeatures, inFeatures }: LinearLayer,
  parts: readonly { saved: SavedAdapter; weight: number }[],
): Float64Array => {
  const change = new Float64Array(outFeatures * inFeatures);
  for (const { saved, weight } of parts) {
    const { rank, alpha } = saved.settings as { rank: number; alpha: number };
    const [a, b] = [saved.values.get(`${module}.lora_A`), saved.values.get(`${module}.lora_B`)];
    if (!a || !b) continue;
    for (let row = 0; row < outFeatures; row++)
      for (let column = 0; column < inFeatures; column++)
        for (let k = 0; k < rank; k++)
          change[row * inFeatures + column]! +=
            weight * (alpha / rank) * b[row * rank + k]! * a[k * inFeatures + column]!;
  }
  return change;
};

describe('adapters added up', () => {
  it('merge into the sum of their weighed changes, whatever their ranks and layers', async () => {
    const [q, k, v] = layers as [LinearLayer, LinearLayer, LinearLayer];
    const first = await write('first', { rank: 2, alpha: 8 }, [q, k]);
    // More than the 8 rows of k together with the first.
    const second = await write('second', { rank: 7, alpha: 7 }, [k, v]);
    const summary = await combine(
      [
        ['first', 0.7],
        ['second', -0.3],
      ],
      at('sum'),
    );
    const parts = [
      { saved: first, weight: 0.7 },
      { saved: second, weight: -0.3 },
    ];
    expect(readAdapter(at('sum')).settings).toMatchObject({ method: 'lora', rank: 8, alpha: 8 });
    expect(summary.layers.map(({ module }) => module)).toEqual([q, k, v].map(({ module }) => module));
    for (const [index, layer] of [q, k, v].entries()) {
      const norm = Math.sqrt(expectedChange(layer, parts).reduce((sum, entry) => sum + entry * entry, 0));
      expect(summary.layers[index]!.change / norm).toBeCloseTo(1, 5);
    }
    // Sample prompts, as no run is known.
    expect(summary.losses).toHaveLength(1);
    expect(summary.losses[0]).toMatchObject({ of: [0, 1], on: { data: 'sample-prompts' } });
    expect(summary.losses[0]!.parts).toHaveLength(2);

    const events: TrainerEvent[] = [];
    await exportRun(
      {
        kind: 'merged',
        modelDirectory: at('model'),
        adapterDirectory: at('sum'),
        destination: at('merged'),
        baseModelName: 'tiny',
        threads: 1,
      },
      { emit: (event) => events.push(event), shouldStop: () => null },
    );
    const exported = events.at(-1)!;
    if (exported.type !== 'exported') throw new Error(exported.type);
    expect(exported.summary.largestLogitDifference).toBeLessThan(1e-5);
    const [base, merged] = [openModel(at('model')), openModel(at('merged'))];
    for (const layer of openModel(at('model')).linearLayers) {
      const change = expectedChange(layer, parts);
      const [before, after] = [readLayerWeight(base, layer), readLayerWeight(merged, layer)];
      for (const [entry, value] of after.entries())
        expect(Math.abs(value - (before[entry]! + change[entry]!))).toBeLessThan(2e-7);
    }
  });

  it('are one alone, scaled', async () => {
    const saved = await write('alone', { rank: 2, alpha: 4 }, layers.slice(0, 1));
    const { change } = (await combine([['alone', 0.5]], null)).layers[0]!;
    const expected = expectedChange(layers[0]!, [{ saved, weight: 0.5 }]);
    expect(change / Math.sqrt(expected.reduce((sum, entry) => sum + entry * entry, 0))).toBeCloseTo(1, 6);
  });

  it('are refused by name where they do not add up, and nothing is written', async () => {
    await write('turned', { method: 'dora', rank: 2 }, layers.slice(0, 1));
    await expect(combine([['turned', 1]], at('none'))).rejects.toThrow(
      'the adapter "turned" (dora) brings the rows of the weights to lengths of their own',
    );
    await writeAdapter(at('whole'), {
      settings: adapterSettingsSchema.parse({ method: 'full' }),
      layers: [],
      weights: [{ name: `${layers[0]!.module}.weight`, shape: [16, 16] }],
      values: new Map([[`${layers[0]!.module}.weight`, new Float32Array(256)]]),
    });
    await expect(combine([['whole', 1]], at('none'))).rejects.toThrow('holds whole weights');
    expect(existsSync(at('none'))).toBe(false);
  });
});

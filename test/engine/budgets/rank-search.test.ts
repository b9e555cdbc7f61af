import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkAdapterFits } from '../../../main/engine/adapters/layer/adapter-fits.ts';
import { layerAdapter } from '../../../main/engine/adapters/layer/layer-adapter.ts';
import { selectTargets } from '../../../main/engine/adapters/layer/target-modules.ts';
import {
  adapterSettingsSchema,
  describeAdapter,
  type AdapterSettings,
} from '../../../main/engine/adapters/settings/adapter-settings.ts';
import { nearestWhole } from '../../../main/engine/budgets/nearest-rank.ts';
import { storedParameterCount, trainedParameterCount } from '../../../main/engine/budgets/parameter-costs.ts';
import { rankCandidates } from '../../../main/engine/budgets/rank-candidates.ts';
import { movableRanks, withRanks, type Ranks } from '../../../main/engine/budgets/rank-settings.ts';
import { openModel } from '../../../main/engine/models/model.ts';
import { createRandom } from '../../../main/engine/random.ts';
import { root } from '../../support/paths.ts';

const gpt2 = openModel(join(root, 'test/numeric/fixtures/gpt2/model'));

describe('the nearest whole number', () => {
  it('is the one that trying all of them finds, the smaller of equals', () => {
    const random = createRandom(7);
    for (let round = 0; round < 300; round++) {
      const least = 1 + random.integer(5);
      const most = least + random.integer(40);
      let value = 0;
      const values = new Map(
        Array.from({ length: most - least + 1 }, (_, at) => [least + at, (value += random.integer(4))]),
      );
      const target = random.integer(value + 10);
      const off = (number: number): number => Math.abs(values.get(number)! - target);
      const best = Math.min(...[...values.keys()].map(off));
      const found = nearestWhole((number) => values.get(number)!, target, least, most);
      expect(off(found)).toBe(best);
    }
  });

  it('asks for few of many', () => {
    let asked = 0;
    expect(nearestWhole((n) => (asked++, n * n), 250_000, 1, 65_536)).toBe(500);
    expect(asked).toBeLessThan(20);
  });
});

type Count = (model: typeof gpt2, settings: AdapterSettings) => number;
const counts: Readonly<Record<string, Count>> = {
  trained: trainedParameterCount,
  stored: storedParameterCount,
};

const search = (given: object, count: Count, target: number, tolerance = 0) => {
  const settings = adapterSettingsSchema.parse(given);
  const valueOf = (one: AdapterSettings): number => count(gpt2, one);
  return rankCandidates({ settings, layers: gpt2.targetLayers, valueOf, target, tolerance, isQuick: true });
};

/** Settings with every number that a rank can be, of one rank or two. */
const everyRank = (settings: AdapterSettings): AdapterSettings[] => {
  const [first, second] = movableRanks(settings, gpt2.targetLayers);
  const from = (least: number, most: number): number[] =>
    Array.from({ length: most - least + 1 }, (_, at) => least + at);
  if (first === undefined) return [];
  if (second === undefined) {
    const most = Math.min(first.most, 300);
    return from(first.least, most).map((rank) => withRanks(settings, { [first.field]: rank }));
  }
  return from(second.isShare ? second.least : 1, second.most).flatMap((outerRank) => {
    const placed = withRanks(settings, { outerRank, innerRank: 1 });
    const { most } = movableRanks(placed, gpt2.targetLayers)[0]!;
    return from(1, most).map((innerRank) => withRanks(settings, { outerRank, innerRank }));
  });
};

const nora = { method: 'nora', outerRank: 16, innerRank: 4 };
const searched: readonly object[] = [
  { method: 'lora', rank: 4 },
  { method: 'dora', rank: 4 },
  { method: 'loraxs', rank: 4 },
  { method: 'vera', rank: 4 },
  { method: 'adalora', rank: 4 },
  { method: 'mica', rank: 4 },
  { method: 'lora', rank: 4, rankPattern: { c_attn: 8 }, modulesToSave: ['ln_f'] },
  { method: 'lora', rank: 4, targetModules: ['wte', 'c_fc'] },
  nora,
  { ...nora, outerRank: '25%' },
  { ...nora, structure: 'dense-core' },
  { ...nora, structure: 'parallel-a' },
  { ...nora, rankPattern: { c_proj: 10 } },
];

describe('ranks that come nearest to a target', () => {
  const pairs = searched.flatMap((settings) => Object.keys(counts).map((name) => [name, settings] as const));
  it.each(pairs.map(([name, settings]) => [name, JSON.stringify(settings), settings] as const))(
    'by %s parameters are those that trying all ranks finds: %s',
    (name, _, given) => {
      const count = counts[name] as Count;
      const settings = adapterSettingsSchema.parse(given);
      const all = everyRank(settings).map((one) => count(gpt2, one));
      const random = createRandom(11);
      const [least, most] = [Math.min(...all), Math.max(...all)];
      for (let round = 0; round < 4; round++) {
        const target = Math.round(least * (most / least) ** random.uniform());
        const best = Math.min(...all.map((value) => Math.abs(value - target)));
        const [found] = search(given, count, target);
        expect(Math.abs(found!.value - target)).toBe(best);
        expect(found!.value).toBe(count(gpt2, found!.adapter));
        checkAdapterFits(gpt2, found!.adapter);
      }
    },
  );

  it('keeps the outer rank where moving the inner one is enough', () => {
    const [found] = search(nora, trainedParameterCount, 8 * 2 * 16 * 9, 0.02);
    expect(found).toMatchObject({ text: 'outer rank 16, inner rank 9', deviation: 0 });
  });

  it('moves the outer rank no further than it takes', () => {
    // Eight layers, of 2 · 16 · 16 numbers at most.
    const target = 8 * 2 * 20 * 18;
    const [found] = search(nora, trainedParameterCount, target, 0.01);
    const { outerRank } = found!.adapter as { outerRank: number };
    const reachable = (outer: number): boolean =>
      Array.from({ length: outer }, (_, at) => 8 * 2 * outer * (at + 1)).some(
        (value) => Math.abs(value / target - 1) <= 0.01,
      );
    expect(reachable(outerRank)).toBe(true);
    for (let outer = 17; outer < outerRank; outer++) expect(reachable(outer)).toBe(false);
  });

  it('offers others only where they are nearer or move less', () => {
    const candidates = search(nora, trainedParameterCount, 8 * 2 * 20 * 18 + 5, 0);
    const deviations = candidates.map(({ deviation }) => Math.abs(deviation));
    expect(deviations).toEqual(deviations.toSorted((a, b) => a - b));
    expect(new Set(candidates.map(({ text }) => text)).size).toBe(candidates.length);
  });
});

describe('settings with other ranks', () => {
  const scalings = (settings: AdapterSettings): number[] => {
    const description = describeAdapter(settings);
    return selectTargets(gpt2.targetLayers, settings).map(
      (layer) => layerAdapter(description, layer).scaling,
    );
  };

  it.each<[object, Ranks]>([
    [{ method: 'lora', rank: 8, alpha: 16 }, { rank: 12 }],
    [{ method: 'rslora', rank: 8, alpha: 16 }, { rank: 18 }],
    [{ method: 'lora', rank: 8, alpha: 16, rankPattern: { c_attn: 4 } }, { rank: 12 }],
    [
      { method: 'lora', rank: 8, alphaPattern: { c_fc: 5, c_attn: 3 }, rankPattern: { c_attn: 4 } },
      { rank: 24 },
    ],
    [{ ...nora, alpha: 8 }, { innerRank: 6 }],
    [
      { ...nora, scaling: 'rank' },
      { innerRank: 6, outerRank: 20 },
    ],
    [{ ...nora, scaling: 'sqrt-rank' }, { outerRank: 25 }],
    [{ ...nora, scaling: 'rank', outerRank: '50%' }, { outerRank: 25 }],
    [{ ...nora, structure: 'dense-core' }, { outerRank: 25 }],
    [{ method: 'vera', rank: 8 }, { rank: 12 }],
  ])('are scaled as before: %j with %j', (given, ranks) => {
    const before = adapterSettingsSchema.parse(given);
    const after = scalings(withRanks(before, ranks));
    for (const [at, scaling] of scalings(before).entries()) expect(after[at]).toBeCloseTo(scaling, 9);
  });

  it('move the rank that AdaLoRA keeps in proportion', () => {
    const settings = adapterSettingsSchema.parse({ method: 'adalora', rank: 12, targetRank: 8 });
    expect(withRanks(settings, { rank: 6 })).toMatchObject({ rank: 6, targetRank: 4 });
  });
});

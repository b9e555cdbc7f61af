import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mergedFolder } from '../../../main/engine/adapters/folder/merged-folder.ts';
import { foldLayer } from '../../../main/engine/adapters/layer/fold.ts';
import type { BaseFormat } from '../../../main/engine/base/base-format.ts';
import { adapterSettingsSchema } from '../../../main/engine/adapters/settings/adapter-settings.ts';
import { writeModelFolder } from '../../../main/engine/formats/model-folder-writer.ts';
import { createGenerator } from '../../../main/engine/generation/create-generator.ts';
import {
  defaultGenerationSettings,
  generationSettingsSchema,
} from '../../../main/engine/generation/generation-settings.ts';
import type {
  GeneratedRow,
  GenerationArm,
  GenerationRow,
} from '../../../main/engine/generation/generator.ts';
import { openModel, type Model } from '../../../main/engine/models/model.ts';
import { readModelWeight } from '../../../main/engine/models/weights/model-weights.ts';
import { createRandom } from '../../../main/engine/random.ts';
import { readBatches } from '../../numeric/golden/golden-folder.ts';
import { movedAdapter, startedAdapter } from '../../support/moved-adapter.ts';
import { fixtures, letters, scratch } from './decoder-folder.ts';

const { directory, remove } = scratch();
afterAll(remove);

const adapters: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  lora: { method: 'lora', rank: 4 },
  dora: { method: 'dora', rank: 3 },
  vera: { method: 'vera', rank: 8 },
  pissa: { method: 'pissa', rank: 4 },
  nora: { method: 'nora', outerRank: 16, innerRank: 4, alpha: 8 },
  'nora with a residual and lengths': {
    ...{ method: 'nora', outerRank: 16, innerRank: 4, alpha: 8 },
    ...{ preset: 'official-code', residualBase: true, magnitude: true },
  },
  'dora on embeddings and head': { method: 'dora', rank: 4, targetModules: 'of the model' },
};

const prompts = [
  [7, 9, 11],
  [40, 41, 42, 43, 44, 45, 46, 47],
  [90, 3, 90, 3, 90],
];
const tokens = 24;

const rowsFor = (arm: number, changes: Partial<GenerationRow['settings']> = {}): GenerationRow[] =>
  prompts.map((ids) => ({
    ids,
    arm,
    settings: { ...defaultGenerationSettings, maximumTokens: tokens, ...changes },
  }));

const answers = async (
  model: Model,
  arms: readonly GenerationArm[],
  rows: readonly GenerationRow[],
  rowsAtOnce = 8,
): Promise<GeneratedRow[]> => {
  const generator = await createGenerator({
    ...{ model, arms, rowsAtOnce, tokenizer: letters, threads: 1, endTokens: [], cacheFolder: directory },
  });
  try {
    return await generator.generate(rows);
  } finally {
    await generator.release();
  }
};

/** Of all tokens, first in the answer to the first prompt. */
const firstProbabilities = async (
  model: Model,
  arm: GenerationArm,
  baseFormat: BaseFormat = 'fp32',
): Promise<number[]> => {
  const generator = await createGenerator({
    ...{ model, baseFormat, arms: [arm], tokenizer: letters, threads: 1, endTokens: [] },
    cacheFolder: directory,
  });
  const probabilities: number[] = [];
  await generator.generate(rowsFor(0, { maximumTokens: 1 }).slice(0, 1), {
    alternatives: 128,
    onToken: ({ alternatives }) =>
      alternatives.forEach(({ id, probability }) => (probabilities[id] = probability)),
  });
  await generator.release();
  return probabilities;
};

const largestDifference = (a: readonly number[], b: readonly number[]): number =>
  Math.max(...a.map((value, at) => Math.abs(value - b[at]!)));

const idsOf = (rows: readonly GeneratedRow[]): (readonly number[])[] => rows.map(({ ids }) => ids);

describe.each([
  ['llama', ['embed_tokens', 'lm_head']],
  ['gpt2', ['wte', 'wpe', 'lm_head']],
])('arms on %s', (name, tables) => {
  const folder = join(fixtures, name);
  const model = openModel(join(folder, 'model'));
  const arms: NonNullable<GenerationArm>[] = [];

  beforeAll(async () => {
    for (const settings of Object.values(adapters)) {
      const targets = 'targetModules' in settings ? { targetModules: tables } : {};
      const parsed = adapterSettingsSchema.parse({ ...settings, ...targets });
      const start = await startedAdapter(model, readBatches(folder), parsed);
      arms.push(movedAdapter(start).moved.adapter);
    }
  });

  it.each(Object.keys(adapters).map((adapter, arm) => [adapter, arm] as const))(
    '%s answers as the merged model does',
    async (adapter, arm) => {
      const { description, layers, values } = arms[arm]!;
      const folded = layers.map((layer) => foldLayer(description, layer, values));
      const destination = join(directory, name, adapter);
      const { changes } = mergedFolder(model, folded, { whole: [], values });
      await writeModelFolder({ source: model.folder, destination, ...changes });
      const merged = await answers(openModel(destination), [null], rowsFor(0));
      const unmerged = await answers(model, [arms[arm]!], rowsFor(0));
      expect(idsOf(unmerged)).toEqual(idsOf(merged));
      const [ofArm, ofMerged, ofBase] = [
        await firstProbabilities(model, arms[arm]!),
        await firstProbabilities(openModel(destination), null),
        await firstProbabilities(model, null),
      ];
      expect(largestDifference(ofArm, ofMerged)).toBeLessThan(1e-5);
      expect(largestDifference(ofArm, ofBase)).toBeGreaterThan(1e-4);
    },
  );

  it('answer together as each does alone', async () => {
    const all = [null, ...arms];
    const alone: GeneratedRow[] = [];
    for (const arm of all) alone.push(...(await answers(model, [arm], rowsFor(0))));
    const rows = all.flatMap((_, arm) => rowsFor(arm));
    for (const rowsAtOnce of [1, 5, 64])
      expect(idsOf(await answers(model, all, rows, rowsAtOnce))).toEqual(idsOf(alone));
  });

  it('may have weights of their own', async () => {
    const trained = [...model.weightShapes.keys()].filter((weight) =>
      /norm|ln_|c_proj|down_proj/.test(weight),
    );
    const random = createRandom(8);
    const values = new Map(
      trained.map((weight) => [
        weight,
        readModelWeight(model, weight).map((value) => value + 0.1 * random.normal()),
      ]),
    );
    const destination = join(directory, name, 'whole');
    const { changes } = mergedFolder(model, [], { whole: trained, values });
    await writeModelFolder({ source: model.folder, destination, ...changes });
    const own: GenerationArm = {
      description: arms[0]!.description,
      layers: [],
      values,
      trainedWeights: trained,
    };
    const mixed = await answers(model, [own, null], [...rowsFor(1), ...rowsFor(0)]);
    expect(idsOf(mixed)).toEqual([
      ...idsOf(await answers(model, [null], rowsFor(0))),
      ...idsOf(await answers(openModel(destination), [null], rowsFor(0))),
    ]);
  });
});

describe('an answer', () => {
  const model = openModel(join(fixtures, 'llama/model'));
  const sampled = { temperature: 1.2, topP: 0.95, seed: 11 };

  it('is the same from a cache and from the whole text each time', async () => {
    const [cached] = await answers(model, [null], rowsFor(0).slice(0, 1));
    const ids = [...prompts[0]!];
    for (let step = 0; step < tokens; step++) {
      const [row] = await answers(
        model,
        [null],
        [{ ids, arm: 0, settings: { ...defaultGenerationSettings, maximumTokens: 1 } }],
      );
      ids.push(row!.ids[0]!);
    }
    expect(cached!.ids).toEqual(ids.slice(prompts[0]!.length));
  });

  it('depends on its seed, not on the rows beside it', async () => {
    const rows = rowsFor(0, sampled);
    const alone = await Promise.all([...rows].map(async (row) => (await answers(model, [null], [row]))[0]!));
    expect(idsOf(await answers(model, [null], rows))).toEqual(idsOf(alone));
    const others = await answers(model, [null], rowsFor(0, { ...sampled, seed: 12 }));
    expect(idsOf(others)).not.toEqual(idsOf(alone));
  });

  it('ends at an end token, a stop string, its length or the last position, and says so', async () => {
    const generator = await createGenerator({
      ...{ model, arms: [null], tokenizer: letters, threads: 1, cacheFolder: directory },
    });
    const [plain] = await answers(model, [null], rowsFor(0).slice(0, 1));
    const text = letters.decode(plain!.ids);
    const settings = (changes: object) =>
      generationSettingsSchema.parse({ maximumTokens: tokens, ...changes });
    const rows = await generator.generate([
      { ids: prompts[0]!, arm: 0, settings: settings({ stop: [text.slice(5, 8)] }) },
      { ids: prompts[0]!, arm: 0, settings: settings({ maximumTokens: 3 }) },
      { ids: prompts[0]!, arm: 0, settings: settings({ maximumTokens: 1000 }) },
    ]);
    await generator.release();
    expect(rows.map(({ finish }) => finish)).toEqual(['stop', 'length', 'length']);
    expect(rows[0]!.text).toBe(text.slice(0, text.indexOf(text.slice(5, 8))));
    expect(rows[1]).toMatchObject({ ids: plain!.ids.slice(0, 3), promptTokens: 3, text: text.slice(0, 3) });
    expect(rows[2]!.ids.length).toBe(64 - 3);
    const ending = await createGenerator({
      ...{ model, arms: [null], tokenizer: letters, threads: 1, endTokens: [plain!.ids[4]!] },
    });
    const [ended] = await ending.generate(rowsFor(0).slice(0, 1));
    await ending.release();
    expect(ended).toMatchObject({ finish: 'end' });
    expect(ended!.ids).toEqual(plain!.ids.slice(0, plain!.ids.indexOf(plain!.ids[4]!) + 1));
  });

  it('is told token by token, and stops when nobody wants it any more', async () => {
    const generator = await createGenerator({
      ...{ model, arms: [null], tokenizer: letters, threads: 1, endTokens: [], rowsAtOnce: 2 },
    });
    const told: string[] = ['', '', ''];
    const probabilities: number[] = [];
    const rows = await generator.generate(rowsFor(0), {
      alternatives: 3,
      onToken: ({ row, text, probability, alternatives }) => {
        told[row] += text;
        probabilities.push(probability);
        expect(alternatives[0]!.probability).toBeCloseTo(probability, 12);
        expect(alternatives.map(({ id }) => id).length).toBe(3);
      },
    });
    expect(told).toEqual(rows.map(({ text }) => text));
    expect(Math.max(...probabilities)).toBeLessThanOrEqual(1);
    const controller = new AbortController();
    let seen = 0;
    const cut = await generator.generate(rowsFor(0), {
      signal: controller.signal,
      onToken: () => void (++seen === 7 && controller.abort()),
    });
    await generator.release();
    expect(cut.map(({ finish }) => finish)).toEqual(['cancelled', 'cancelled', 'cancelled']);
    expect(cut.reduce((sum, { ids }) => sum + ids.length, 0)).toBeLessThan(10);
  });

  it('is refused by name where it cannot be', async () => {
    const settings = defaultGenerationSettings;
    const attempt = (row: Partial<GenerationRow>): Promise<unknown> =>
      answers(model, [null], [{ ids: [5], arm: 0, settings, ...row }]);
    await expect(attempt({ ids: [] })).rejects.toThrow('row 1: the prompt has no tokens');
    await expect(attempt({ arm: 1 })).rejects.toThrow('row 1: there is no arm 1; there are 1');
    await expect(attempt({ ids: [128] })).rejects.toThrow("row 1: token 128 is not among the model's 128");
    await expect(attempt({ ids: Array.from({ length: 64 }, () => 5) })).rejects.toThrow(
      'row 1: the prompt has 64 tokens, which leaves none of the 64 positions for an answer',
    );
    await expect(answers(openModel(join(fixtures, 'bert_cls/model')), [null], [])).rejects.toThrow(
      'a bert model scores texts, it does not write them',
    );
  });
});

describe('a base in fewer bits', () => {
  const model = openModel(join(fixtures, 'llama/model'));

  it.each([
    ['int8', 0.1],
    ['int4', 1.5],
    ['bf16', 0.1],
    ['fp16', 0.02],
  ] as const)('in %s gives nearly the probabilities of float32', async (baseFormat, tolerance) => {
    const logarithms = async (format: BaseFormat): Promise<number[]> =>
      (await firstProbabilities(model, null, format)).map(Math.log);
    const [plain, rounded] = [await logarithms('fp32'), await logarithms(baseFormat)];
    const squares = plain.reduce((sum, value, at) => sum + (value - rounded[at]!) ** 2, 0);
    expect(Math.sqrt(squares / plain.length)).toBeLessThan(tolerance);
    expect(rounded).not.toEqual(plain);
  });
});

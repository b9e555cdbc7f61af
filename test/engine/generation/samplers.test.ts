import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  generationSettingsSchema,
  type GenerationSettings,
} from '../../../main/engine/generation/generation-settings.ts';
import { chooseToken, drawnWeights } from '../../../main/engine/generation/samplers/choose-token.ts';
import { likeliest } from '../../../main/engine/generation/samplers/likeliest.ts';
import { penalise } from '../../../main/engine/generation/samplers/penalties.ts';
import { keepTopK } from '../../../main/engine/generation/samplers/top-k.ts';
import { keepTopP } from '../../../main/engine/generation/samplers/top-p.ts';
import { createRandom } from '../../../main/engine/random.ts';
import { readJson } from './decoder-folder.ts';

interface Case {
  readonly settings: Readonly<Record<string, number>>;
  readonly before: number[];
  readonly logits: number[];
  readonly probabilities: number[];
}

const { cases } = readJson<{ cases: Case[] }>(join(import.meta.dirname, 'fixtures/samplers.json'));

const ourNames: Readonly<Record<string, keyof GenerationSettings>> = {
  temperature: 'temperature',
  top_k: 'topK',
  top_p: 'topP',
  min_p: 'minP',
  repetition_penalty: 'repetitionPenalty',
};

const settingsOf = (theirs: Case['settings']): GenerationSettings =>
  generationSettingsSchema.parse(
    Object.fromEntries(Object.entries(theirs).map(([name, value]) => [ourNames[name], value])),
  );

const shares = (weights: Float64Array): number[] => {
  const total = weights.reduce((a, b) => a + b, 0);
  return Array.from(weights, (weight) => weight / total);
};

describe('what a token is drawn from', () => {
  it.each(cases.map((one, index) => [index, JSON.stringify(one.settings), one] as const))(
    'is what transformers draws from: case %d, %s',
    (_, __, { settings, before, logits, probabilities }) => {
      const own = shares(
        drawnWeights(
          Float32Array.from(logits),
          { prompt: before.slice(0, 8), answer: before.slice(8) },
          settingsOf(settings),
        ),
      );
      const difference = Math.max(...own.map((value, id) => Math.abs(value - probabilities[id]!)));
      expect(difference).toBeLessThan(1e-6);
    },
  );

  it('is as likely to come as it says', () => {
    const logits = Float32Array.of(0, 1, 2, -1);
    const settings = generationSettingsSchema.parse({ temperature: 1.5 });
    const expected = shares(drawnWeights(logits, { prompt: [0], answer: [] }, settings));
    const counts = [0, 0, 0, 0];
    const draws = 20_000;
    for (let seed = 0; seed < draws; seed++)
      counts[chooseToken(logits, { prompt: [0], answer: [] }, { ...settings, seed })]!++;
    counts.forEach((count, id) => {
      const deviation = Math.sqrt(expected[id]! * (1 - expected[id]!) * draws);
      expect(Math.abs(count - expected[id]! * draws)).toBeLessThan(4 * deviation);
    });
  });
});

describe('penalties', () => {
  const penalties = { repetitionPenalty: 1, frequencyPenalty: 0, presencePenalty: 0 };

  it('of frequency and presence count the answer only', () => {
    const logits = Float32Array.of(1, 1, 1, 1);
    penalise(
      logits,
      { prompt: [0, 0], answer: [1, 1, 2] },
      { ...penalties, frequencyPenalty: 0.5, presencePenalty: 0.25 },
    );
    expect([...logits]).toEqual([1, -0.25, 0.25, 1]);
  });

  it('are on greedy choices too', () => {
    const settings = generationSettingsSchema.parse({ presencePenalty: 3 });
    expect(chooseToken(Float32Array.of(5, 4), { prompt: [], answer: [0] }, settings)).toBe(1);
  });
});

describe('the largest', () => {
  it('are those that sorting finds, the first of equal ones first', () => {
    const random = createRandom(3);
    for (const count of [1, 2, 5, 60, 300]) {
      const values = Float64Array.from({ length: 300 }, () => random.integer(50));
      const sorted = [...values.keys()].sort((a, b) => values[b]! - values[a]! || a - b);
      expect(likeliest(values, count)).toEqual(sorted.slice(0, count));
    }
  });

  it('of very many are found without a list', () => {
    const random = createRandom(4);
    const values = Float64Array.from({ length: 2000 }, () => random.uniform());
    const kept = values.slice();
    keepTopK(kept, 1000);
    expect(kept.filter((value) => value > 0).length).toBe(1000);
    expect(Math.min(...kept.filter((value) => value > 0))).toBe(values.toSorted()[1000]);
  });

  it('may be needed down to the last', () => {
    const weights = new Float64Array(1000).fill(1e-9);
    weights[7] = 1;
    const total = 1 + 999e-9;
    keepTopP(weights, (1 + 500e-9) / total);
    const kept = weights.filter((value) => value > 0).length;
    expect(Math.abs(kept - 501)).toBeLessThanOrEqual(1);
  });
});

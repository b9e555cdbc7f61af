import { describe, expect, it } from 'vitest';
import { createRandom } from '../../main/engine/random.ts';
import { fidelityAnswer, type MeasuredFolder } from '../../main/services/fidelity/fidelity-answer.ts';
import { fidelityAnswerSchema, type FidelityAnswer } from '../../main/services/fidelity/fidelity-entities.ts';
import type { FidelityMeasured } from '../../main/trainer/protocol/fidelity-schema.ts';

type Folder = FidelityMeasured['folders'][number];
const models = [
  { id: 'c', name: 'clip-base' },
  { id: 'd', name: 'dino-small' },
];

/** So many prompts from so many seeds. */
const drawn = (prompts: number, seeds: number): Folder =>
  Array.from({ length: prompts * seeds }, (_, at) => {
    const [prompt, seed] = [`prompt ${Math.floor(at / seeds)}`, at % seeds];
    return { name: `${at}.png`, key: JSON.stringify([prompt, seed]), prompt, seed };
  });

/** Pictures whose likeness to the subject is what `gains` of each folder adds to a hard or easy item. */
const measured = (
  items: Folder,
  gains: readonly number[],
  folders: readonly Folder[] = gains.map(() => items),
): FidelityMeasured => {
  const values = (stream: number, noise: number): number[][] =>
    gains.map((gain, folder) => {
      const [shared, own] = [createRandom(1, stream), createRandom(2, 10 * stream + folder)];
      return folders[folder]!.map(() => 0.6 + 0.2 * shared.uniform() + noise * own.uniform() + gain);
    });
  return {
    folders: [...folders],
    realPictures: 5,
    measures: [
      { model: 0, name: 'CLIP-I', of: 'subject', values: values(1, 0.02) },
      { model: 0, name: 'CLIP-T', of: 'prompt', values: values(2, 0.4) },
      { model: 1, name: 'DINO', of: 'subject', values: values(3, 0.02) },
    ],
    diversity: models.map(() => gains.map(() => 0.1)),
    notices: [],
  };
};
const arms = (...names: string[]): MeasuredFolder[] =>
  names.map((arm) => ({ arm, seed: 0, folder: `/drawn/${arm}` }));
const pairOf = ({ answer }: FidelityAnswer, label: string) =>
  answer.metrics.find((metric) => metric.label === label)!.pairs[0]!;

describe('two arms on the same noise', () => {
  const answer = fidelityAnswer(measured(drawn(5, 4), [0.02, 0]), arms('NoRA', 'LoRA'), models);

  it('are tested picture by picture, DINO first, and what is better is higher', () => {
    expect(fidelityAnswerSchema.safeParse(answer).error).toBeUndefined();
    expect(answer.measures.map(({ label }) => label)).toEqual(['DINO', 'CLIP-I', 'CLIP-T']);
    const dino = pairOf(answer, 'DINO');
    expect(dino).toMatchObject({ verdict: 'better', test: 'items', scope: 'these trained models' });
    expect(dino.difference).toBeCloseTo(0.02, 1);
    expect(dino.interval!.low).toBeGreaterThan(0);
    expect(answer.answer.sentence).toMatch(/^On DINO .*NoRA is better than LoRA/);
    expect(answer.answer.sentence).toContain('of the methods one seed says nothing');
    expect(pairOf(answer, 'CLIP-T').verdict).toBe('inconclusive');
  });

  it('are corrected over all metrics, of which any would do for a claim', () => {
    const pairs = answer.answer.metrics.map(({ pairs: own }) => own[0]!);
    const ps = pairs.map(({ p }) => p!).toSorted((a, b) => a - b);
    const adjusted = pairs.map((pair) => pair.adjusted!).toSorted((a, b) => a - b);
    expect(adjusted[0]).toBeCloseTo(3 * ps[0]!, 12);
    expect(answer.answer.metrics[0]!.family).toBe(
      'Holm’s correction over the 3 tests of pairs of arms on DINO of drawn pictures and the subject, CLIP-I of drawn pictures and the subject and CLIP-T of drawn pictures and their prompts together.',
    );
    expect(answer.answer.points.join()).not.toContain('corrected within each metric');
  });

  it('say of what their items are', () =>
    expect(answer.notices).toEqual([
      '20 items: pictures of 5 prompts. Those of one prompt are alike, so p and intervals speak of these prompts.',
    ]));
});

it('says of a few pictures that nothing could be told by them', () => {
  const pair = pairOf(fidelityAnswer(measured(drawn(2, 2), [0.1, 0]), arms('NoRA', 'LoRA'), models), 'DINO');
  expect(pair.verdict).toBe('inconclusive');
  expect(pair.caveats[0]).toBe(
    'With 4 items, sign flips of items can’t go below p = 0.13: no difference could be told here, however large.',
  );
});

it('speaks of the methods where arms were trained several times', () => {
  const folders = ['NoRA', 'LoRA'].flatMap((arm) =>
    [0, 1, 2, 3].map((seed) => ({ arm, seed, folder: `/drawn/${arm}-${seed}` })),
  );
  const gains = [0.2, 0.21, 0.19, 0.2, 0, 0.01, 0.02, 0];
  const answer = fidelityAnswer(measured(drawn(5, 4), gains), folders, models);
  expect(pairOf(answer, 'DINO')).toMatchObject({ verdict: 'better', test: 'crossed', scope: 'methods' });
  expect(answer.runs).toHaveLength(8);
});

it('holds arms against what the model drew alone', () => {
  const folders = [...arms('NoRA', 'LoRA'), { arm: null, seed: 0, folder: '/drawn/base' }];
  const { answer } = fidelityAnswer(measured(drawn(5, 4), [0.2, 0.2, 0]), folders, models);
  expect(answer.metrics[0]!.arms.map(({ base }) => base!.standing)).toEqual(['better', 'better']);
});

describe('pictures that are not the same in every folder', () => {
  it('are left out, and told', () => {
    const items = drawn(5, 4);
    const answer = fidelityAnswer(
      measured(items, [0.02, 0], [items, items.slice(2)]),
      arms('NoRA', 'LoRA'),
      models,
    );
    expect(answer.items).toHaveLength(18);
    expect(answer.runs.map(({ items: values }) => values[0]!.length)).toEqual([18, 18]);
    expect(answer.runs[0]!.pictures).toBe(20);
    expect(answer.notices[0]).toMatch(/^2 pictures without a partner/);
  });

  it('are compared by their means alone where no two belong together', () => {
    const others = drawn(5, 4).map((one) => ({ ...one, key: `other ${one.key}` }));
    const answer = fidelityAnswer(
      measured(drawn(5, 4), [0.02, 0], [drawn(5, 4), others]),
      arms('NoRA', 'LoRA'),
      models,
    );
    const pair = pairOf(answer, 'DINO');
    expect(pair).toMatchObject({ p: null, verdict: 'inconclusive' });
    expect(pair.words).toContain('nothing to tell its noise by');
    expect(answer.notices[0]).toContain('No picture is of the same prompt and seed in every folder');
  });

  it('are paired by name where nothing says what they are, which is told', () => {
    const plain = drawn(5, 4).map(({ name }) => ({ name, key: name, prompt: null, seed: null }));
    const { notices } = fidelityAnswer(measured(plain, [0.02, 0]), arms('NoRA', 'LoRA'), models);
    expect(notices[0]).toContain('paired by their names');
  });
});

it('tells two models of one kind apart', () => {
  const found = measured(drawn(2, 4), [0.1]);
  const two = {
    ...found,
    measures: [0, 1].map((model) => ({ ...found.measures[0]!, model })),
  };
  expect(fidelityAnswer(two, arms('NoRA'), models).measures.map(({ label }) => label)).toEqual([
    'CLIP-I (clip-base)',
    'CLIP-I (dino-small)',
  ]);
});

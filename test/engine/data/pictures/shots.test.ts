import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { drawShots } from '../../../../main/engine/data/pictures/shots/draw-shots.ts';
import { createPythonRandom } from '../../../../main/engine/data/pictures/shots/python-random.ts';
import { fixtures } from './fixtures.ts';

type Drawn = readonly [length: number, count: number, values: readonly number[]];
type Item = readonly [name: string, label: number];

/** Written by Python, see fixtures/make_draws.py. */
const draws = JSON.parse(readFileSync(join(fixtures, 'draws.json'), 'utf8')) as {
  generator: { seed: number; bits: number[]; uniform: number[]; samples: Drawn[]; choices: Drawn[] }[];
  parts: { train: Item[]; val: Item[] };
  shots: { seed: number; shots: number; train: string[]; val: string[] }[];
  alike: Item[];
  together: { seed: number; shots: number; train: string[]; val: string[] }[];
};

const range = (length: number): number[] => Array.from({ length }, (_, at) => at);

test.each(draws.generator)("seed $seed draws what Python's random draws", ({ seed, ...expected }) => {
  const random = createPythonRandom(seed);
  const first = [32, 32, 1, 7, 16, 31].map((bits) => random.bits(bits));
  const last = range(700).map(() => random.bits(32));
  expect([...first, last.at(-1)]).toEqual(expected.bits);
  expect([random.uniform(), random.uniform(), random.uniform()]).toEqual(expected.uniform);
  for (const [length, count, values] of expected.samples)
    expect(random.sample(range(length), count), `sample(${length}, ${count})`).toEqual(values);
  for (const [length, count, values] of expected.choices)
    expect(random.choices(range(length), count), `choices(${length}, ${count})`).toEqual(values);
});

const entries = (items: readonly Item[]) => items.map(([name, label]) => ({ name, label }));
const names = (drawn: readonly { name: string }[]): string[] => drawn.map(({ name }) => name);
const classes = ['cat', 'dog', 'owl', 'fox', 'hen'];
const uneven = { classes, train: entries(draws.parts.train), validation: entries(draws.parts.val) };

test.each(draws.shots)("$shots shots of seed $seed are CLIP-LoRA's own", ({ seed, shots, train, val }) => {
  const drawn = drawShots({ ...uneven, shots, seed, repeat: true });
  expect(names(drawn.train)).toEqual(train);
  expect(names(drawn.validation)).toEqual(val);
});

test.each(draws.together)('$shots shots of seed $seed where validation has no pictures', (expected) => {
  const train = entries(draws.alike);
  const { seed, shots } = expected;
  const drawn = drawShots({
    classes: classes.slice(0, 3),
    train,
    validation: null,
    shots,
    seed,
    repeat: true,
  });
  expect(names(drawn.train)).toEqual(expected.train);
  expect(names(drawn.validation)).toEqual(expected.val);
});

test('a class with too few pictures is named, unless they may be repeated', () => {
  const draw =
    (shots: number, validation: typeof uneven.validation | null = uneven.validation) =>
    () =>
      drawShots({ ...uneven, validation, shots, seed: 1, repeat: false });
  expect(draw(2)).not.toThrow();
  expect(draw(4)).toThrow('the class "dog" has 2 pictures, and 4 were asked for to validate with: add some');
  expect(draw(16, [])).toThrow(/the class "(dog|hen)" has (3|9) pictures, and 16 were asked for to train on/);
  expect(draw(2, null)).toThrow(
    'the class "dog" has 3 pictures, and 4 were asked for to train on and, 2 of them',
  );
  const without = uneven.train.filter(({ label }) => label !== 2);
  expect(() => drawShots({ ...uneven, train: without, shots: 1, seed: 1, repeat: true })).toThrow(
    'the class "owl" has no picture to train on',
  );
  expect(draw(0)).toThrow('shots: 0 is not a whole number of at least 1');
});

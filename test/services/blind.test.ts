import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createRandom } from '../../main/engine/random.ts';
import { makePairs } from '../../main/services/blind/make-pairs.ts';
import type { BlindTest } from '../../main/services/blind/blind-entities.ts';
import type { Workbench } from '../../main/services/workbench.ts';
import { root } from '../support/paths.ts';
import { createWorld, type World } from './test-world.ts';

const fixtures = join(root, 'test/trainer/fixtures/fidelity');
let world: World;
let workbench: Workbench;
beforeEach(() => {
  world = createWorld();
  workbench = world.open();
  for (const arm of ['first', 'second']) cpSync(join(fixtures, arm), world.path(arm), { recursive: true });
});
afterEach(async () => {
  await workbench.close();
  world.remove();
});

const arms = () =>
  [
    { name: 'NoRA', folder: world.path('first') },
    { name: 'LoRA', folder: world.path('second') },
  ] as const;
const create = (changes: Partial<Parameters<typeof workbench.blind.create>[0]> = {}): Promise<BlindTest> =>
  Promise.resolve(workbench.blind.create({ arms: arms(), ...changes }));
/** Whoever looks knows the pictures: those of the first arm are reddish. */
const isFirst = async (data: string): Promise<boolean> => {
  const { default: sharp } = await import('sharp');
  const { channels } = await sharp(Buffer.from(data, 'base64')).stats();
  return channels[0]!.mean > channels[2]!.mean + 30;
};

describe('a blind test', () => {
  it('shows two pictures of one prompt and seed, and says nothing of whose they are', async () => {
    const test = await create();
    expect(test).toMatchObject({
      name: 'NoRA and LoRA',
      arms: ['NoRA', 'LoRA'],
      ...{ pairs: 4, leftOut: 0, isOfOneNoise: true, result: null, endedAt: null },
      choices: [null, null, null, null],
    });
    const asked = new Set<string>();
    let firstStoodLeft = 0;
    for (const pair of [0, 1, 2, 3]) {
      const shown = await workbench.blind.pair({ id: test.id, pair });
      expect(Object.keys(shown).sort()).toEqual(['left', 'pair', 'prompt', 'right', 'seed']);
      expect(Object.keys(shown.left).sort()).toEqual(['data', 'height', 'type', 'width']);
      expect(shown.left).toMatchObject({ width: 32, height: 32 });
      asked.add(JSON.stringify([shown.prompt, shown.seed]));
      const [left, right] = [await isFirst(shown.left.data), await isFirst(shown.right.data)];
      expect(left).toBe(!right);
      if (left) firstStoodLeft += 1;
    }
    expect(asked.size).toBe(4);
    expect(firstStoodLeft).toBe(2);
  });

  it('takes judgements until it is ended, then tells whose they were', async () => {
    const { id } = await create();
    for (const pair of [0, 1, 2]) {
      const { left } = await workbench.blind.pair({ id, pair });
      workbench.blind.vote({ id, pair, choice: (await isFirst(left.data)) ? 'left' : 'right' });
    }
    workbench.blind.vote({ id, pair: 3, choice: 'tie' });
    const open = workbench.blind.vote({ id, pair: 3, choice: 'both-bad' });
    expect(open).toMatchObject({ result: null, endedAt: null });
    expect(open.choices[3]).toBe('both-bad');
    const ended = workbench.blind.end({ id });
    expect(ended.result).toMatchObject({
      ...{ wins: [3, 0], ties: 0, bothBad: 1 },
      verdict:
        'Too few to say: with 3 votes for one of the two even a clean sweep could be chance; it takes 6. All 4 pairs were judged.',
    });
    expect(ended.result!.p).toBeCloseTo(0.25, 12);
    expect(ended.result!.left.toSorted()).toEqual([0, 0, 1, 1]);
    expect(() => workbench.blind.vote({ id, pair: 0, choice: 'tie' })).toThrow(
      'whose pictures they were is known',
    );
    expect(workbench.blind.list()).toMatchObject([{ id, result: { wins: [3, 0] } }]);
    await workbench.close();
    workbench = world.open();
    expect(workbench.blind.show({ id: 'NoRA and LoRA' })).toEqual(ended);
    workbench.blind.remove({ id });
    expect(workbench.blind.list()).toEqual([]);
  });

  it('says that it was ended before all pairs were judged', async () => {
    const { id } = await create();
    expect(() => workbench.blind.end({ id })).toThrow('has no judgement yet');
    workbench.blind.vote({ id, pair: 1, choice: 'left' });
    const { result } = workbench.blind.end({ id });
    expect(result!.verdict).toMatch(
      /It was ended after 1 of 4 pairs: stopping when it suits makes p too small\.$/,
    );
  });
});

describe('is refused by name', () => {
  it.each([
    ['no two pictures of one prompt and seed', '{"file": "0.png", "prompt": "another", "seed": 1}\n'],
    ['drawn.jsonl: line 1', '{"file": 7}\n'],
  ])('%s', async (message, listing) => {
    writeFileSync(join(world.path('second'), 'drawn.jsonl'), listing);
    await expect(create()).rejects.toThrow(message);
  });

  it('two arms of one name, a name that is taken, a pair that there is not', async () => {
    const [first] = arms();
    await expect(create({ arms: [first, first] })).rejects.toThrow('both are called "NoRA"');
    const { id } = await create({ name: 'mine' });
    await expect(create({ name: 'mine' })).rejects.toThrow('there is a blind test "mine" already');
    expect(() => workbench.blind.vote({ id, pair: 4, choice: 'tie' })).toThrow(
      'has 4 pairs, numbered from 0',
    );
    expect(() => workbench.blind.show({ id: 'no' })).toThrow('there is no blind test "no"');
  });

  it('a picture that is another by now, and one that is gone', async () => {
    const { id } = await create();
    for (const at of [0, 1, 2, 3])
      cpSync(join(fixtures, 'second/0.png'), join(world.path('first'), `${at}.png`));
    await expect(workbench.blind.pair({ id, pair: 0 })).rejects.toThrow(
      'is another picture than when the test was made',
    );
    rmSync(world.path('first'), { recursive: true });
    await expect(workbench.blind.pair({ id, pair: 0 })).rejects.toThrow('.png');
  });
});

it('pairs by prompt and seed, counts what has no partner, and lets each arm stand left as often', () => {
  const drawn = (count: number, from = 0) =>
    Array.from({ length: count }, (_, at) => {
      const seed = at + from;
      return { name: `${seed}.png`, key: `["a",${seed}]`, prompt: 'a', seed, sha256: `${seed}` };
    });
  const stoodLeft = new Set<number>();
  for (let seed = 0; seed < 20; seed++) {
    const { pairs, leftOut } = makePairs([drawn(9), drawn(9, 2)], createRandom(seed));
    expect(leftOut).toBe(4);
    expect(pairs.map(({ seed: own }) => own!).toSorted((a, b) => a - b)).toEqual([2, 3, 4, 5, 6, 7, 8]);
    const lefts = pairs.filter(({ left }) => left === 0).length;
    expect([3, 4]).toContain(lefts);
    stoodLeft.add(lefts);
    expect(pairs.every(({ files }) => files[0].sha256 === files[1].sha256)).toBe(true);
  }
  expect(stoodLeft.size).toBe(2);
});

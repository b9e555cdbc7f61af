import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { withoutWord } from '../../main/engine/scoring/fidelity/fidelity.ts';
import { measureFidelity } from '../../main/trainer/fidelity/measure-fidelity.ts';
import type { FidelityMeasured, FidelitySpecification } from '../../main/trainer/protocol/fidelity-schema.ts';
import { trainerEventSchema, type TrainerEvent } from '../../main/trainer/protocol/protocol.ts';
import { writeTinyClip } from '../support/tiny-clip.ts';
import { writeTinyDino } from '../support/tiny-dino.ts';
import { writeTinyModel } from '../support/tiny-model.ts';

const fixtures = join(import.meta.dirname, 'fixtures/fidelity');
const expected = JSON.parse(readFileSync(join(fixtures, 'expected.json'), 'utf8')) as Record<
  string,
  { readonly values: Record<string, number[]>; readonly diversity: Record<string, number> }
>;
const workspace = mkdtempSync(join(tmpdir(), 'nora-fidelity-'));
afterAll(() => rmSync(workspace, { recursive: true, force: true }));
const clip = writeTinyClip(join(workspace, 'clip'));
const vit = writeTinyDino(join(workspace, 'vit'), 'vit');
const dinov2 = writeTinyDino(join(workspace, 'dinov2'), 'dinov2');
const arms = ['first', 'second'];

const run = async (
  changes: Partial<FidelitySpecification> = {},
  shouldStop: () => 'cancel' | null = () => null,
): Promise<TrainerEvent[]> => {
  const events: TrainerEvent[] = [];
  const specification: FidelitySpecification = {
    folders: arms.map((arm) => join(fixtures, arm)),
    subject: join(fixtures, 'real'),
    models: [clip, vit, dinov2].map((directory) => ({ directory })),
    leaveOut: 'sks',
    batchSize: 3,
    threads: 1,
    ...changes,
  };
  await measureFidelity(specification, {
    emit: (event) => void events.push(trainerEventSchema.parse(event)),
    shouldStop,
  });
  return events;
};
const measured = async (changes: Partial<FidelitySpecification> = {}): Promise<FidelityMeasured> =>
  (await run(changes)).find((event) => event.type === 'fidelity')!;

const apart = (one: readonly number[], other: readonly number[]): number =>
  Math.max(...one.map((value, at) => Math.abs(value - other[at]!)));

describe('of each picture', () => {
  it('is what transformers makes of it', async () => {
    const { measures, diversity, realPictures, folders } = await measured();
    expect(measures.map(({ name }) => name)).toEqual(['CLIP-I', 'CLIP-T', 'DINO', 'DINOv2']);
    for (const { name, values } of measures)
      for (const [at, arm] of arms.entries()) {
        const wanted = expected[arm]!.values[name]!;
        expect(values[at]).toHaveLength(4);
        expect(apart(values[at]!, wanted), `${name} of ${arm}`).toBeLessThan(1e-5);
      }
    const wanted = ['CLIP-I', 'DINO', 'DINOv2'].map((name) =>
      arms.map((arm) => expected[arm]!.diversity[name]!),
    );
    expect(apart(diversity.flat() as number[], wanted.flat())).toBeLessThan(1e-5);
    expect(realPictures).toBe(3);
    expect(folders[0]![1]).toEqual({
      name: '1.png',
      key: '["a photo of sks red square",1]',
      prompt: 'a photo of sks red square',
      seed: 1,
    });
  });

  it('is told how far it is, and ends where nobody waits', async () => {
    const events = await run({ models: [{ directory: vit }] });
    const progress = events.filter((event) => event.type === 'progress');
    expect(progress.at(-1)).toMatchObject({ phase: 'scoring', total: 11 });
    let asked = 0;
    const ended = await run({}, () => (++asked > 2 ? 'cancel' : null));
    expect(ended.at(-1)?.type).toBe('cancelled');
  });
});

describe('a folder without a listing', () => {
  const plain = join(workspace, 'plain');
  cpSync(join(fixtures, 'first'), plain, { recursive: true });
  rmSync(join(plain, 'drawn.jsonl'));

  it('is compared with the subject alone, and says why', async () => {
    const { measures, notices, folders, diversity } = await measured({
      folders: [plain],
      models: [{ directory: clip }],
    });
    expect(measures.map(({ name }) => name)).toEqual(['CLIP-I']);
    expect(notices.join()).toContain('CLIP-T was not measured: nothing says what');
    expect(folders[0]!.map(({ key }) => key)).toEqual(['0.png', '1.png', '2.png', '3.png']);
    expect(diversity).toEqual([[null]]);
  });

  it('takes prompts from texts beside the pictures', async () => {
    const captioned = join(workspace, 'captioned');
    cpSync(plain, captioned, { recursive: true });
    for (const at of [0, 1, 2, 3]) writeFileSync(join(captioned, `${at}.txt`), 'a photo of red square\n');
    const { measures } = await measured({ folders: [captioned], models: [{ directory: clip }] });
    expect(
      apart(measures[1]!.values[0]!.slice(0, 2), expected['first']!.values['CLIP-T']!.slice(0, 2)),
    ).toBeLessThan(1e-5);
  });
});

describe('is refused by name', () => {
  const listing = (text: string): string => {
    const folder = mkdtempSync(join(workspace, 'listed-'));
    cpSync(join(fixtures, 'first'), folder, { recursive: true });
    writeFileSync(join(folder, 'drawn.jsonl'), text);
    return folder;
  };
  const line = (file: string, seed: number): string => JSON.stringify({ file, prompt: 'a', seed });

  it.each([
    ['{"file": "0.png"}', 'drawn.jsonl: line 1'],
    ['no JSON', 'drawn.jsonl: line 1: not JSON'],
    ['', 'has no pictures'],
    [line('../real/0.png', 1), 'is no name of a file within the folder'],
    [line('9.png', 1), '9.png'],
    [`${line('0.png', 1)}\n${line('1.png', 1)}`, 'line 2: is of the same prompt and seed'],
  ])('a listing: %s', async (text, message) => {
    await expect(run({ folders: [listing(text)], models: [{ directory: vit }] })).rejects.toThrow(message);
  });

  it('a prompt of which nothing is left', async () => {
    const folder = listing(JSON.stringify({ file: '0.png', prompt: 'sks', seed: 1 }));
    await expect(run({ folders: [folder], models: [{ directory: clip }] })).rejects.toThrow(
      'nothing is left of its prompt without "sks"',
    );
  });

  it('a model that sees no pictures', async () => {
    const tiny = writeTinyModel(join(workspace, 'tiny'));
    await expect(run({ models: [{ directory: tiny }] })).rejects.toThrow('a llama model sees no pictures');
  });
});

it.each([
  ['a photo of sks dog', 'a photo of dog'],
  ['a sks, in the snow', 'a , in the snow'],
  ['sksish sks', 'sksish'],
  ['a photo of a dog', 'a photo of a dog'],
])('leaves the word out of "%s"', (prompt, left) => expect(withoutWord(prompt, 'sks')).toBe(left));

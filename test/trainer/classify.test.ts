import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answerPictures } from '../../main/trainer/classify/answer-pictures.ts';
import { importAdapter } from '../../main/trainer/export/import-adapter.ts';
import { createQuestionQueue } from '../../main/trainer/process/question-queue.ts';
import { spawnChildTrainer } from '../../main/trainer/process/spawn-child.ts';
import type { AnswerOf } from '../../main/trainer/protocol/classify-schema.ts';
import type { PictureQuestion, TrainerEvent } from '../../main/trainer/protocol/protocol.ts';
import { root } from '../support/paths.ts';
import { describePictures } from '../../main/trainer/read/describe-pictures.ts';
import { writeTinyClip } from '../support/tiny-clip.ts';
import { writeColourPictures } from '../support/tiny-pictures.ts';
import { writeTinyModel } from '../support/tiny-model.ts';

const fixtures = join(import.meta.dirname, 'fixtures/classify');
const expected = JSON.parse(readFileSync(join(fixtures, 'expected.json'), 'utf8')) as {
  readonly classes: string[];
  readonly template: string;
  readonly pictures: Record<string, { readonly base: number[]; readonly adapter: number[] }>;
};
const workspace = mkdtempSync(join(tmpdir(), 'nora-classify-'));
afterAll(() => rmSync(workspace, { recursive: true, force: true }));
const modelDirectory = writeTinyClip(join(workspace, 'clip'));
const adapter = join(workspace, 'adapter');
const colours = join(workspace, 'colours');
beforeAll(async () => {
  await importAdapter(
    {
      modelDirectory,
      peftDirectory: join(fixtures, 'peft'),
      destination: adapter,
      onResidualBase: false,
      threads: 1,
    },
    { emit: () => undefined, shouldStop: () => null },
  );
  await writeColourPictures(colours);
});

const ask = async (
  questions: readonly PictureQuestion[],
  watch: (event: TrainerEvent, queue: ReturnType<typeof createQuestionQueue>) => void = () => undefined,
): Promise<TrainerEvent[]> => {
  const queue = createQuestionQueue();
  const events: TrainerEvent[] = [];
  let left = questions.length;
  questions.forEach((question, at) => queue.take({ type: 'ask', id: `question-${at}`, question }));
  await answerPictures(
    { modelDirectory, arms: [null, adapter], threads: 1 },
    {
      emit: (event) => {
        events.push(event);
        watch(event, queue);
        if ((event.type === 'looked' || event.type === 'refused') && --left === 0) queue.end();
      },
      shouldStop: () => null,
      nextQuestion: queue.next,
    },
  );
  return events;
};
type Classes = Extract<PictureQuestion, { kind: 'classes' }>;
const { classes, template } = expected;
const asked = (changes: Partial<Classes> = {}): Classes => ({
  ...{ kind: 'classes', arms: [0, 1], classes, template },
  picture: { path: join(fixtures, 'wide.png') },
  ...changes,
});
const answersOf = <Kind extends 'classes' | 'map'>(events: readonly TrainerEvent[], kind: Kind) =>
  events.flatMap((event) =>
    event.type === 'looked' && event.answer.kind === kind ? [event.answer as AnswerOf<Kind>] : [],
  );
const refusalsOf = (events: readonly TrainerEvent[]): string[] =>
  events.flatMap((event) => (event.type === 'refused' ? [event.message] : []));

describe('what is on a picture', () => {
  it('by base and adapter is what transformers and PEFT say, by path or as bytes, within 1e-5', async () => {
    const pictures = Object.keys(expected.pictures);
    const events = await ask(
      pictures.flatMap((name) => [
        asked({ picture: { path: join(fixtures, name) } }),
        asked({ picture: { name, base64: readFileSync(join(fixtures, name)).toString('base64') } }),
      ]),
    );
    const answers = answersOf(events, 'classes');
    expect(answers).toHaveLength(2 * pictures.length);
    answers.forEach(({ arms }, at) => {
      const { base, adapter: adapted } = expected.pictures[pictures[Math.floor(at / 2)]!]!;
      [base, adapted].forEach((values, arm) =>
        values.forEach((value, label) =>
          expect(Math.abs(arms[arm]!.probabilities[label]! - value)).toBeLessThan(1e-5),
        ),
      );
    });
    expect(answers[0]).toMatchObject({ width: 37, height: 22, notices: [] });
    expect(events.map(({ type }) => type).slice(0, 2)).toEqual(['progress', 'ready']);
    expect(events.at(-1)).toEqual({ type: 'closed' });
  });

  it('shows what the model sees, and says what should be known of picture and classes', async () => {
    const path = join(workspace, 'turned.jpg');
    await sharp({ create: { width: 30, height: 20, channels: 3, background: '#c83' } })
      .jpeg()
      .withMetadata({ orientation: 6 })
      .toFile(path);
    const [answer] = answersOf(
      await ask([asked({ picture: { path }, classes: ['red_cat', 'Red cat', 'dog'] })]),
      'classes',
    );
    expect(await sharp(Buffer.from(answer!.seen, 'base64')).metadata()).toMatchObject({
      format: 'png',
      width: 16,
      height: 16,
    });
    expect(answer!.notices).toEqual([
      '"red cat" and "Red cat" are asked for alike, so they have the same probability',
      'the file says that the camera was held another way; the model sees it as stored, as in training',
    ]);
    expect(answer!.arms[0]!.probabilities[0]).toBe(answer!.arms[0]!.probabilities[1]);
  });

  it('is refused by name where there is none, and the session goes on', async () => {
    const text = join(workspace, 'no-picture.jpg');
    writeFileSync(text, 'GIF89a and so on');
    const events = await ask([
      asked({ picture: { path: text } }),
      asked({ picture: { path: join(workspace, 'not-there.png') } }),
      asked({
        picture: {
          name: 'sent.png',
          base64: Buffer.from('\x89PNG\r\n\x1a\nbroken', 'latin1').toString('base64'),
        },
      }),
      asked({ template: 'a photo' }),
      asked({ classes: ['red', 'a '.repeat(20)] }),
      asked(),
    ]);
    expect(refusalsOf(events)).toEqual(
      [
        `${text}: is a GIF picture; pictures are read from JPEG, PNG, WebP: save it as one of these`,
        expect.stringContaining('not-there.png'),
        expect.stringContaining('sent.png: breaks off or is damaged'),
        expect.stringContaining('template: "a photo" has no placeholder'),
        expect.stringContaining('template: "a photo of a a a'),
      ].map((one) => one as string),
    );
    expect(answersOf(events, 'classes')).toHaveLength(1);
  });

  it('is left where nobody waits any more', async () => {
    const events = await ask([asked(), asked()], (event, queue) => {
      if (event.type === 'ready') queue.take({ type: 'drop', id: 'question-0' });
    });
    expect(refusalsOf(events)).toEqual(['stopped before it was answered']);
    expect(answersOf(events, 'classes')).toHaveLength(1);
  });
});

describe('a map of embeddings', () => {
  const pictures = async (trainFile: string) => {
    const { format } = await describePictures({ trainFile });
    if (format.kind !== 'pictures') throw new Error('pictures are expected');
    return { trainFile, format, cacheDirectory: null };
  };
  let map: Extract<PictureQuestion, { kind: 'map' }>;
  beforeAll(async () => {
    map = { kind: 'map', arms: [0, 1], pictures: await pictures(colours), most: 500 };
  });

  it('has the part to test on by base and adapter, telling how much it shows, the same each time', async () => {
    const events = await ask([map, { ...map, most: 6 }, map]);
    const [whole, some, again] = answersOf(events, 'map');
    expect(whole).toMatchObject({ part: 'test', of: 12, classes: ['blue', 'green', 'red'] });
    expect(whole!.pictures).toHaveLength(12);
    expect(some!.pictures.map(({ label }) => label)).toEqual([0, 0, 1, 1, 2, 2]);
    expect({ ...again, seconds: 0 }).toEqual({ ...whole, seconds: 0 });
    for (const { own, shared } of whole!.arms) {
      expect(own.points).toHaveLength(24);
      expect(own.explained[0]).toBeGreaterThanOrEqual(own.explained[1]);
      // The own axes are those that show most.
      expect(own.explained[0] + own.explained[1]).toBeGreaterThanOrEqual(
        shared.explained[0] + shared.explained[1] - 1e-9,
      );
      expect(own.explained[0] + own.explained[1]).toBeLessThanOrEqual(1 + 1e-9);
    }
    const progress = events.flatMap((event) =>
      event.type === 'progress' ? [[event.done, event.total]] : [],
    );
    expect(progress).toContainEqual([24, 24]);
  });

  it('of a set without parts has those to train on, and refuses too few', async () => {
    const few = join(workspace, 'few');
    await writeColourPictures(few, { train: 2, test: null });
    rmSync(join(few, 'red'), { recursive: true });
    rmSync(join(few, 'green', '00.png'));
    const source = await pictures(few);
    const events = await ask([{ ...map, pictures: source }]);
    rmSync(join(few, 'blue', '00.png'));
    events.push(...(await ask([{ ...map, pictures: source }])));
    expect(answersOf(events, 'map')[0]).toMatchObject({ part: 'train', of: 3 });
    expect(refusalsOf(events)).toHaveLength(1);
  });
});

it('runs in a process of its own, and refuses a model of text', async () => {
  const text = join(workspace, 'text');
  writeTinyModel(text);
  const trainer = spawnChildTrainer(join(root, 'main/trainer/entry.ts'))();
  const { promise, resolve } = Promise.withResolvers<TrainerEvent>();
  trainer.onEvent((event) => {
    if (event.type !== 'progress') resolve(event);
  });
  trainer.send({ type: 'classify', specification: { modelDirectory: text, arms: [null], threads: 1 } });
  expect(await promise).toMatchObject({
    type: 'failed',
    message: expect.stringContaining('sees text alone'),
  });
  trainer.kill();
});

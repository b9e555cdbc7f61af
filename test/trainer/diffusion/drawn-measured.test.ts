import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adapterSettingsSchema } from '../../../main/engine/adapters/settings/adapter-settings.ts';
import { sha256OfFileSync } from '../../../main/engine/formats/file-hash.ts';
import { trainingSettingsSchema } from '../../../main/engine/train/settings/training-settings.ts';
import type { RunEvent } from '../../../main/trainer/protocol/protocol.ts';
import {
  scoreSpecificationSchema,
  type ScoreSpecification,
} from '../../../main/trainer/protocol/score-schema.ts';
import { describePictures } from '../../../main/trainer/read/describe-pictures.ts';
import { measuredPicturesIn } from '../../../main/trainer/score/measured-pictures.ts';
import { scoreSubjects } from '../../../main/trainer/score/score-subjects.ts';
import { eventsOf } from '../../support/run-events.ts';
import { writeSubjectPictures } from '../../support/subject-pictures.ts';
import { writeTinyDino } from '../../support/tiny-dino.ts';
import { writeTinyPipeline } from '../../support/tiny-pipeline.ts';

const workspace = mkdtempSync(join(tmpdir(), 'nora-drawn-measured-'));
afterAll(() => rmSync(workspace, { recursive: true, force: true }));
const modelDirectory = writeTinyPipeline(join(workspace, 'model'));
const dino = writeTinyDino(join(workspace, 'dino'), 'vit');
const adapterDirectory = join(workspace, 'run/adapter');
const steps = 6;
const task = {
  ...{ kind: 'drawn', name: 'pictures', models: ['dino'], prompts: ['red dog', 'a dog'], seeds: [3, 4] },
  ...{ steps, width: 16, height: 16 },
};

let dataset: ScoreSpecification['dataset'];
beforeAll(async () => {
  const trainFile = await writeSubjectPictures(join(workspace, 'dogs'), [
    [16, 16],
    [16, 16],
    [16, 16],
  ]);
  const { format } = await describePictures({ trainFile, pictures: { as: 'subject' } });
  dataset = { trainFile, validationFile: null, format, validationFraction: 0.3 };
  await eventsOf({
    ...{ runDirectory: join(workspace, 'run'), modelDirectory, cacheDirectory: null, dataset },
    adapter: adapterSettingsSchema.parse({
      method: 'lora',
      rank: 2,
      alpha: 2,
      targetModules: ['to_q', 'to_v'],
    }),
    training: trainingSettingsSchema.parse({
      ...{ steps: 2, batchSize: 1, learningRate: 0.05, threads: 1 },
      diffusion: { prompt: 'red dog', resolution: 16, heldOutDraws: 4 },
    }),
    ...{ seed: 1, date: '2026-11-28', resumeFrom: null },
  });
}, 120_000);

const specificationOf = (name: string): ScoreSpecification =>
  scoreSpecificationSchema.parse({
    modelDirectory,
    subjects: [
      { id: 'base', adapterDirectory: null, drawnDirectory: join(workspace, name, 'base') },
      { id: 'run', adapterDirectory, drawnDirectory: join(workspace, name, 'run') },
    ],
    tasks: [task],
    instruments: [{ name: 'dino', directory: dino }],
    dataset,
    diffusion: { prompt: 'red dog', resolution: 16, heldOutDraws: 4 },
    ...{ seed: 1, date: '2026-11-28', sequenceLength: 12, threads: 1 },
  });

/** @param stopAfter so many times that it tells how far it is, once drawing has begun */
const scored = async (name: string, stopAfter = Infinity): Promise<RunEvent[]> => {
  const events: RunEvent[] = [];
  const told = (): number =>
    events.filter((one) => one.type === 'progress' && one.phase === 'scoring').length;
  await scoreSubjects(specificationOf(name), {
    emit: (event) => void events.push(event as RunEvent),
    shouldStop: () => (told() > stopAfter ? 'cancel' : null),
  });
  return events;
};

const folderOf = (name: string, subject: string): string =>
  measuredPicturesIn(join(workspace, name, subject), 'pictures');
const bytesOf = (name: string): Record<string, string> =>
  Object.fromEntries(
    ['base', 'run'].flatMap((subject) =>
      readdirSync(folderOf(name, subject))
        .filter((file) => file.endsWith('.png') || file === 'drawn.jsonl')
        .toSorted()
        .map((file) => [`${subject}/${file}`, sha256OfFileSync(join(folderOf(name, subject), file))]),
    ),
  );
const itemsOf = (events: readonly unknown[]): unknown[] =>
  (events as { type: string }[]).filter(({ type }) => type === 'scored-items');

describe('pictures that subjects draw to be measured', () => {
  let whole: RunEvent[];
  beforeAll(async () => {
    whole = await scored('whole');
  }, 120_000);

  it('are the base’s and the adapter’s, of every prompt and seed', () => {
    expect(whole.at(-1)).toMatchObject({ type: 'scored', items: 8 });
    expect(Object.keys(bytesOf('whole'))).toHaveLength(10);
    expect(sha256OfFileSync(join(folderOf('whole', 'base'), '0001.png'))).not.toBe(
      sha256OfFileSync(join(folderOf('whole', 'run'), '0001.png')),
    );
  });

  // Of four pictures with six steps and one of decoding: within the base's, and within the adapter's.
  it.each([8, 40])(
    'are the same bytes where the job was stopped while drawing (after %i)',
    async (after) => {
      const name = `stopped ${after}`;
      expect((await scored(name, after)).at(-1)).toMatchObject({ type: 'cancelled' });
      expect(existsSync(folderOf(name, 'run'))).toBe(false);
      expect(existsSync(folderOf(name, 'base'))).toBe(after === 40);
      const events = await scored(name);
      expect(itemsOf(events)).toEqual(itemsOf(whole));
      expect(bytesOf(name)).toEqual(bytesOf('whole'));
    },
    120_000,
  );

  it('are the same bytes where the process was killed while drawing', async () => {
    const name = 'killed';
    const file = join(workspace, 'killed.json');
    writeFileSync(file, JSON.stringify(specificationOf(name)));
    const child = spawn(process.execPath, [join(import.meta.dirname, 'score-apart.ts'), file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const gone = once(child, 'exit');
    let told = 0;
    for await (const line of createInterface({ input: child.stdout })) {
      if (line.includes('"phase":"scoring"')) told++;
      if (told === 40) child.kill('SIGKILL');
    }
    expect(await gone).toEqual([null, 'SIGKILL']);
    expect(existsSync(folderOf(name, 'run'))).toBe(false);
    const events = await scored(name);
    expect(itemsOf(events)).toEqual(itemsOf(whole));
    expect(bytesOf(name)).toEqual(bytesOf('whole'));
  }, 120_000);
});

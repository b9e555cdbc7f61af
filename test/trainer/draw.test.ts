import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { drawSettingsSchema, type DrawSettings } from '../../main/engine/diffusion/draw-settings.ts';
import { answerDrawings } from '../../main/trainer/draw/answer-drawings.ts';
import { importAdapter } from '../../main/trainer/export/import-adapter.ts';
import { createQuestionQueue } from '../../main/trainer/process/question-queue.ts';
import type { DrawAnswer, DrawQuestion, TrainerEvent } from '../../main/trainer/protocol/protocol.ts';
import { root } from '../support/paths.ts';
import { writeTinyModel } from '../support/tiny-model.ts';
import { writeTinyPipeline } from '../support/tiny-pipeline.ts';

const workspace = mkdtempSync(join(tmpdir(), 'nora-draw-'));
afterAll(() => rmSync(workspace, { recursive: true, force: true }));
const modelDirectory = writeTinyPipeline(join(workspace, 'painter'));
const adapter = join(workspace, 'adapter');
beforeAll(() =>
  importAdapter(
    {
      modelDirectory,
      peftDirectory: join(root, 'test/numeric/fixtures/sd15/lora/init'),
      destination: adapter,
      onResidualBase: false,
      threads: 1,
    },
    { emit: () => undefined, shouldStop: () => null },
  ),
);

interface Session {
  readonly modelDirectory?: string;
  readonly arms?: readonly (string | null)[];
  readonly watch?: (event: TrainerEvent, queue: ReturnType<typeof createQuestionQueue>) => void;
}

const ask = async (questions: readonly DrawQuestion[], session: Session = {}): Promise<TrainerEvent[]> => {
  const queue = createQuestionQueue();
  const events: TrainerEvent[] = [];
  let left = questions.length;
  questions.forEach((question, at) => queue.take({ type: 'ask', id: `question-${at}`, question }));
  await answerDrawings(
    {
      modelDirectory: session.modelDirectory ?? modelDirectory,
      arms: [...(session.arms ?? [null, adapter])],
      threads: 1,
    },
    {
      emit: (event) => {
        events.push(event);
        session.watch?.(event, queue);
        if ((event.type === 'drawn' || event.type === 'refused') && --left === 0) queue.end();
      },
      shouldStop: () => null,
      nextQuestion: queue.next,
    },
  );
  return events;
};

const settingsOf = (changes: Partial<DrawSettings> = {}): DrawSettings =>
  drawSettingsSchema.parse({ steps: 4, sampler: 'ddim', ...changes });

const question = (changes: Partial<DrawQuestion> = {}): DrawQuestion => ({
  ...{ kind: 'draw', arms: [0, 1], wanted: [{ prompt: 'a cat', seed: 7 }], settings: settingsOf() },
  names: { model: 'painter', arms: ['base', 'LoRA'] },
  ...changes,
});

const answerOf = (events: readonly TrainerEvent[], id = 'question-0'): DrawAnswer => {
  const found = events.find((event) => event.type === 'drawn' && event.id === id);
  if (found?.type !== 'drawn')
    throw new Error(JSON.stringify(events.filter(({ type }) => type === 'refused')));
  return found.answer;
};
const refusalOf = (events: readonly TrainerEvent[]): string | undefined => {
  const found = events.find((event) => event.type === 'refused');
  return found?.type === 'refused' ? found.message : undefined;
};
const bytesOf = (base64: string): Buffer => Buffer.from(base64, 'base64');
const pixelsOf = async (base64: string): Promise<number[]> => [
  ...(await sharp(bytesOf(base64)).raw().toBuffer()),
];

describe('a session that draws', () => {
  it('draws base and adapter on the same noise, and says in each file how', async () => {
    const events = await ask([
      question(),
      question({ arms: [1], names: { model: 'painter', arms: ['LoRA'] } }),
    ]);
    expect(events.map(({ type }) => type).filter((type) => type !== 'progress')).toEqual([
      ...['ready', 'drawn', 'drawn', 'closed'],
    ]);
    const told = answerOf(events);
    expect([told.width, told.height]).toEqual([16, 16]);
    const [base, lora] = [await pixelsOf(told.pictures[0]![0]!), await pixelsOf(told.pictures[1]![0]!)];
    expect(base).toHaveLength(16 * 16 * 3);
    expect(lora).not.toEqual(base);
    expect(await pixelsOf(answerOf(events, 'question-1').pictures[0]![0]!)).toEqual(lora);
    const { comments } = await sharp(bytesOf(told.pictures[1]![0]!)).metadata();
    expect(comments![0]).toEqual({
      keyword: 'parameters',
      text: 'a cat\nSteps: 4, Sampler: DDIM, CFG scale: 7.5, Seed: 7, Size: 16x16, Model: painter, Adapter: LoRA',
    });
    expect(JSON.parse(comments![1]!.text)).toMatchObject({
      ...{ prompt: 'a cat', seed: 7, arm: 'LoRA', settings: { steps: 4, width: 16, height: 16 } },
    });
    expect(await sharp(bytesOf(told.sheet!)).metadata()).toMatchObject({ width: 16 + 8 + 16, height: 16 });
    expect(
      events
        .filter((event) => event.type === 'progress')
        .slice(1, 11)
        .at(-1),
    ).toEqual({
      ...{ type: 'progress', phase: 'drawing', done: 10, total: 10 },
    });
  });

  it('lays the pictures of a single arm out by their prompts', async () => {
    const wanted = ['a cat', 'a dog', 'a cat'].map((prompt, seed) => ({ prompt, seed }));
    const events = await ask([question({ arms: [0], names: { model: 'painter', arms: ['base'] }, wanted })]);
    const sheet = await sharp(bytesOf(answerOf(events).sheet!)).metadata();
    expect([sheet.width, sheet.height]).toEqual([16 + 8 + 16, 16 + 8 + 16]);
  });

  it('tells what became of a prompt', async () => {
    const wanted = [{ prompt: 'a (cat:1.2) sits on mats and more', seed: 1 }];
    const one = { arms: [0], names: { model: 'painter', arms: ['base'] }, wanted };
    const events = await ask([
      question(one),
      question({ ...one, settings: settingsOf({ longPrompts: 'chunks' }) }),
    ]);
    expect(answerOf(events).sheet).toBeNull();
    expect(answerOf(events).notices.join('\n')).toContain('"(cat:1.2)" is taken as plain text');
    expect(answerOf(events).notices.join('\n')).toContain(
      'and its encoder takes 10: it was cut behind "a (cat:1.2',
    );
    expect(answerOf(events, 'question-1').notices.join('\n')).not.toContain('was cut');
    expect(answerOf(events, 'question-1').pictures).not.toEqual(answerOf(events).pictures);
  });

  it('takes the texts from the layer that was asked for', async () => {
    const one = { arms: [0], names: { model: 'painter', arms: ['base'] } };
    const asked = [null, 1, 2, 4].map((clipSkip) => question({ ...one, settings: settingsOf({ clipSkip }) }));
    const events = await ask(asked);
    const [plain, last, earlier] = [0, 1, 2].map((at) => answerOf(events, `question-${at}`).pictures);
    const pixels = await Promise.all([plain, last, earlier].map((one) => pixelsOf(one![0]![0]!)));
    expect(pixels[1]).toEqual(pixels[0]);
    expect(pixels[2]).not.toEqual(pixels[0]);
    expect(refusalOf(events)).toContain('clipSkip: 4 is before the first layer');
  });

  it('is stopped between steps, and goes on with the next question', async () => {
    const events = await ask([question({ settings: settingsOf({ steps: 100 }) }), question()], {
      watch: (event, queue) => {
        if (event.type === 'progress' && event.done === 2) queue.take({ type: 'drop', id: 'question-0' });
      },
    });
    expect(refusalOf(events)).toBe('stopped before it was drawn');
    expect(answerOf(events, 'question-1').pictures).toHaveLength(2);
    expect(events.filter((event) => event.type === 'progress' && event.total === 202)).toHaveLength(2);
  });

  it('refuses a size, and names the first layer where numbers are not finite', async () => {
    const size = await ask([question({ settings: settingsOf({ width: 20 }) })]);
    expect(refusalOf(size)).toBe('width: this model draws multiples of 8 pixels; 20 is none: take 16 or 24');
    const broken = writeTinyPipeline(join(workspace, 'broken'));
    const weights = join(broken, 'unet/diffusion_pytorch_model.safetensors');
    const name = 'mid_block.attentions.0.transformer_blocks.0.ff.net.2.weight';
    writeFileSync(weights, withLargest(readFileSync(weights), name));
    const events = await ask([question({ arms: [0], names: { model: 'broken', arms: ['base'] } })], {
      modelDirectory: broken,
      arms: [null],
    });
    expect(refusalOf(events)).toContain(
      "step 1 of 4 (timestep 751) gives numbers that are not finite: the first is unet.mid_block.attentions.0.transformer_blocks.0.ff.net.2's output",
    );
  });

  it('opens no model of text', async () => {
    const text = writeTinyModel(join(workspace, 'text'));
    await expect(ask([], { modelDirectory: text, arms: [null] })).rejects.toThrow('draws no pictures');
  });
});

/** A weight file with the largest finite numbers in a tensor: sums of them overflow. */
const withLargest = (file: Buffer, name: string): Buffer => {
  const length = Number(file.readBigUInt64LE());
  const header = JSON.parse(file.subarray(8, 8 + length).toString()) as Record<
    string,
    { data_offsets: [number, number] }
  >;
  const [from, to] = header[name]!.data_offsets;
  const changed = Buffer.from(file);
  for (let at = from; at < to; at += 4) changed.writeFloatLE(3.4e38, 8 + length + at);
  return changed;
};

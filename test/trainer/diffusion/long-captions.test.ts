import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { adapterSettingsSchema } from '../../../main/engine/adapters/settings/adapter-settings.ts';
import { loadPipelineTokenizers } from '../../../main/engine/data/tokens/pipeline-tokenizers.ts';
import { drawSettingsSchema } from '../../../main/engine/diffusion/draw-settings.ts';
import { openDrawingModel } from '../../../main/engine/drawing/open-drawing-model.ts';
import {
  conditionOf,
  encodePieces,
  encodeTexts,
  piecesOf,
  type PieceStates,
} from '../../../main/engine/drawing/text-conditions.ts';
import { openModelFolder } from '../../../main/engine/formats/model-folder.ts';
import { withTextStates } from '../../../main/engine/models/diffusion-model.ts';
import { readModel } from '../../../main/engine/models/model.ts';
import { trainingSettingsSchema } from '../../../main/engine/train/settings/training-settings.ts';
import type { RunSpecification } from '../../../main/trainer/protocol/protocol.ts';
import { describePictures } from '../../../main/trainer/read/describe-pictures.ts';
import { captionsOfSet } from '../../../main/trainer/run/diffusion/captions.ts';
import { createConditions } from '../../../main/trainer/run/diffusion/conditions.ts';
import { createFrozenParts } from '../../../main/trainer/run/diffusion/frozen-parts.ts';
import { eventsOf, noticesOf } from '../../support/run-events.ts';
import { writeSubjectPictures } from '../../support/subject-pictures.ts';
import { writeTinyPipeline } from '../../support/tiny-pipeline.ts';

const workspace = mkdtempSync(join(tmpdir(), 'nora-long-captions-'));
afterAll(() => rmSync(workspace, { recursive: true, force: true }));

/** Of 10 tokens to a piece: two pieces and a bit. */
const long = 'red dog blue in the snow now';
const view = { moments: new Float32Array(8), height: 2, width: 2, sizes: [16, 16, 0, 0, 16, 16] };

describe.each(['sd15', 'sdxl'] as const)('long captions of %s', (kind) => {
  const directory = writeTinyPipeline(join(workspace, kind), kind);
  const folder = openModelFolder(directory);
  const model = readModel(folder);
  const tokenizers = loadPipelineTokenizers(folder);

  const trained = async (way: 'cut' | 'chunks', texts: readonly string[]) => {
    const frozen = createFrozenParts(model, { threads: 1, device: 'cpu' }, 4);
    const conditions = createConditions(withTextStates(model), tokenizers, frozen, {
      long: way,
      captions: [long, 'dog'],
    });
    const made = [];
    for (const text of texts) made.push(await conditions.of(text, view));
    await frozen.release();
    return { conditions, made };
  };

  /** What drawing has of the same texts. */
  const drawn = async (texts: readonly string[]) => {
    const drawing = openDrawingModel([{ model, adapter: null, trainedWeights: [] }], { threads: 1 });
    const { longPrompts } = drawSettingsSchema.parse({ longPrompts: 'chunks' });
    const encoded = encodeTexts(drawing, tokenizers, texts, longPrompts);
    const states: PieceStates[] = [];
    for (const [at, chunks] of encoded.chunks.entries()) {
      const part = await drawing.open(0, at, 4);
      states.push(await encodePieces(part, chunks));
      await part.release();
    }
    const pieces = piecesOf(encoded, texts);
    return texts.map((text) => conditionOf(drawing, encoded, states, text, pieces));
  };

  it('in pieces give the states that drawing has of them', async () => {
    const texts = [long, 'dog', ''];
    const { conditions, made } = await trained('chunks', texts);
    expect(conditions.pieces).toBe(3);
    expect(conditions.cut()).toBe(0);
    for (const [at, expected] of (await drawn(texts)).entries()) {
      const { text_states, added } = made[at]!;
      expect(text_states!.shape).toEqual([expected.tokens, expected.states.length / expected.tokens]);
      expect(text_states!.data).toEqual(expected.states);
      if (expected.pooled !== null)
        expect(added!.data.slice(0, expected.pooled.length)).toEqual(expected.pooled);
    }
  });

  it('are cut where nobody asks for pieces', async () => {
    const { conditions, made } = await trained('cut', [long, long.slice(0, 12)]);
    expect([conditions.pieces, conditions.cut()]).toEqual([1, 1]);
    expect(made[0]!['text_states']!.shape[0]).toBe(12);
    expect(made[0]!['text_states']).toEqual(made[1]!['text_states']);
  });

  it('are refused in pieces where the text encoders are a part of the steps', () => {
    const parts = { encodeText: () => Promise.reject(new Error('nothing is encoded')) };
    const of = (captions: readonly string[]) => () =>
      createConditions(model, tokenizers, parts, { long: 'chunks', captions });
    expect(of(['dog', long])).toThrow(
      'training.diffusion.longCaptions: a caption needs 3 pieces, and the text encoders are trained',
    );
    expect(of(['dog'])().pieces).toBe(1);
  });
});

describe('a run on long captions', () => {
  const specification = async (name: string, targetModules: string[]): Promise<RunSpecification> => {
    const trainFile = join(workspace, `${name} dogs`);
    const sizes = Array<[number, number]>(3).fill([16, 16]);
    await writeSubjectPictures(trainFile, sizes);
    for (const at of [0, 1, 2]) writeFileSync(join(trainFile, `${at}.txt`), at === 0 ? long : 'dog');
    const { format } = await describePictures({ trainFile, pictures: { as: 'subject' } });
    return {
      runDirectory: join(workspace, name),
      modelDirectory: join(workspace, 'sd15'),
      cacheDirectory: null,
      dataset: { trainFile, validationFile: null, format, validationFraction: 0.3 },
      adapter: adapterSettingsSchema.parse({ method: 'lora', rank: 2, alpha: 2, targetModules }),
      training: trainingSettingsSchema.parse({
        ...{ steps: 2, batchSize: 2, learningRate: 0.01, threads: 1 },
        diffusion: {
          ...{ prompt: 'red dog', resolution: 16, heldOutDraws: 4, longCaptions: 'chunks' },
          captionDropout: 0.5,
        },
      }),
      ...{ seed: 1, date: '2026-11-30', resumeFrom: null },
    };
  };

  it('trains on them in batches with short ones and none', async () => {
    const events = await eventsOf(await specification('whole', ['to_q', 'to_k']));
    expect(events.at(-1)).toMatchObject({ type: 'completed' });
    const notices = noticesOf(events);
    expect(notices).toContain('texts are encoded in 3 pieces each, as the longest caption of the data needs');
    expect(notices.some((notice) => notice.includes('were cut'))).toBe(false);
    expect(readFileSync(join(workspace, 'whole/adapter/adapter.safetensors')).length).toBeGreaterThan(0);
  });

  it('is refused with text encoders that are trained', async () => {
    const run = eventsOf(await specification('texts', ['to_q', 'q_proj']));
    await expect(run).rejects.toThrow('training.diffusion.longCaptions: a caption needs 3 pieces');
  });
});

it('counts all captions of a set, whatever is held out', () => {
  const picture = (name: string, caption: string | null, prior = false) => ({
    ...{ name, place: 'dogs', caption, prior },
    repeats: 1,
  });
  const parts = {
    train: [picture('a', 'one'), picture('b', null), picture('c', 'of the class', true)],
    validation: null,
    test: [picture('d', 'two')],
  };
  const of = (settings: object) =>
    captionsOfSet({ parts }, { prompt: null, trigger: null, prior: null, ...settings });
  expect(of({})).toEqual(['one', 'two']);
  expect(of({ prompt: 'all', trigger: 'sks' })).toEqual(['sks one', 'sks all', 'sks two']);
  const prior = { prompt: 'a dog', weight: 1, pictures: 0, draw: null };
  expect(of({ prior })).toEqual(['one', 'of the class', 'two', 'a dog']);
});

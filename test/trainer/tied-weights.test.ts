import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { adapterSettingsSchema } from '../../main/engine/adapters/settings/adapter-settings.ts';
import { openModelFolder, readWeight } from '../../main/engine/formats/model-folder.ts';
import { trainingSettingsSchema } from '../../main/engine/train/settings/training-settings.ts';
import { exportRun } from '../../main/trainer/export/export-run.ts';
import type { ExportKind, ExportSummary, TrainerEvent } from '../../main/trainer/protocol/protocol.ts';
import { trainRun } from '../../main/trainer/run/train-run.ts';
import { writeTinyModel } from '../support/tiny-model.ts';

const sample = join(import.meta.dirname, '../../main/sample');
const workspace = mkdtempSync(join(tmpdir(), 'nora-tied-'));
/** In float32, so that nothing is rounded; its head is tied to its embedding. */
const modelDirectory = writeTinyModel(join(workspace, 'model'));

const train = async (name: string, adapter: object): Promise<void> =>
  trainRun(
    {
      runDirectory: join(workspace, name),
      modelDirectory,
      cacheDirectory: null,
      dataset: {
        trainFile: join(sample, 'data/moby-dick.validation.jsonl'),
        validationFile: null,
        format: { kind: 'text', column: 'text' },
        validationFraction: 0.1,
      },
      adapter: adapterSettingsSchema.parse(adapter),
      training: trainingSettingsSchema.parse({
        steps: 4,
        batchSize: 2,
        sequenceLength: 32,
        evaluationBatches: 1,
        learningRate: 1e-2,
        threads: 1,
      }),
      seed: 3,
      date: '2026-11-28',
      resumeFrom: null,
    },
    { emit: () => undefined, shouldStop: () => null },
  );

const exported = async (name: string, kind: ExportKind): Promise<ExportSummary> => {
  const events: TrainerEvent[] = [];
  await exportRun(
    {
      kind,
      modelDirectory,
      adapterDirectory: join(workspace, name, 'adapter'),
      destination: join(workspace, `${name}-${kind}`),
      baseModelName: 'tiny',
      threads: 1,
    },
    { emit: (event) => void events.push(event), shouldStop: () => null },
  );
  const end = events.at(-1);
  if (end?.type !== 'exported') throw new Error(`ended with ${end?.type}`);
  return end.summary;
};

const base = openModelFolder(modelDirectory);
const embedding = 'model.embed_tokens.weight';
const notice =
  'lm_head had the weight model.embed_tokens.weight in the base model and differs from it now: it is written as lm_head.weight, with tie_word_embeddings false in config.json';

describe.each([
  ['both', ['embed_tokens', 'lm_head']],
  ['embedding', ['embed_tokens', 'q_proj']],
  ['head', ['lm_head', 'q_proj']],
])('an adapter on %s of a tied model', (name, targetModules) => {
  it('is merged into weights of their own', async () => {
    await train(name, { method: 'lora', rank: 4, alpha: 8, targetModules });
    const { largestLogitDifference, notices } = await exported(name, 'merged');
    expect(largestLogitDifference).toBeLessThan(1e-4);
    expect(notices).toEqual([notice]);
    const merged = openModelFolder(join(workspace, `${name}-merged`));
    expect(merged.config).toEqual({ ...base.config, tie_word_embeddings: false });
    const isBase = (weight: string): boolean =>
      Buffer.compare(
        Buffer.from(readWeight(merged, weight).buffer),
        Buffer.from(readWeight(base, embedding).buffer),
      ) === 0;
    expect(isBase(embedding)).toBe(!targetModules.includes('embed_tokens'));
    expect(isBase('lm_head.weight')).toBe(!targetModules.includes('lm_head'));
  });

  it("gives the same in PEFT's form", async () => {
    const { largestLogitDifference, notices } = await exported(name, 'adapter');
    expect(largestLogitDifference).toBeLessThan(1e-4);
    expect(notices).toBeUndefined();
  });
});

it('an embedding that is trained whole stays tied', async () => {
  await train('whole', {
    method: 'lora',
    rank: 4,
    targetModules: ['q_proj'],
    modulesToSave: ['embed_tokens'],
  });
  for (const kind of ['merged', 'adapter'] as const)
    expect((await exported('whole', kind)).largestLogitDifference).toBeLessThan(1e-4);
  const merged = openModelFolder(join(workspace, 'whole-merged'));
  expect([merged.config, merged.tensors.has('lm_head.weight')]).toEqual([base.config, false]);
  const config = JSON.parse(
    readFileSync(join(workspace, 'whole-adapter/adapter_config.json'), 'utf8'),
  ) as object;
  expect(config).toMatchObject({ modules_to_save: ['embed_tokens'], ensure_weight_tying: true });
});

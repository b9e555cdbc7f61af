import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { adapterSettingsSchema } from '../../main/engine/adapters/settings/adapter-settings.ts';
import { integersOf, tensorOf, type Batch } from '../../main/engine/data/batches/batch.ts';
import { comparedWith } from '../../main/engine/models/compared-model.ts';
import { openModel } from '../../main/engine/models/model.ts';
import { trainingSettingsSchema } from '../../main/engine/train/settings/training-settings.ts';
import { sampleBatch, sampleLogits } from '../../main/trainer/export/export-check.ts';
import { exportRun } from '../../main/trainer/export/export-run.ts';
import { describePictures } from '../../main/trainer/read/describe-pictures.ts';
import { trainRun } from '../../main/trainer/run/train-run.ts';
import { writeTinyClip } from '../support/tiny-clip.ts';
import { writeColourPictures } from '../support/tiny-pictures.ts';
import { writeTinySiglip } from '../support/tiny-siglip.ts';

/**
 * Trains both towers of a tiny CLIP and a tiny SigLIP on pictures, and has transformers load the merged folders and PEFT the adapters, and
 * compute the same logits of noise and random texts:
 * node test/peft/towers.ts --python PATH (a Python with torch, transformers and peft).
 */
const { values: flags } = parseArgs({ options: { python: { type: 'string', default: 'python3' } } });
const folder = mkdtempSync(join(tmpdir(), 'nora-towers-'));
const trainFile = await writeColourPictures(join(folder, 'colours'));
const { format } = await describePictures({ trainFile });
const quietly = { emit: () => undefined, shouldStop: () => null };

const adapters: Readonly<Record<string, object>> = {
  lora: { method: 'lora', rank: 4, alpha: 8 },
  dora: { method: 'dora', rank: 4, alpha: 8 },
  nora: { method: 'nora', outerRank: 12, innerRank: 4, alpha: 8, calibrationBatches: 2 },
};

/** With the token at which texts end, by which transformers finds what stands for a text; SigLIP's stand at their last place. */
const models = {
  clip: { write: writeTinyClip, heads: ['visual_projection', 'text_projection'], end: 59n },
  siglip: { write: writeTinySiglip, heads: ['head'], end: null },
};

/** Random texts that end where they do, and nowhere before. */
const ended = (batch: Batch, end: bigint | null): Batch => {
  if (end === null) return batch;
  const { shape } = tensorOf(batch, 'input_ids');
  const isLast = (at: number): boolean => (at + 1) % batch.sequence === 0;
  const ids = integersOf(batch, 'input_ids').map((id, at) => (isLast(at) ? end : id === end ? 3n : id));
  return { ...batch, tensors: { ...batch.tensors, input_ids: { shape, data: ids } } };
};

for (const [name, { write, heads, end }] of Object.entries(models))
  for (const [method, adapter] of Object.entries(adapters)) {
    const place = join(folder, 'runs', `${name}-${method}`);
    const modelDirectory = write(join(place, 'model'));
    const runDirectory = join(place, 'run');
    await trainRun(
      {
        runDirectory,
        modelDirectory,
        cacheDirectory: null,
        dataset: { trainFile, validationFile: null, format, validationFraction: 0.25 },
        adapter: adapterSettingsSchema.parse({
          ...adapter,
          targetModules: ['q_proj', 'k_proj', 'v_proj', 'out_proj', 'fc1', 'fc2', ...heads],
        }),
        training: trainingSettingsSchema.parse({ steps: 8, batchSize: 6, learningRate: 1e-2, threads: 1 }),
        seed: 1,
        date: '2026-11-28',
        resumeFrom: null,
      },
      quietly,
    );
    for (const kind of ['merged', 'adapter'] as const)
      await exportRun(
        {
          kind,
          modelDirectory,
          adapterDirectory: join(runDirectory, 'adapter'),
          destination: join(place, kind),
          baseModelName: modelDirectory,
          threads: 1,
        },
        quietly,
      );
    const merged = comparedWith(openModel(join(place, 'merged')), 'class-prompts', 5);
    const batch = ended(sampleBatch(merged), end);
    const logits = await sampleLogits({ model: merged, adapter: null, trainedWeights: [] }, batch, 1);
    const inputs = Object.entries(batch.tensors).map(([tensor, { shape, data }]) => [
      tensor,
      { shape, data: Array.from(data, Number) },
    ]);
    const given = { ...(Object.fromEntries(inputs) as object), logits: Array.from(logits) };
    writeFileSync(join(place, 'given.json'), JSON.stringify(given));
  }
const script = join(import.meta.dirname, 'towers.py');
const { status } = spawnSync(flags.python, [script, join(folder, 'runs')], { stdio: 'inherit' });
process.exitCode = status ?? 1;

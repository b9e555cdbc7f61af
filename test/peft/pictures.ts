import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeAdapter } from '../../main/engine/adapters/folder/adapter-folder.ts';
import { adapterSettingsSchema } from '../../main/engine/adapters/settings/adapter-settings.ts';
import type { Batch } from '../../main/engine/data/batches/batch.ts';
import { openModel, type Model } from '../../main/engine/models/model.ts';
import { noisyBatch } from '../../main/engine/objectives/diffusion/noisy-batch.ts';
import { noise } from '../../main/engine/objectives/noise.ts';
import { createRandom } from '../../main/engine/random.ts';
import { exportRun } from '../../main/trainer/export/export-run.ts';
import { sampleLogits } from '../../main/trainer/export/export-check.ts';
import { movedAdapter, startedAdapter } from '../support/moved-adapter.ts';
import { writeTinyDiffusion } from '../support/small-pipeline.ts';

/**
 * Has diffusers load what is exported of models that draw pictures (its own file, kohya's, merged weights as a folder and as one file) and
 * predict the same of the same latents, with texts through the adapted encoders:
 * node test/peft/pictures.ts --python PATH [--only PART_OF_A_NAME] (a Python with torch, diffusers, transformers and peft).
 */
const { values: flags } = parseArgs({
  options: { python: { type: 'string', default: 'python3' }, only: { type: 'string', default: '' } },
});
const folder = mkdtempSync(join(tmpdir(), 'nora-pictures-'));
const quietly = { emit: () => undefined, shouldStop: () => null };

const attention = ['to_q', 'to_k', 'to_v', 'to_out.0'];
const layers = [...attention, 'proj_in', 'proj_out', 'ff.net.0.proj', 'ff.net.2'];
const convolutions = ['conv1', 'conv2', 'conv', 'conv_shortcut', 'time_emb_proj'];
const texts = ['q_proj', 'k_proj', 'v_proj', 'out_proj', 'fc1', 'fc2'];

const adapters: Readonly<Record<string, object>> = {
  attention: { method: 'lora', rank: 2, alpha: 3, targetModules: attention },
  lora: { method: 'lora', rank: 3, alpha: 6, targetModules: [...layers, ...convolutions, ...texts] },
  ranks: {
    ...{ method: 'lora', rank: 3, alpha: 6, rankPattern: { to_q: 2, fc1: 4 }, alphaPattern: { to_v: 1 } },
    targetModules: [...layers, ...texts],
  },
  nora: {
    ...{ method: 'nora', outerRank: 5, innerRank: 2, alpha: 4 },
    targetModules: [...layers, ...convolutions, ...texts],
  },
  dora: { method: 'dora', rank: 3, alpha: 6, targetModules: [...layers, ...convolutions, ...texts] },
};

const tiny = join(folder, 'tiny');
writeTinyDiffusion(tiny);
const fixture = (name: string): string => join(import.meta.dirname, '../numeric/fixtures', name, 'model');
const models: Readonly<Record<string, string>> = {
  tiny,
  sd15: fixture('sd15'),
  sd21: fixture('sd21'),
  sdxl: fixture('sdxl'),
};

interface Given {
  readonly batch: Batch;
  /** For diffusers, which makes the rest of them itself. */
  readonly told: object;
}

const timestep = 321;
const [height, width] = [8, 8];

/** Latents of noise, and texts that end where they do. */
const given = ({ architecture }: Model): Given => {
  const diffusion = architecture.diffusion!;
  const random = createRandom(9);
  const { channels } = diffusion.latent;
  const latent = Float32Array.from({ length: channels * height * width }, random.normal);
  const ids = Array.from({ length: diffusion.positions }, () => 3 + random.integer(20));
  const end = diffusion.positions - 2;
  const largest = diffusion.texts[0]!.vocabularySize - 1;
  ids[end] = largest;
  const numbers = [height * 8, width * 8, 0, 0, height * 8, width * 8];
  const asIds = { shape: [diffusion.positions], data: BigInt64Array.from(ids, BigInt) };
  const ends = Float32Array.from(ids, (_, at) => (at === end ? 1 : 0));
  const all = {
    input_ids: asIds,
    input_ids_2: asIds,
    text_ends: { shape: [diffusion.positions], data: ends },
    time_features: {
      shape: [diffusion.added?.features(numbers).length ?? 0],
      data: diffusion.added?.features(numbers) ?? new Float32Array(),
    },
  };
  const conditions = Object.fromEntries(
    diffusion.conditions.map(({ name }) => [name, all[name as keyof typeof all]]),
  );
  const picture = { latent, target: latent, height, width, timestep, conditions, weight: 1, counts: true };
  return {
    batch: noisyBatch(diffusion, [picture]),
    told: { latents: Array.from(latent), channels, height, width, timestep, ids, numbers },
  };
};

for (const [name, modelDirectory] of Object.entries(models)) {
  const model = openModel(modelDirectory);
  const { batch, told } = given(model);
  for (const [method, own] of Object.entries(adapters)) {
    if (!`${name}-${method}`.includes(flags.only)) continue;
    const place = join(folder, 'runs', `${name}-${method}`);
    const settings = adapterSettingsSchema.parse(own);
    const { moved } = movedAdapter(await startedAdapter(model, [noise.samples(model)], settings));
    const adapterDirectory = join(place, 'adapter');
    await writeAdapter(adapterDirectory, { settings, ...moved.adapter, weights: [] });
    const kinds = [
      // Only diffusers computes with DoRA's lengths as they were trained.
      ...(settings.method === 'dora' ? [] : ['kohya' as const]),
      'diffusers',
      'merged',
      ...(name === 'tiny' ? ['checkpoint' as const] : []),
    ] as const;
    for (const kind of kinds)
      await exportRun(
        {
          ...{ kind, modelDirectory, adapterDirectory, baseModelName: name, threads: 1 },
          destination: join(place, kind),
        },
        quietly,
      );
    const plain = await sampleLogits({ model, adapter: null, trainedWeights: [] }, batch, 1);
    const logits = await sampleLogits(moved, batch, 1);
    writeFileSync(
      join(place, 'given.json'),
      JSON.stringify({ ...told, base: modelDirectory, plain: Array.from(plain), logits: Array.from(logits) }),
    );
  }
}
const script = join(import.meta.dirname, 'pictures.py');
const { status } = spawnSync(flags.python, [script, join(folder, 'runs')], { stdio: 'inherit' });
process.exitCode = status ?? 1;

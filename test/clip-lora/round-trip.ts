import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { clipLoraFile } from '../../main/engine/adapters/clip-lora/clip-lora-file.ts';
import { clipLoraLayout } from '../../main/engine/adapters/clip-lora/clip-lora-layout.ts';
import { adapterSettingsSchema } from '../../main/engine/adapters/settings/adapter-settings.ts';
import { writeSafetensors } from '../../main/engine/formats/safetensors-writer.ts';
import { towersOf } from '../../main/engine/models/compared-model.ts';
import { classPrompts } from '../../main/engine/objectives/class-prompts.ts';
import { createRandom } from '../../main/engine/random.ts';
import { sampleLogits } from '../../main/trainer/export/export-check.ts';
import { readRun } from '../numeric/golden/golden-run.ts';
import { movedAdapter, startedAdapter } from '../support/moved-adapter.ts';

/**
 * Writes adapters as CLIP-LoRA's files, and has its own code load them and compute the same logits:
 * node test/clip-lora/round-trip.ts --python PATH --clip-lora FOLDER
 * (a Python with torch and safetensors, and a checkout of github.com/MaxZanella/CLIP-LoRA).
 */
const { values: flags } = parseArgs({
  options: { python: { type: 'string', default: 'python3' }, 'clip-lora': { type: 'string' } },
});
const checkout = flags['clip-lora'];
if (checkout === undefined) throw new Error('--clip-lora: a checkout of CLIP-LoRA is needed');

const cases: Readonly<Record<string, object>> = {
  own: { method: 'rslora', rank: 2, alpha: 1, targetModules: ['q_proj', 'k_proj', 'v_proj'] },
  whole: { method: 'lora', rank: 4, alpha: 4, targetModules: ['q_proj', 'k_proj', 'v_proj', 'out_proj'] },
  scaled: { method: 'lora', rank: 3, alpha: 6, targetModules: ['k_proj', 'v_proj'] },
  vision: { method: 'rslora', rank: 2, alpha: 3, targetModules: 'vision_model.*(q_proj|v_proj)' },
  text: { method: 'lora', rank: 1, alpha: 5, targetModules: 'text_model.*(q_proj|out_proj)' },
  nora: {
    method: 'nora',
    outerRank: 10,
    innerRank: 2,
    alpha: 4,
    targetModules: ['q_proj', 'k_proj', 'v_proj'],
  },
  pissa: { method: 'pissa', rank: 2, alpha: 4, targetModules: ['q_proj', 'v_proj'] },
};

const run = join(import.meta.dirname, '../numeric/fixtures/clip');
const { model, batches } = readRun(run);
const { pictures } = towersOf(model.architecture);
const random = createRandom(11);
const [start, end] = [58, 59];
const prompts = [1, 2, 3, 4].map((word) => [start, word, word + 7, 3, end]);
const seen = Array.from({ length: 6 }, () =>
  Float32Array.from({ length: pictures.input.shape.reduce((a, b) => a * b, 1) }, random.normal),
);
const batching = classPrompts.batching({ towers: towersOf(model.architecture), prompts, padId: end });
const batch = batching.assemble(
  batching.formRows(seen.map((picture) => ({ label: 0, picture: () => picture }))),
);

const folder = mkdtempSync(join(tmpdir(), 'nora-clip-lora-'));
const told: Record<string, object> = {};
for (const [name, own] of Object.entries(cases)) {
  const settings = adapterSettingsSchema.parse(own);
  const { moved } = movedAdapter(await startedAdapter(model, batches, settings));
  const { layers, values } = moved.adapter;
  const layout = clipLoraLayout(layers, { text: 2, vision: 2 }, 'ViT-B/16');
  const file = clipLoraFile({ settings, layers, values }, layout);
  const { encoder, params, position } = layout;
  const place = join(folder, name, 'vitb16/set/4shots/seed1');
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'lora_weights.pt'), file.bytes);
  const order = layout.layers.flatMap(({ projections }, index) =>
    projections.map(({ saved, module }) => ({ name: `layer_${index}.${saved}`, module })),
  );
  writeSafetensors(
    join(folder, name, 'tensors.safetensors'),
    order.flatMap(({ name: key, module }) => {
      const { a, b } = file.tensors.find((one) => one.module === module)!;
      return [
        { name: `${key}.w_lora_A`, dtype: 'F32' as const, shape: a.shape, data: a.data },
        { name: `${key}.w_lora_B`, dtype: 'F32' as const, shape: b.shape, data: b.data },
      ];
    }),
    {},
  );
  const logits = await sampleLogits(moved, batch, 1);
  const base = await sampleLogits({ model, adapter: null, trainedWeights: [] }, batch, 1);
  writeSafetensors(
    join(folder, name, 'logits.safetensors'),
    [
      { name: 'logits', dtype: 'F32', shape: [seen.length, prompts.length], data: logits },
      { name: 'base', dtype: 'F32', shape: [seen.length, prompts.length], data: base },
    ],
    {},
  );
  told[name] = { r: file.rank, alpha: file.alpha, encoder, params, position };
}
writeSafetensors(
  join(folder, 'pixels.safetensors'),
  [
    {
      name: 'pixels',
      dtype: 'F32',
      shape: [seen.length, ...pictures.input.shape],
      data: Float32Array.from(seen.flatMap((one) => [...one])),
    },
  ],
  {},
);
writeFileSync(join(folder, 'cases.json'), JSON.stringify({ prompts, cases: told }));

const script = join(import.meta.dirname, 'load.py');
const { status } = spawnSync(flags.python, [script, checkout, join(run, 'model'), folder], {
  stdio: 'inherit',
});
process.exitCode = status ?? 1;

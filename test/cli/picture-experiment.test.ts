import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { methods } from '../../main/api/contract.ts';
import { writeTinyClip } from '../support/tiny-clip.ts';
import { writeTinyOpenClip } from '../support/tiny-open-clip.ts';
import { writeTinySiglip } from '../support/tiny-siglip.ts';
import { writeColourPictures } from '../support/tiny-pictures.ts';
import { createCommandLine } from './nora.ts';
import type { CommandLine } from './nora.ts';

const experiment = (model: string): string => `version: 1
name: Colours of ${model}
model: ${model}
dataset: colours
seed: 1
training: { steps: 6, batchSize: 3, threads: 1, learningRate: 0.01, pictures: { shots: 2, template: "a picture of {}." } }
configurations:
  - name: LoRA
    adapter: { method: lora, rank: 2, alpha: 4, targetModules: [q_proj, v_proj] }
  - name: NoRA on pictures
    adapter: { method: nora, outerRank: 4, innerRank: 2, alpha: 4, calibrationBatches: 1, targetModules: 'vision_model\\..*\\.(q_proj|v_proj)' }
`;

let cli: CommandLine;
const path = (name: string): string => join(cli.directory, name);
beforeAll(async () => {
  cli = createCommandLine();
  writeTinyClip(path('clip'));
  writeTinySiglip(path('siglip'));
  writeTinyOpenClip(path('open_clip'));
  await writeColourPictures(path('colours'));
});
afterAll(() => cli.remove());

test('pictures are imported', async () => {
  const imported = await cli.nora('dataset', 'import', 'colours');
  expect(imported.code, imported.stderr).toBe(0);
  const shown = await cli.nora('dataset', 'show', 'colours');
  expect(shown.stdout).toMatch(/^classes +3: blue, green, red$/m);
  expect(shown.stdout).toMatch(/^to train on +24$/m);
  expect(shown.stdout).toMatch(/^to test on +12$/m);
  expect((await cli.nora('dataset', 'list')).stdout).toContain('pictures of 3 classes');
});

test.each([
  ['clip', 'preprocessor_config.json'],
  ['siglip', 'processor_config.json'],
  // Written as transformers has it.
  ['open_clip', 'preprocessor_config.json'],
])('a %s is trained on them, compared and its adapters taken home', async (model, view) => {
  await cli.nora('model', 'import', model);
  writeFileSync(path(`${model}.yaml`), experiment(model));
  const run = await cli.nora('experiment', 'run', `${model}.yaml`);
  expect(run.code, run.stderr).toBe(0);
  expect(run.stderr).toMatch(/^Memory: LoRA about [\d.]+ .B, NoRA on pictures about [\d.]+ .B; /m);
  const { runs } = methods['experiments.show'].result.parse(
    (await cli.noraJson('experiment', 'status', `Colours of ${model}`)).document,
  );
  for (const { status, summary, notices } of runs) {
    expect(status).toBe('completed');
    expect(summary!['validation/accuracy/before']).toBeGreaterThanOrEqual(0);
    expect(summary!['validation/accuracy']).toBeLessThanOrEqual(1);
    expect(notices.join('\n')).toContain('trained on 6 of 24 pictures of 3 classes (2 of each class');
  }

  const red = ['classify', 'clip', 'colours/test/red/00.png', 'colours/test/blue/01.png'];
  const asked = [...red, '--with-base', '--adapter', 'LoRA'];
  const told = await cli.nora(...asked, '--top', '2');
  expect(told.code, told.stderr).toBe(0);
  expect(told.stdout).toMatch(/00\.png +base +LoRA\n/);
  expect(told.stdout).toMatch(/^(red|green|blue) +[\d.]+ % +[\d.]+ %$/m);
  const { document } = await cli.noraJson(...asked);
  expect(document).toMatchObject({ classes: ['blue', 'green', 'red'], template: 'a picture of {}.' });
  for (const { arms } of document.pictures)
    for (const { probabilities } of arms)
      expect(probabilities.reduce((sum: number, one: number) => sum + one, 0)).toBeCloseTo(1, 12);
  const unknown = await cli.nora(...red);
  expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('--classes: say what may be')]);
  const alone = await cli.nora(...red, '--classes', 'red');
  expect([alone.code, alone.stderr]).toEqual([2, expect.stringContaining('--classes: "red" alone would be')]);
  const own = await cli.noraJson(...red, '--classes', 'red', 'yellow square', '--template', 'a {}.');
  expect(own.document.pictures).toHaveLength(2);

  for (const [name, kind] of [
    ['LoRA', 'merged'],
    ['NoRA on pictures', 'adapter'],
  ] as const) {
    const [run, to] = [`Colours of ${model}/${name}`, `${model}-${kind}`];
    const exported = await cli.nora('export', run, '--to', to, '--kind', kind);
    expect(exported.code, exported.stderr).toBe(0);
  }
  expect(existsSync(path(`${model}-merged/${view}`))).toBe(true);
  const written = JSON.parse(readFileSync(path(`${model}-adapter/adapter_config.json`), 'utf8')) as object;
  expect(written).toMatchObject({ peft_type: 'LORA' });
  const again = await cli.nora('model', 'import', `${model}-merged`);
  expect(again.code, again.stderr).toBe(0);
});

test('published settings are shown by name, and make an experiment', async () => {
  const list = await cli.nora('experiment', 'presets');
  expect(list.stdout).toContain('nora-official-c-structure2-init3');
  const shown = await cli.nora('experiment', 'presets', 'clip-lora');
  expect(shown.stdout).toContain('stepsPerShot: 500');
  expect(shown.stdout).toContain('- The code trains in 16 bits');
  const refused = await cli.nora('experiment', 'presets', 'nora-official-d');
  expect(refused.stderr).toContain('preset: nora-official-d is not offered: the code has a main file');

  const options = ['--model', 'clip', '--dataset', 'colours', '--shots', '2', '--seed', '3'];
  const created = await cli.noraJson('experiment', 'create', 'clip-lora', ...options);
  const { definition } = methods['experiments.show'].result.parse(created.document);
  expect(definition).toMatchObject({
    seed: 3,
    training: { stepsPerShot: 500, pictures: { shots: 2, centre: 'even' } },
    configurations: [{ name: 'CLIP-LoRA', adapter: { rank: 2 } }],
  });
  const without = await cli.nora('experiment', 'create', 'clip-lora', '--model', 'clip');
  expect(without.stderr).toContain('--dataset: a preset needs it');
  const wide = await cli.nora('experiment', 'create', 'nora-official-b-structure2-init2', ...options);
  expect(wide.stderr).toMatch(/outerRank: 32 is larger than the matrix/);
  const both = await cli.nora('experiment', 'create', 'colours.yaml', '--shots', '2');
  expect(both.stderr).toContain('--shots: is for presets');
});

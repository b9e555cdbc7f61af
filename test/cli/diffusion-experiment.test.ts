import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { methods } from '../../main/api/contract.ts';
import { writeSubjectPictures } from '../support/subject-pictures.ts';
import { writeTinyPipeline } from '../support/tiny-pipeline.ts';
import { createCommandLine } from './nora.ts';
import type { CommandLine } from './nora.ts';

let cli: CommandLine;
const path = (name: string): string => join(cli.directory, name);
beforeAll(async () => {
  cli = createCommandLine();
  writeTinyPipeline(path('sd15'));
  await writeSubjectPictures(path('dogs'), [
    [20, 20],
    [24, 16],
    [18, 30],
    [33, 20],
    [20, 20],
  ]);
  await writeSubjectPictures(
    path('dogs/class_images'),
    [
      [20, 20],
      [16, 16],
    ],
    2,
  );
});
afterAll(() => cli.remove());

const experiment = `version: 1
name: My dog
model: sd15
dataset: dogs
seed: 1
training:
  steps: 2
  batchSize: 1
  threads: 1
  learningRate: 0.01
  diffusion: { prompt: red dog, prior: { prompt: a dog, pictures: 2 }, resolution: 16, heldOutDraws: 4, samples: { prompts: [red dog], steps: 2, width: 16, height: 16 } }
configurations:
  - name: LoRA
    adapter: { method: lora, rank: 2, alpha: 4, targetModules: [to_q, to_k, to_v, to_out.0] }
  - name: NoRA
    adapter: { method: nora, outerRank: 4, innerRank: 2, alpha: 4, calibrationBatches: 1, targetModules: [to_q, to_v] }
`;

test('a Stable Diffusion learns a subject from a file, side by side, and its memory is told first', async () => {
  expect((await cli.nora('model', 'import', 'sd15')).stderr).toBe('');
  const imported = await cli.nora('dataset', 'import', 'dogs', '--as', 'subject');
  expect(imported.code, imported.stderr).toBe(0);
  writeFileSync(path('dog.yaml'), experiment);
  const run = await cli.nora('experiment', 'run', 'dog.yaml');
  expect(run.code, run.stderr).toBe(0);
  expect(run.stderr).toMatch(/^Memory: LoRA about [\d.]+ .B, NoRA about [\d.]+ .B; /m);
  const { runs } = methods['experiments.show'].result.parse(
    (await cli.noraJson('experiment', 'status', 'My dog')).document,
  );
  for (const { status, summary } of runs) {
    expect(status).toBe('completed');
    expect(summary).toMatchObject({ 'run/steps': 2 });
    for (const name of ['loss', 'loss_quarter_1', 'loss_quarter_4'])
      expect(summary).toHaveProperty([`validation/${name}/before`]);
  }
  const [lora, nora] = runs.map(({ summary }) => summary?.['validation/loss/before']);
  expect(lora).toBeCloseTo(nora!, 5);
  const folder = (step: number): string =>
    join(path('data/runs'), runs[0]!.id, `samples/step-0000000${step}`);
  expect(run.stderr).toContain(`LoRA, step 0: 1 picture in ${folder(0)}`);
  expect(run.stderr).toContain(`LoRA, step 2: 1 picture in ${folder(2)}`);
  expect((await cli.nora('doctor', '--check')).stdout).not.toContain('sample pictures');
  const first = readFileSync(join(folder(0), '0001.png'));
  writeFileSync(join(folder(0), '0001.png'), first.subarray(1));
  expect((await cli.nora('doctor', '--check')).stdout).toContain(
    `${join(folder(0), '0001.png')}: holds other bytes`,
  );
  writeFileSync(join(folder(0), '0001.png'), first);
  const table = await cli.nora('compare', 'My dog');
  expect(table.stdout).toMatch(/LoRA/);
  expect(existsSync(path('data/cache/latents'))).toBe(true);
});

test('what does not fit is refused at its field', async () => {
  const refused = async (from: string, to: string) => {
    writeFileSync(path('wrong.yaml'), experiment.replace(from, to));
    return (await cli.nora('experiment', 'run', 'wrong.yaml')).stderr;
  };
  expect(await refused('heldOutDraws: 4', 'keepTags: 2')).toMatch(/keepTags: says which tags stay/);
  expect(await refused('threads: 1', 'threads: 1\n  labelSmoothing: 0.1')).toMatch(
    /training\.labelSmoothing: is spread over classes/,
  );
});

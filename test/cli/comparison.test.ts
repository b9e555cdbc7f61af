import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createCommandLine } from './nora.ts';

const cli = createCommandLine();
afterAll(() => cli.remove());

test('a file that is refused leaves no comparison behind, so the mended one is the only one of its name', async () => {
  writeFileSync(
    join(cli.directory, 'pair.yaml'),
    `version: 1
name: pair
model: sample
dataset: sample
training: { steps: 2, sequenceLength: 32 }
seeds: [1]
arms:
  - { name: LoRA, adapter: { method: lora, rank: 4, alpha: 8 } }
  - { name: rsLoRA, adapter: { method: lora, rank: 4, alpha: 8 }, training: { learningRate: 0.01 } }
`,
  );
  const { code, stderr } = await cli.nora('comparison', 'run', 'pair.yaml');
  expect(code).not.toBe(0);
  expect(stderr).toMatch(/error: .*learning-rate/);
  expect((await cli.noraJson('comparison', 'list')).document).toEqual([]);
});

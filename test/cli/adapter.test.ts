import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { methods } from '../../main/api/contract.ts';
import { createRandom } from '../../main/engine/random.ts';
import { createCommandLine } from './nora.ts';
import type { CommandLine } from './nora.ts';
import { writeLoraFolder } from '../support/lora-folder.ts';
import { writeTinyModel } from '../support/tiny-model.ts';

let cli: CommandLine;
const path = (...names: string[]): string => join(cli.directory, ...names);
beforeAll(async () => {
  cli = createCommandLine();
  writeTinyModel(path('tiny'));
  await cli.nora('model', 'import', 'tiny');
  const random = createRandom(1);
  const numbers = (count: number): Float32Array =>
    Float32Array.from({ length: count }, () => 0.05 * random.normal());
  const modules = [0, 1].map((layer) => ({
    module: `model.layers.${layer}.self_attn.k_proj`,
    inFeatures: 16,
    outFeatures: 8,
    loraA: numbers(2 * 16),
    loraB: numbers(8 * 2),
  }));
  writeLoraFolder(path('adapter'), { modules, config: { lora_alpha: 4, target_modules: ['k_proj'] } });
  // The same file, as PiSSA's: it starts as a part of the weights, which PEFT takes from them again.
  cpSync(path('adapter'), path('pissa'), { recursive: true });
  const config = path('pissa/adapter_config.json');
  writeFileSync(
    config,
    readFileSync(config, 'utf8').replace('"init_lora_weights": true', '"init_lora_weights": "pissa"'),
  );
});
afterAll(() => cli.remove());

test("an adapter of PEFT's is imported, listed, shown, exported and removed", async () => {
  const { code, document, stderr } = await cli.noraJson('adapter', 'import', 'adapter', '--model', 'tiny');
  expect([code, stderr]).toEqual([0, '']);
  const adapter = methods['adapters.import'].result.parse(document);
  expect(adapter).toMatchObject({
    name: 'adapter',
    method: 'lora',
    modelName: 'tiny',
    runId: null,
    source: path('adapter'),
    trainedParameters: 2 * (2 * 16 + 8 * 2),
    settings: { method: 'lora', rank: 2, alpha: 4, targetModules: ['k_proj'] },
  });
  expect((await cli.nora('adapter', 'list')).stdout).toMatch(/adapter +lora +tiny +imported +96/);
  expect((await cli.nora('adapter', 'show', 'adapter')).stdout).toContain('targetModules');
  expect((await cli.nora('model', 'remove', 'tiny')).stderr).toContain('is used by the adapter "adapter"');

  const again = await cli.noraJson('export', 'adapter', '--kind', 'adapter', '--to', 'again');
  expect(again).toMatchObject({
    code: 0,
    document: { status: 'completed', adapterId: adapter.id, runId: null },
  });
  const weights = 'adapter_model.safetensors';
  expect(readFileSync(path('again', weights)).equals(readFileSync(path('adapter', weights)))).toBe(true);
  const merged = await cli.noraJson('export', 'adapter', '--to', 'merged');
  expect(merged.document.summary.largestLogitDifference).toBeLessThan(1e-4);
  expect(await cli.noraJson('export', 'adapter', '--kind', 'adapter-with-base')).toMatchObject({
    code: 2,
    document: { error: { code: 'unsupported' } },
  });

  expect((await cli.nora('adapter', 'remove', 'adapter')).stdout).toBe('Removed adapter.\n');
  expect(existsSync(adapter.directory)).toBe(false);
  expect(existsSync(path('adapter'))).toBe(true);
});

test('one whose start changed the base is exported with that base', async () => {
  const imported = await cli.noraJson('adapter', 'import', 'pissa', '--model', 'tiny', '--name', 'mine');
  expect(imported.document.method).toBe('pissa');
  const { document } = await cli.noraJson('export', 'mine', '--kind', 'adapter-with-base', '--to', 'both');
  expect(document.summary.largestLogitDifference).toBeLessThan(1e-4);
  await cli.nora('model', 'import', 'both/base', '--name', 'residual');
  const back = await cli.noraJson(
    'adapter',
    'import',
    'both/adapter',
    '--model',
    'residual',
    '--name',
    'back',
  );
  expect(back.document).toMatchObject({ method: 'lora', settings: { rank: 2 } });
  const onBase = await cli.noraJson('adapter', 'import', 'pissa', '--model', 'residual', '--residual-base');
  expect(onBase.document).toMatchObject({ method: 'lora', name: 'pissa' });
});

test('what does not fit is refused at import', async () => {
  const missing = await cli.nora('adapter', 'import', 'adapter');
  expect(missing).toMatchObject({
    code: 2,
    stderr: 'error: --model: name the model that the adapter was trained on\n',
  });
  const config = path('adapter/adapter_config.json');
  const text = readFileSync(config, 'utf8');
  writeFileSync(config, text.replace('"bias": "none"', '"bias": "all"'));
  const refused = await cli.nora('adapter', 'import', 'adapter', '--model', 'tiny');
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain(
    'adapter_config.json: bias is "all": biases were trained with the adapter',
  );
  writeFileSync(config, text);
});

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { methods } from '../../main/api/contract.ts';
import { createCommandLine } from './nora.ts';
import type { CommandLine } from './nora.ts';
import { writeTinyModel } from '../support/tiny-model.ts';

const experiment = (name: string, steps: number): string => `version: 1
name: ${name}
model: tiny
dataset: sea
training: { steps: ${steps}, batchSize: 2, sequenceLength: 16, threads: 1 }
configurations:
  - name: LoRA
    adapter: { method: lora, rank: 2, alpha: 4 }
  - name: NoRA
    adapter: { method: nora, outerRank: 4, innerRank: 2, alpha: 4, calibrationBatches: 1 }
`;

let cli: CommandLine;
beforeAll(async () => {
  cli = createCommandLine();
  const path = (name: string): string => join(cli.directory, name);
  writeTinyModel(path('tiny'));
  const rows = Array.from({ length: 40 }, (_, index) =>
    JSON.stringify({ text: `whale ${index} swims in the sea` }),
  );
  writeFileSync(path('sea.jsonl'), rows.join('\n'));
  writeFileSync(path('short.yaml'), experiment('Short', 4));
  writeFileSync(path('long.yaml'), experiment('Long', 1000));
  await cli.nora('model', 'import', 'tiny');
  await cli.nora('dataset', 'import', 'sea.jsonl');
});
afterAll(() => cli.remove());

test('an experiment is created, run, compared and exported', async () => {
  const created = methods['experiments.create'].result.parse(
    (await cli.noraJson('experiment', 'create', 'short.yaml')).document,
  );
  expect(created.runs.map(({ status }) => status)).toEqual(['created', 'created']);

  const { code, stdout, stderr } = await cli.nora('experiment', 'run', 'Short');
  expect(code, stderr).toBe(0);
  expect(stdout).toMatch(
    /^configuration +method +trained +loss before +loss after +perplexity +s\/step +initialisation s +peak memory\n/,
  );
  expect(stdout).toMatch(/^LoRA( \*)? +lora +/m);
  expect(stderr).toMatch(/^LoRA: completed in [\d.]+ s, held-out loss [\d.]+ -> [\d.]+$/m);
  expect(stderr).not.toContain('\u001b');

  const status = methods['experiments.show'].result.parse(
    (await cli.noraJson('experiment', 'status', 'Short')).document,
  );
  expect(status.runs.map((run) => [run.status, run.step])).toEqual([
    ['completed', 4],
    ['completed', 4],
  ]);

  const compared = methods['experiments.compare'].result.parse(
    (await cli.noraJson('compare', created.id)).document,
  );
  expect(compared.rows.map(({ name }) => name)).toEqual(['LoRA', 'NoRA']);
  expect(compared.bestRunId).not.toBeNull();

  const again = await cli.noraJson('experiment', 'run', 'Short');
  expect([again.code, again.document.comparison, again.stderr]).toEqual([0, compared, '']);

  const exported = await cli.noraJson('export', 'Short/LoRA', '--to', 'merged');
  expect([exported.code, exported.stderr]).toEqual([0, '']);
  expect(methods['exports.create'].result.parse(exported.document)).toMatchObject({
    status: 'completed',
    destination: join(cli.directory, 'merged'),
  });
  expect(JSON.parse(readFileSync(join(cli.directory, 'merged', 'config.json'), 'utf8'))).toMatchObject({
    model_type: 'llama',
  });

  const adapter = await cli.nora('export', 'Short/NoRA', '--kind', 'adapter', '--to', 'adapter');
  expect([adapter.code, adapter.stdout]).toEqual([
    0,
    expect.stringMatching(
      /^The adapter's weights .*\nChecked on \d+ tokens .*\nMeasured on \d+ held-out rows .*\nmerge-certificate\.json has .*\n$/,
    ),
  ]);
  expect(existsSync(join(cli.directory, 'adapter', 'adapter_config.json'))).toBe(true);

  const refused = await cli.noraJson('export', 'Short/LoRA', '--to', 'merged');
  expect([refused.code, refused.document.error.code]).toEqual([2, 'conflict']);
});

test('Ctrl-C pauses with a checkpoint, and the same command goes on', async () => {
  const running = cli.start('experiment', 'run', 'long.yaml');
  await running.said(/LoRA: training [1-9]/);
  running.child.kill('SIGINT');
  const { code, stdout, stderr } = await running.ended;
  expect(code, stderr).toBe(130);
  expect(stderr).toContain('Ctrl-C again stops at once.');
  const command = /^Paused\. Go on with: nora (experiment run (\w+))\n$/.exec(stdout);
  expect(command, stdout).not.toBeNull();

  const paused = methods['experiments.show'].result.parse(
    (await cli.noraJson('experiment', 'status', command![2]!)).document,
  );
  expect(paused.runs.map(({ status }) => status)).toEqual(['paused', 'created']);
  expect(paused.runs[0]!.checkpointStep).toBeGreaterThan(0);

  const first = paused.runs[0]!;
  const resumed = await cli.noraJson('run', 'resume', first.id);
  expect([resumed.code, resumed.document.status, resumed.document.step]).toEqual([0, 'completed', 1000]);
  const metrics = (await cli.noraJson('run', 'show', 'Long/LoRA')).document;
  expect(metrics.summary['validation/loss']).toBeLessThan(metrics.summary['validation/loss/before']);
});

test('the memory is told before a start; a run that would not fit is refused, unless it is to start all the same', async () => {
  const path = (name: string): string => join(cli.directory, name);
  const huge = experiment('Huge', 4)
    .replace('model: tiny', 'model: endless')
    .replace('batchSize: 2, sequenceLength: 16', 'batchSize: 4096, sequenceLength: 65536');
  writeTinyModel(path('endless'), { max_position_embeddings: 65_536 });
  writeFileSync(path('huge.yaml'), huge);
  await cli.nora('model', 'import', 'endless');

  const refused = await cli.nora('experiment', 'run', 'huge.yaml');
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(
    /^Memory: LoRA about \S+ TB \(too much\), NoRA about \S+ TB \(too much\); \S+ GB available$/m,
  );
  expect(refused.stderr).toMatch(
    /^LoRA: failed: not started: it would take about \d+ GB of memory, .*; training\.memory: low, training\.batchSize: \d+.* would fit \(/m,
  );

  const allowed = (await cli.noraJson('experiment', 'create', 'huge.yaml', '--allow-memory')).document;
  expect(allowed.definition.training.memoryCheck).toBe('off');
  const misplaced = await cli.nora('experiment', 'run', 'Short', '--allow-memory');
  expect([misplaced.code, misplaced.stderr]).toEqual([
    2,
    expect.stringContaining('--allow-memory: is for a file'),
  ]);

  writeFileSync(path('told.yaml'), experiment('Told', 1));
  const told = await cli.nora('experiment', 'run', 'told.yaml', '--allow-memory');
  expect([told.code, told.stderr]).toEqual([
    0,
    expect.stringMatching(/^Memory: LoRA about \d+ MB, NoRA about \d+ MB; \S+ [GT]B available\n/),
  ]);
});

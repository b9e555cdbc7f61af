import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WorkbenchError } from '../../../main/engine/errors.ts';
import {
  experimentDefinitionSchema,
  type ExperimentDefinition,
} from '../../../main/services/shared/experiment-definition.ts';
import { createWorkbench, type Workbench } from '../../../main/services/workbench.ts';
import { spawnChildTrainer } from '../../../main/trainer/process/spawn-child.ts';
import { writeLoraFolder } from '../../support/lora-folder.ts';
import { root } from '../../support/paths.ts';
import { writeSparseModel } from '../../support/sparse-model.ts';
import { writeTinyModel } from '../../support/tiny-model.ts';
import { watchLoop, type LoopWatch } from './loop-watch.ts';

/** In milliseconds: what nobody notices who types, or whose run reports. */
const longestBlock = 50;

const directory = mkdtempSync(join(tmpdir(), 'nora-loop-'));
const path = (name: string): string => join(directory, name);
let workbench: Workbench;
let watch: LoopWatch;

/** About so many bytes of the same row. */
const writeRows = (name: string, row: string, bytes: number, head = '', tail = ''): string => {
  const file = openSync(path(name), 'w');
  const rows = Math.ceil(1e6 / row.length);
  const piece = row.repeat(rows);
  writeSync(file, head);
  for (let written = 0; written < bytes; written += piece.length) writeSync(file, piece);
  writeSync(file, tail);
  closeSync(file);
  return path(name);
};

const sea = 'the whale and the sea were one thing to Ishmael that day '.repeat(5);
const row = `{"text": "${sea}"}\n`;

/** A safetensors file with a header in these pieces, and a thousand bytes behind it. */
const writeWithHeader = (file: string, pieces: () => Iterable<string>): void => {
  const opened = openSync(file, 'w');
  const length = Buffer.alloc(8);
  let bytes = 0;
  writeSync(opened, length);
  for (const piece of pieces()) bytes += writeSync(opened, piece);
  writeSync(opened, Buffer.alloc(1000));
  length.writeBigUInt64LE(BigInt(bytes));
  writeSync(opened, length, 0, 8, 0);
  closeSync(opened);
};

/**
 * What takes the place of a model's weights once it is in the library. In pieces: what is made of it here would be cleared away in the midst of
 * what is measured.
 */
const hostile: Record<string, () => Iterable<string>> = {
  *'99 MB of brackets'() {
    for (let piece = 0; piece < 990; piece++) yield '['.repeat(1e5);
  },
  *'a million tensors'() {
    for (let from = 0; from < 1e6; from += 1000) {
      const entries = Array.from(
        { length: 1000 },
        (_, index) => `"tensor${from + index}":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}`,
      );
      yield (from === 0 ? '{' : ',') + entries.join();
    }
    yield '}';
  },
};

beforeAll(async () => {
  workbench = createWorkbench({
    dataDirectory: path('data'),
    sampleDirectory: null,
    version: '0.0.0',
    spawnTrainer: spawnChildTrainer(join(root, 'main/trainer/entry.ts')),
  });
  writeRows('large.jsonl', row, 100e6, '', '\n'.repeat(50e6));
  writeRows('large.csv', `"${sea}"\n`, 50e6, 'text\n');
  writeRows('large.json', `{"text": "${sea}"},\n`, 50e6, '[', '{"text": "a"}]');
  writeFileSync(path('long-rows.jsonl'), `{"text": "${'a whale '.repeat(2.5e6)}"}\n`.repeat(3));
  writeSparseModel(path('large'), 300e6);
  writeFileSync(path('small.jsonl'), row.repeat(500));
  writeTinyModel(path('tiny'));
  const adapted = {
    module: 'model.layers.0.self_attn.k_proj',
    inFeatures: 16,
    outFeatures: 8,
    loraA: new Float32Array(2 * 16).fill(0.1),
    loraB: new Float32Array(8 * 2).fill(0.1),
  };
  writeLoraFolder(path('adapter'), { modules: [adapted] });
  for (const name of Object.keys(hostile)) {
    writeTinyModel(path(name));
    await workbench.models.import({ directory: path(name) });
  }
  // What is compiled at its first use is not what is measured.
  await workbench.datasets.import({ trainFile: path('small.jsonl') });
  await workbench.models.import({ directory: path('tiny') });
  await workbench.datasets.inspect({ trainFile: path('small.jsonl') });
  await workbench.experiments.create({ definition: definitionOn('tiny') });
  await workbench.comparisons.fromTemplate(fromTemplate('tiny'));
  await workbench.models.spectra({ id: 'tiny' });
  for (const [name, header] of Object.entries(hostile))
    writeWithHeader(join(path(name), 'model.safetensors'), header);
  watch = watchLoop();
});
afterAll(async () => {
  watch.end();
  await workbench.close();
  rmSync(directory, { recursive: true, force: true });
});

const definitionOn = (model: string): ExperimentDefinition =>
  experimentDefinitionSchema.parse({
    ...{
      version: 1,
      name: `on ${model}`,
      model,
      dataset: 'small',
      training: { steps: 1, sequenceLength: 32 },
    },
    configurations: [{ name: 'lora', adapter: { method: 'lora', rank: 2 } }],
  });
const fromTemplate = (model: string) => ({
  ...{ template: workbench.comparisons.templates()[0]!.name, model, dataset: 'small' },
  files: {},
});

const seen = { sequenceLength: 256, lossOn: 'completion', date: '2026-01-01', count: 5 } as const;
const surveyed = { lossOn: 'completion', date: '2026-01-01' } as const;

test.each<[string, () => unknown]>([
  ['importing 150 MB of JSON lines', () => workbench.datasets.import({ trainFile: path('large.jsonl') })],
  ['importing 50 MB of CSV', () => workbench.datasets.import({ trainFile: path('large.csv'), name: 'csv' })],
  [
    'importing 50 MB of JSON',
    () => workbench.datasets.import({ trainFile: path('large.json'), name: 'json' }),
  ],
  ['importing rows of 20 MB', () => workbench.datasets.import({ trainFile: path('long-rows.jsonl') })],
  ['importing 300 MB of weights', () => workbench.models.import({ directory: path('large') })],
  ['verifying them', () => workbench.models.verify({ id: 'large' })],
  ['importing an adapter', () => workbench.adapters.import({ directory: path('adapter'), modelId: 'tiny' })],
  [
    'inspecting a file',
    () => workbench.datasets.inspect({ trainFile: path('large.jsonl'), modelId: 'large' }),
  ],
  ['previewing data', () => workbench.datasets.preview({ ...seen, id: 'large', modelId: 'large' })],
  [
    'previewing a template',
    () =>
      workbench.datasets.preview({
        ...seen,
        id: 'large',
        modelId: 'large',
        template: '{% for i in range(100000) %}{{ i }}{% endfor %}',
      }),
  ],
  ["showing a model's chat template", () => workbench.models.chatTemplate({ id: 'large' })],
  ['measuring rows', () => workbench.datasets.lengths({ ...surveyed, id: 'small', modelId: 'tiny' })],
  [
    'looking for duplicates',
    () => workbench.datasets.duplicates({ id: 'small', validationFraction: 0.1, seed: 0 }),
  ],
])('%s keeps nobody waiting', async (_, work) => {
  await watch.longestBlock();
  await work();
  expect(await watch.longestBlock()).toBeLessThan(longestBlock);
});

describe.each(Object.keys(hostile))('a model whose header became %s', (model) => {
  test.each<[string, () => unknown]>([
    ['making an experiment', () => workbench.experiments.create({ definition: definitionOn(model) })],
    ['estimating its memory', () => workbench.experiments.estimate({ definition: definitionOn(model) })],
    ['making a comparison of a template', () => workbench.comparisons.fromTemplate(fromTemplate(model))],
    ['showing its weights', () => workbench.models.spectra({ id: model })],
    ['decomposing them', () => workbench.models.computeSpectra({ id: model })],
  ])('%s is refused, and keeps nobody waiting', async (_, work) => {
    await watch.longestBlock();
    const before = process.memoryUsage.rss();
    await expect(work()).rejects.toBeInstanceOf(WorkbenchError);
    expect(await watch.longestBlock()).toBeLessThan(longestBlock);
    expect(process.memoryUsage.rss() - before).toBeLessThan(100e6);
  });
});

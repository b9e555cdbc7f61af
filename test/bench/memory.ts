/**
 * Estimated against measured peak memory: `node test/bench/memory.ts MODEL_FOLDER`. Each case trains in a process of its own,
 * started as trainers are, with random token ids, and reports its highest resident memory.
 */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readAdapter, writeAdapter } from '../../main/engine/adapters/folder/adapter-folder.ts';
import {
  describeAdapter,
  adapterSettingsSchema,
} from '../../main/engine/adapters/settings/adapter-settings.ts';
import { selectTargets } from '../../main/engine/adapters/layer/target-modules.ts';
import { initialiseAdapter } from '../../main/engine/init/initialise-adapter.ts';
import { estimateMemory } from '../../main/engine/memory/estimate.ts';
import type { BaseFormat } from '../../main/engine/base/base-format.ts';
import { openModel } from '../../main/engine/models/model.ts';
import { describeBaseFormat, withBaseFormat } from '../../main/engine/models/weights/quantized-base.ts';
import type { MemoryMode } from '../../main/engine/autodiff/memory-mode.ts';
import { createTrainer } from '../../main/engine/train/trainer.ts';
import { allocatorEnvironment } from '../../main/trainer/process/allocator-environment.ts';
import { heapFlagsFor } from '../../main/trainer/process/heap-flags.ts';
import { peakMemory } from '../../main/trainer/measure/measurements.ts';
import { tokenBatches } from '../support/token-batches.ts';

interface Case {
  readonly batchSize: number;
  readonly sequenceLength: number;
  /** Labelled tokens of a row. */
  readonly labels: number;
  readonly adapter: Record<string, unknown>;
  readonly memory?: MemoryMode;
  readonly base?: BaseFormat;
}

const lora = { method: 'lora', rank: 16 };
const shape = (batchSize: number, sequenceLength: number, labels: number, adapter = {}): Case => ({
  batchSize,
  sequenceLength,
  labels,
  adapter: { ...lora, ...adapter },
});
const cases: readonly Case[] = [
  shape(4, 256, 6),
  shape(4, 256, 255),
  shape(1, 256, 6),
  shape(8, 128, 6),
  shape(2, 512, 511),
  shape(1, 1024, 1023),
  { ...shape(4, 256, 255), memory: 'low' },
  { ...shape(4, 256, 255), base: 'int8' },
  { ...shape(4, 256, 255), base: 'int8', memory: 'low' },
  shape(4, 256, 6, { rank: 64 }),
  { ...shape(4, 256, 6), adapter: { method: 'nora', outerRank: 128, innerRank: 16 } },
  shape(4, 256, 6, { targetModules: ['embed_tokens', 'q_proj'] }),
  shape(4, 256, 6, { targetModules: ['embed_tokens', 'lm_head', 'q_proj'] }),
  shape(4, 256, 255, { targetModules: ['lm_head', 'q_proj'] }),
];

const optimizer = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, maxGradientNorm: 1 };

const setUp = (
  directory: string,
  { batchSize, sequenceLength, labels, adapter, memory = 'fast', base = 'fp32' }: Case,
) => {
  const model = openModel(directory);
  const settings = adapterSettingsSchema.parse(adapter);
  const description = describeAdapter(settings);
  const layers = selectTargets(model.targetLayers, settings);
  const estimate = () =>
    estimateMemory({
      model: describeBaseFormat(model, base),
      description,
      layers,
      trainedWeights: [],
      batchSize,
      sequenceLength,
      labels: batchSize * labels,
      microBatches: 1,
      memory,
    });
  return { model, base, description, layers, estimate };
};

const measure = async (directory: string, one: Case): Promise<number> => {
  const { model: original, base, description, layers } = setUp(directory, one);
  const model = withBaseFormat(original, base, { device: 'cpu' });
  const statistics = new Map(
    layers.map(({ module, inFeatures }) => [
      module,
      { 'mean-absolute': new Float64Array(inFeatures).fill(1) },
    ]),
  );
  // As a run does: frozen factors are read in place.
  const settings = adapterSettingsSchema.parse(one.adapter);
  const folder = mkdtempSync(join(tmpdir(), 'nora-memory-'));
  const made = await initialiseAdapter({
    model,
    description,
    layers,
    seed: 1,
    calibrate: async () => statistics,
  });
  await writeAdapter(folder, { settings, layers, weights: [], values: made });
  const { values, files } = readAdapter(folder);
  const trainer = await createTrainer({
    model,
    adapter: { description, layers, values, files },
    trainedWeights: [],
    positions: one.sequenceLength,
    optimizer,
    labels: one.batchSize * one.labels,
    memory: one.memory ?? 'fast',
    gradientAccumulation: 1,
    threads: 2,
  });
  const { sequenceLength, batchSize, labels } = one;
  const examples = Array.from({ length: batchSize }, (_, row) => ({
    inputIds: Int32Array.from({ length: sequenceLength }, (_, at) => (at * 31 + row * 7) % 4000),
    targets: Uint8Array.from({ length: sequenceLength }, (_, at) => (at >= sequenceLength - labels ? 1 : 0)),
    sourceRow: row,
  }));
  const batches = [...tokenBatches({ examples, batchSize, sequenceLength, packing: false })];
  await trainer.evaluate(batches);
  for (let step = 0; step < 3; step++) await trainer.step(batches, 1e-4);
  await trainer.evaluate(batches);
  rmSync(folder, { recursive: true });
  return peakMemory();
};

const measured = (directory: string, index: number): Promise<number> =>
  new Promise((resolve, reject) => {
    const child = fork(import.meta.filename, [directory, String(index)], {
      execArgv: heapFlagsFor({}),
      env: allocatorEnvironment(process.env),
    });
    child.on('message', (bytes) => resolve(Number(bytes)));
    child.on('exit', (code) => reject(new Error(`case ${index} ended with exit code ${code}`)));
  });

const [directory, child] = process.argv.slice(2);
if (directory === undefined) throw new Error('needs the folder of a model');
if (process.send) process.send(await measure(directory, cases[Number(child)] as Case));
else
  for (const [index, one] of cases.entries()) {
    if (child !== undefined && Number(child) !== index) continue;
    const { total, resident, ...parts } = setUp(directory, one).estimate();
    const peak = await measured(directory, index);
    const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0);
    const { batchSize, sequenceLength, labels, adapter, memory = 'fast', base = 'fp32' } = one;
    console.log(
      `${batchSize} x ${sequenceLength}, ${labels} labels a row, ${base}, ${memory}, ${JSON.stringify(adapter)}: ` +
        `${Object.entries(parts)
          .map(([name, bytes]) => `${name} ${megabytes(bytes)}`)
          .join(
            ' + ',
          )} = ${megabytes(total)} MB, resident ${megabytes(resident)} MB, measured ${megabytes(peak)} MB, ` +
        `${((resident / peak - 1) * 100).toFixed(1)} %`,
    );
  }

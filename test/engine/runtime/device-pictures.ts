/** Trains on the pictures of a fixture on the device that the first argument names and prints what came of it as JSON. A process of its own. */
import { join } from 'node:path';
import type { DeviceName } from '../../../main/engine/runtime/device-names.ts';
import { createTrainer } from '../../../main/engine/train/trainer.ts';
import { goldenMethods } from '../../numeric/golden/golden-folder.ts';
import { readRun } from '../../numeric/golden/golden-run.ts';
import { createRecorder } from '../../../main/engine/runtime/profile/recorder.ts';
import { countProviders, type ProviderCounts } from './count-providers.ts';

export interface DevicePictures {
  readonly losses: number[];
  readonly norms: number[];
  readonly heldOut: number;
  readonly providers: ProviderCounts;
}

const [, , device, directory, fixture, accumulation] = process.argv as [
  string,
  string,
  DeviceName,
  string,
  string,
  string,
];
const folder = join(import.meta.dirname, '../../numeric/fixtures', fixture);
const { model, batches } = readRun(folder);
const { start } = await goldenMethods['nora']!(join(folder, 'nora'), model);
const gradientAccumulation = Number(accumulation);
const trainer = await createTrainer({
  model,
  adapter: { ...start, description: { ...start.description, dropout: 0.2 } },
  trainedWeights: [],
  positions: Math.max(...batches.map(({ sequence }) => sequence)),
  labels: 4,
  memory: 'fast',
  optimizer: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01, maxGradientNorm: 1 },
  gradientAccumulation,
  noiseSeed: 3,
  threads: 1,
  device,
  profiler: createRecorder(directory),
});
const losses: number[] = [];
const norms: number[] = [];
for (let step = 0; step < 6; step++) {
  const taken = Array.from(
    { length: gradientAccumulation },
    (_, at) => batches[(step + at) % batches.length]!,
  );
  const { loss, gradientNorm } = await trainer.step(taken, 4e-3);
  losses.push(loss);
  norms.push(gradientNorm);
}
const { loss: heldOut } = await trainer.evaluate(batches);
await trainer.release();
const result: DevicePictures = { losses, norms, heldOut, providers: countProviders(directory) };
process.stdout.write(JSON.stringify(result));

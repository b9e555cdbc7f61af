/** Trains the tiny model on the device that the first argument names and prints what came of it as JSON. A process of its own. */
import { join } from 'node:path';
import { initialiseAdapter } from '../../../main/engine/init/initialise-adapter.ts';
import { openModel } from '../../../main/engine/models/model.ts';
import type { DeviceName } from '../../../main/engine/runtime/device-names.ts';
import { createTrainer } from '../../../main/engine/train/trainer.ts';
import {
  describeAdapter,
  adapterSettingsSchema,
} from '../../../main/engine/adapters/settings/adapter-settings.ts';
import { writeTinyModel } from '../../support/tiny-model.ts';
import { tokenStream } from '../../support/token-batches.ts';
import { createRecorder } from '../../../main/engine/runtime/profile/recorder.ts';
import { countProviders, type ProviderCounts } from './count-providers.ts';

export interface DeviceSteps {
  readonly losses: number[];
  readonly norms: number[];
  readonly heldOut: number;
  readonly parameters: number[];
  /** Of each step: bytes moved either way, and what they must be made of. */
  readonly crossed: { to: number; from: number; tokens: number; labels: number }[];
  /** Execution provider of every node that ran, counted, over all sessions. */
  readonly providers: ProviderCounts;
}

const [, , device, directory, accumulation, noise = '0'] = process.argv as [
  string,
  string,
  DeviceName,
  string,
  string,
  string?,
];
const gradientAccumulation = Number(accumulation);
const positions = 24;

const model = openModel(writeTinyModel(join(directory, 'model')));
const settings = adapterSettingsSchema.parse({ method: 'lora', rank: 4, alpha: 8, dropout: Number(noise) });
const description = describeAdapter(settings);
const layers = model.linearLayers;
const values = await initialiseAdapter({ model, description, layers, seed: 1 });
const examples = Array.from({ length: 8 }, (_, row) => {
  const inputIds = Int32Array.from({ length: 12 + row }, (_, at) => (row * 37 + at * 11) % 2048);
  return { inputIds, targets: new Uint8Array(inputIds.length).fill(1), sourceRow: row };
});
const stream = tokenStream({
  examples,
  batchSize: 2,
  sequenceLength: positions,
  packing: false,
  seed: 1,
});

const trainer = await createTrainer({
  model,
  adapter: { description, layers, values },
  trainedWeights: [],
  positions,
  labels: 2 * positions,
  memory: 'fast',
  optimizer: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0.01, maxGradientNorm: 1 },
  gradientAccumulation,
  neftuneAlpha: 10 * Number(noise),
  noiseSeed: 3,
  threads: 1,
  device,
  profiler: createRecorder(directory),
});
const losses: number[] = [];
const norms: number[] = [];
const crossed: DeviceSteps['crossed'] = [];
for (let step = 0; step < 20; step++) {
  const batches = Array.from({ length: gradientAccumulation }, () => stream.next());
  const before = trainer.traffic();
  const { loss, gradientNorm } = await trainer.step(batches, 1e-2);
  const after = trainer.traffic();
  losses.push(loss);
  norms.push(gradientNorm);
  crossed.push({
    to: after.toDevice - before.toDevice,
    from: after.fromDevice - before.fromDevice,
    tokens: batches.reduce((sum, { tensors }) => sum + tensors.input_ids.data.length, 0),
    labels: batches.reduce((sum, { scored }) => sum + scored, 0),
  });
}
const { loss: heldOut } = await trainer.evaluate([stream.next()]);
const { parameters } = await trainer.state();
await trainer.release();

const result: DeviceSteps = {
  losses,
  norms,
  heldOut,
  parameters: [...parameters],
  crossed,
  providers: countProviders(directory),
};
process.stdout.write(JSON.stringify(result));

import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createTrainer } from '../../../main/engine/train/trainer.ts';
import { openModel } from '../../../main/engine/models/model.ts';
import { goldenMethods, readBatches } from '../../numeric/golden/golden-folder.ts';

const folder = join(import.meta.dirname, '../../numeric/fixtures/llama');

// torch.nn.functional.cross_entropy(..., label_smoothing=0.1) and the norm of its gradients on the same model, adapter and batch.
it.each([
  { head: 'frozen', trainedWeights: [], norm: 1.7681267261505127 },
  { head: 'trained', trainedWeights: ['lm_head.weight'], norm: 2.4861719608306885 },
])('smooths labels as torch does, the head $head', async ({ trainedWeights, norm }) => {
  const model = openModel(join(folder, 'model'));
  const { start } = await goldenMethods['lora']!(join(folder, 'lora'), model);
  const [batch] = readBatches(folder);
  const trainer = await createTrainer({
    model,
    adapter: start,
    trainedWeights,
    positions: 12,
    labels: 36,
    memory: 'fast',
    labelSmoothing: 0.1,
    optimizer: { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0, maxGradientNorm: null },
    gradientAccumulation: 1,
    threads: 1,
  });
  const { loss: plain } = await trainer.evaluate([batch!]);
  const { loss, gradientNorm } = await trainer.step([batch!], 1e-3);
  await trainer.release();
  expect(loss).toBeCloseTo(5.446794509887695, 5);
  expect(gradientNorm).toBeCloseTo(norm, 5);
  // What is held out is measured without.
  expect(plain).toBeCloseTo(5.468712329864502, 5);
});

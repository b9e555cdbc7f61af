import { join } from 'node:path';
import { expect, it } from 'vitest';
import { adapterSettingsSchema } from '../../../main/engine/adapters/settings/adapter-settings.ts';
import { trainingSettingsSchema } from '../../../main/engine/train/settings/training-settings.ts';
import { answerMemory } from '../../../main/trainer/measure/answer-memory.ts';
import { root } from '../../support/paths.ts';

const modelDirectory = join(root, 'test/numeric/fixtures/sd15/model');
const lora = adapterSettingsSchema.parse({
  method: 'lora',
  rank: 2,
  alpha: 2,
  targetModules: ['to_q', 'to_v'],
});
const withTexts = { ...lora, targetModules: ['to_q', 'q_proj'] };
const total = (given: object, adapter: typeof lora = lora): number => {
  const training = trainingSettingsSchema.parse({ batchSize: 2, ...given });
  const { estimates } = answerMemory({ modelDirectory, adapters: [adapter], training, available: 2 ** 50 });
  return estimates[0]!.total;
};

it('what a model takes that learns to draw grows with its pictures, and needs no data to be told', () => {
  const plain = total({ diffusion: { resolution: 128 } });
  expect(total({ diffusion: { resolution: 256 } })).toBeGreaterThan(plain);
  // As many of the class beside those of the subject, as a batch of twice the size.
  const prior = total({ diffusion: { resolution: 128, prior: { prompt: 'a dog' } } });
  expect(prior).toBe(total({ batchSize: 4, diffusion: { resolution: 128 } }));
  // The VAE stays where every view is encoded anew; the text encoder where it is trained.
  expect(total({ diffusion: { resolution: 128, crop: 'random' } })).toBeGreaterThan(plain);
  expect(total({ diffusion: { resolution: 128 } }, withTexts)).toBeGreaterThan(plain);
  expect(total({ memory: 'low', diffusion: { resolution: 256 } })).toBeLessThan(
    total({ diffusion: { resolution: 256 } }),
  );
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { adapterSettingsSchema } from '../../../main/engine/adapters/settings/adapter-settings.ts';
import { trainingSettingsSchema } from '../../../main/engine/train/settings/training-settings.ts';
import { describePictures } from '../../../main/trainer/read/describe-pictures.ts';
import { eventsOf } from '../../support/run-events.ts';
import { writeSubjectPictures } from '../../support/subject-pictures.ts';
import { writeTinyPipeline } from '../../support/tiny-pipeline.ts';

const workspace = mkdtempSync(join(tmpdir(), 'nora-not-finite-'));
afterAll(() => rmSync(workspace, { recursive: true, force: true }));

it('a run that overflows ends with the step and the module that it came from', async () => {
  const trainFile = await writeSubjectPictures(join(workspace, 'dogs'), [
    [16, 16],
    [16, 16],
  ]);
  const { format } = await describePictures({ trainFile, pictures: { as: 'subject' } });
  const job = {
    runDirectory: join(workspace, 'run'),
    modelDirectory: writeTinyPipeline(join(workspace, 'model')),
    cacheDirectory: null,
    dataset: { trainFile, validationFile: null, format, validationFraction: 0.5 },
    adapter: adapterSettingsSchema.parse({ method: 'lora', rank: 2, alpha: 2, targetModules: ['to_k'] }),
    training: trainingSettingsSchema.parse({
      ...{ steps: 3, batchSize: 1, schedule: 'constant', threads: 1 },
      diffusion: { prompt: 'dog', resolution: 16, heldOutDraws: 4 },
    }),
    seed: 1,
    date: '2026-11-28',
    resumeFrom: null,
  };
  const explodes = { ...job, training: { ...job.training, learningRate: 1e30 } };
  await expect(eventsOf(explodes)).rejects.toThrow(
    /^step 2: the (loss|gradient) is no longer a finite number, from unet\.\S+ on; try a learningRate below 1\.00e\+30$/,
  );
});

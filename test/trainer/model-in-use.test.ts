import { appendFileSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readModelFiles } from '../../main/engine/formats/model-identity.ts';
import { assertModelStayed } from '../../main/trainer/export/model-in-use.ts';
import { temporaryDirectory } from '../engine/formats/temporary-directory.ts';
import { writeTinyModel } from '../support/tiny-model.ts';

const modelDirectory = writeTinyModel(join(temporaryDirectory(), 'model'));
const config = join(modelDirectory, 'config.json');

it('asks nothing where the files are not known', async () => {
  await expect(assertModelStayed({ modelDirectory })).resolves.toBeUndefined();
});

it('lets files be touched, and refuses what they hold to change', async () => {
  const modelFiles = await readModelFiles(modelDirectory);
  const before = readFileSync(config, 'utf8');
  utimesSync(config, new Date(), new Date());
  await expect(assertModelStayed({ modelDirectory, modelFiles })).resolves.toBeUndefined();
  appendFileSync(config, ' ');
  await expect(assertModelStayed({ modelDirectory, modelFiles })).rejects.toThrow(
    `${modelDirectory}: the model has changed while it was in use: config.json (config) was`,
  );
  writeFileSync(config, before);
  await expect(assertModelStayed({ modelDirectory, modelFiles })).resolves.toBeUndefined();
});

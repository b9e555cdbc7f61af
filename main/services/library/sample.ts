import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { WorkbenchError } from '../../engine/errors.ts';
import { sha256OfFileSync } from '../../engine/formats/file-hash.ts';
import { contentHash, readModelFilesSync } from '../../engine/formats/model-identity.ts';
import { openModelFolder } from '../../engine/formats/model-folder.ts';
import type { Store } from '../../store/store.ts';
import { describeDataset } from '../../trainer/read/describe-dataset.ts';
import { describeFolder } from '../../trainer/read/describe-model.ts';
import { createId, now } from '../shared/identifiers.ts';
import { freeName } from '../shared/names.ts';

const sampleName = 'sample';

/**
 * Puts the model and dataset that ship with the program into the library, and points them to where the program now is.
 * A sample that can't be read must not keep anybody from their own work: the reason is returned instead.
 */
export const registerSample = (store: Store, directory: string): string | null => {
  try {
    registerModel(store, join(directory, 'model'));
    registerDataset(store, join(directory, 'data'));
    return null;
  } catch (error) {
    if (error instanceof WorkbenchError) return error.message;
    throw error;
  }
};

const registerModel = (store: Store, directory: string): void => {
  const folder = openModelFolder(existsSync(directory) ? realpathSync(directory) : directory);
  const builtIn = () => store.models.list().find((model) => model.builtIn);
  const known = builtIn();
  const identity = readModelFilesSync(folder.directory);
  const isSame = known?.identity && contentHash(known.identity) === contentHash(identity);
  if (known?.directory === folder.directory && isSame) return;

  const described = { ...describeFolder(folder), identity };
  store.transaction(() => {
    const existing = builtIn(); // another process may have been faster
    if (existing !== undefined) return store.models.update(existing.id, described);
    const name = freeName(sampleName, (candidate) =>
      store.models.list().some((model) => model.name === candidate),
    );
    store.models.insert({ ...described, id: createId(), name, builtIn: true, createdAt: now() });
  });
};

const registerDataset = (store: Store, directory: string): void => {
  const trainFile = join(directory, 'moby-dick.train.jsonl');
  const validationFile = join(directory, 'moby-dick.validation.jsonl');
  const builtIn = () => store.datasets.list().find((dataset) => dataset.builtIn);
  const known = builtIn();
  if (
    known?.trainFile === (existsSync(trainFile) ? realpathSync(trainFile) : '') &&
    known.trainSha256 === sha256OfFileSync(trainFile) &&
    known.validationSha256 === sha256OfFileSync(validationFile)
  )
    return;

  const described = describeDataset({
    trainFile: realpathSync(trainFile),
    validationFile: realpathSync(validationFile),
    format: { kind: 'text', column: 'text' },
  });
  store.transaction(() => {
    const existing = builtIn();
    if (existing !== undefined) return store.datasets.update(existing.id, described);
    const name = freeName(sampleName, (candidate) =>
      store.datasets.list().some((dataset) => dataset.name === candidate),
    );
    store.datasets.insert({ ...described, id: createId(), name, builtIn: true, createdAt: now() });
  });
};

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { MergedFolder } from '../../engine/adapters/folder/merged-folder.ts';
import { writeModelFolder } from '../../engine/formats/model-folder-writer.ts';
import { openModelFolder, readWeight } from '../../engine/formats/model-folder.ts';
import { readModel, type Model } from '../../engine/models/model.ts';
import { writtenPlace } from './written-place.ts';

export const isFloat32 = ({ folder }: Model): boolean =>
  [...folder.tensors.values()].every(({ dtype }) => dtype === 'F32');

/**
 * A changed model in float32, in a folder of the workspace, for as long as `use` takes: what the change costs before it is rounded to the
 * base's dtype.
 */
export const withUnrounded = async <T>(
  model: Model,
  changes: MergedFolder['changes'],
  workspace: string,
  use: (model: Model) => Promise<T>,
): Promise<T> => {
  const directory = join(workspace, 'float32');
  try {
    const tensors = new Map(
      [...model.folder.tensors].map(([name, location]) => [name, { ...location, dtype: 'F32' as const }]),
    );
    await writeModelFolder({
      source: { ...model.folder, tensors },
      destination: directory,
      ...changes,
      replace: (name, location) => changes.replace(name, location) ?? readWeight(model.folder, name),
    });
    return await use(readModel(openModelFolder(writtenPlace(model.folder, directory))));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};

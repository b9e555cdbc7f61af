import { join } from 'node:path';
import type { ModelFolder } from '../../engine/formats/model-folder.ts';

/** Where a model is that was written into a folder: the folder, or its one file where the model is a single file. */
export const writtenPlace = ({ isOneFile, shards }: ModelFolder, directory: string): string =>
  isOneFile === true ? join(directory, shards[0]!.fileName) : directory;

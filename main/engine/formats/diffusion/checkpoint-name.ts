import { statSync } from 'node:fs';
import { join } from 'node:path';
import { pathIn } from '../path-in.ts';

/** Of files in the place of a folder, those that are read: by their names, since what is in them says the rest. */
export const isCheckpointName = (path: string): boolean => /\.safetensors$/i.test(path);

/** Whether a model is one file, and not a folder; of one that is gone its name tells. */
export const isModelFile = (model: string): boolean =>
  isCheckpointName(model) && statSync(model, { throwIfNoEntry: false })?.isDirectory() !== true;

/** Where a file of a model is. @param name relative to its folder; of a model that is one file there is only that */
export const placeOfFile = (model: string, name: string): string =>
  isModelFile(model) ? model : join(model, name);

/** The same for a file that is about to be read: links may not lead out of a folder. A file was named by the person, link or not. */
export const safePlaceOfFile = (model: string, name: string): string =>
  isModelFile(model) ? model : pathIn(model, name);

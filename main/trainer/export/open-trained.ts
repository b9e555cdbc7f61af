import type { OpenedAdapter } from '../../engine/adapters/folder/adapter-folder.ts';
import { openModelFolder } from '../../engine/formats/model-folder.ts';
import { lacksHead, withHead, withNewNames } from '../../engine/models/classifier/classifier-folder.ts';
import { readModel, type Model } from '../../engine/models/model.ts';

/** The base as the run saw it: a classifier with the classes of its data, and with a head where the folder has none. */
export const openTrained = (directory: string, { classes, files }: OpenedAdapter): Model => {
  const folder = openModelFolder(directory);
  if (!classes) return readModel(folder);
  return readModel(lacksHead(folder) ? withHead(folder, classes, files) : withNewNames(folder, classes));
};

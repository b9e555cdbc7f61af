import { sizeOfView, type PictureView } from '../../../engine/data/pictures/views/picture-view.ts';
import { readView } from '../../../engine/data/pictures/views/read-view.ts';
import { openModelFolder } from '../../../engine/formats/model-folder.ts';
import { viewedSide } from '../../../engine/models/compared-model.ts';
import { readModel } from '../../../engine/models/model.ts';
import type { ModelPictureView } from '../../protocol/pictures-schema.ts';

/** How a model sees pictures. @throws WorkbenchError naming the file and field; invalid-input for a model of text */
export const viewOfModel = (directory: string): PictureView => {
  const folder = openModelFolder(directory);
  return readView(folder.directory, viewedSide(readModel(folder).architecture));
};

/** The same, as a person is told of it. @throws WorkbenchError as viewOfModel */
export const describeView = (directory: string): ModelPictureView => {
  const view = viewOfModel(directory);
  const { resize, scale, mean, deviation } = view;
  return {
    ...sizeOfView(view),
    shortestEdge: resize.kind === 'shortest-edge' ? resize.edge : null,
    filter: resize.filter,
    scale,
    mean: [...mean],
    deviation: [...deviation],
  };
};

import { WorkbenchError } from '../../../errors.ts';
import { openPictureSet } from './open-picture-set.ts';
import type { ClassifiedSet } from './picture-set.ts';

export interface OpenedClasses {
  readonly set: ClassifiedSet;
  readonly published: string | null;
}

/** Opens pictures of classes. @throws WorkbenchError as openPictureSet; unsupported for pictures with captions */
export const openClasses = (path: string): OpenedClasses => {
  const { set, published } = openPictureSet(path);
  if (set.kind === 'classes') return { set, published };
  throw new WorkbenchError(
    'unsupported',
    `${path}: its pictures have captions, and only pictures of classes can be trained on so far: give a column label`,
  );
};

import { captionsRefused, setKindOf, subjectRefused, type PicturesFormat } from '../pictures-format.ts';
import type { OpenOptions } from './open-picture-set.ts';
import { openPictures } from './open-pictures.ts';
import type { ClassifiedSet, PictureSet } from './picture-set.ts';

/** What the library keeps of a set. */
export interface ImportedPictures {
  /** The folder, table or split that was imported. */
  readonly trainFile: string;
  readonly format: Pick<PicturesFormat, 'leftOut' | 'classes' | 'subject'>;
  /** Where a set in Parquet is unpacked; null where there is none, as where a folder is only looked at. */
  readonly cacheDirectory: string | null;
}

/**
 * A set as it was imported: without what could not be read then, whatever has become of that. A picture that broke since is found when it is read.
 * @throws WorkbenchError as openPictureSet
 */
export const openImported = async ({
  trainFile,
  format,
  cacheDirectory,
}: ImportedPictures): Promise<PictureSet> => {
  const { leftOut, subject } = format;
  const options: OpenOptions = {
    leftOut: leftOut.map(({ name }) => name),
    as: setKindOf(format),
    ...(subject !== null && { subject: subject.choices }),
  };
  const { set } = await openPictures(trainFile, options, cacheDirectory);
  if (leftOut.length === 0) return set;
  const [pictures, they] = leftOut.length === 1 ? ['picture', 'it'] : ['pictures', 'they'];
  const notice = `${leftOut.length} ${pictures} left out, as at the import, when ${they} could not be read`;
  return { ...set, notices: [...set.notices, notice] };
};

/** The same of pictures of classes. @throws WorkbenchError also for pictures with captions */
export const openImportedClasses = async (imported: ImportedPictures): Promise<ClassifiedSet> => {
  const set = await openImported(imported);
  if (set.kind === 'classes') return set;
  throw (set.kind === 'captions' ? captionsRefused : subjectRefused)(imported.trainFile);
};

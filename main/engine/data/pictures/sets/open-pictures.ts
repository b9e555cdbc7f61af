import { WorkbenchError } from '../../../errors.ts';
import { leaveOut } from './leave-out.ts';
import { refuseMissing } from './missing-files.ts';
import { askedKind, asKind, openPictureSet, type OpenedSet, type OpenOptions } from './open-picture-set.ts';
import { isParquetSet } from './parquet/shards.ts';
import { openUnpacked } from './parquet/unpack.ts';

/**
 * Opens pictures of every form, those in Parquet too.
 * @param cacheDirectory where such are unpacked; null where nothing can be kept
 * @throws WorkbenchError as openPictureSet
 */
export const openPictures = async (
  path: string,
  options: OpenOptions,
  cacheDirectory: string | null,
): Promise<OpenedSet> => {
  if (!isParquetSet(path)) return openPictureSet(path, options);
  if (cacheDirectory === null)
    throw new WorkbenchError('unsupported', `${path}: is Parquet, and there is no place to unpack it`);
  const { leftOut = [], missing = 'refuse' } = options;
  const unpacked = asKind(await openUnpacked(path, cacheDirectory), askedKind(options), options.subject);
  const set = leaveOut(unpacked, new Set(leftOut));
  if (missing === 'refuse') refuseMissing(set);
  return { set, published: null };
};

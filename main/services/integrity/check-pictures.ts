import { WorkbenchError } from '../../engine/errors.ts';
import type { Store } from '../../store/store.ts';
import type { ReadFiles } from '../reading/reader.ts';
import type { FileProgress } from './check-files.ts';
import type { Found } from './found.ts';

/** Holds every set of pictures against what it was at import; sets are opened beside this process, as an import does. */
export const checkPictures = async (
  { store, readFiles }: { readonly store: Store; readonly readFiles: ReadFiles },
  progress: FileProgress,
  signal: AbortSignal,
): Promise<Found[]> => {
  const found: Found[] = [];
  for (const { name, format, trainFile, trainSha256, bytes } of store.datasets.list()) {
    if (format.kind !== 'pictures') continue;
    signal.throwIfAborted();
    const subject = `the data "${name}"`;
    progress.begin(subject, bytes);
    let read = 0;
    const onProgress = (done: number): void => {
      progress.read(done - read);
      read = done;
    };
    const problem = await problemOf(trainFile, async () => {
      const { sha256 } = await readFiles(
        { kind: 'pictures-hash', trainFile, format, everyByte: true },
        { signal, onProgress },
      );
      return sha256 === trainSha256
        ? null
        : `${trainFile}: its pictures, or their classes, are other than they were`;
    });
    signal.throwIfAborted();
    progress.end();
    if (problem !== null)
      found.push({
        subject,
        problem,
        advice: 'put the pictures of then back, or import them anew; runs on others are refused',
      });
  }
  return found;
};

const problemOf = async (path: string, work: () => Promise<string | null>): Promise<string | null> => {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof WorkbenchError)) throw error;
    return error.message.startsWith(path) ? error.message : `${path}: ${error.message}`;
  }
};

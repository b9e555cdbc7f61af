import type { Picture } from '../picture.ts';
import { createBudget } from './budget.ts';
import { openPicture, type OpenedPicture } from './decode-picture.ts';
import type { Decoding } from './decoding.ts';

export interface ReaderLimits {
  /** Files that are open at once. */
  readonly files: number;
  /** Pixels that are decoded at once, 3 bytes each and as much again within the library. A larger picture waits until it is alone. */
  readonly pixels: number;
}

/** libuv has four threads; two photographs of a phone, or some hundred of the usual few hundred pixels. */
export const usualLimits: ReaderLimits = { files: 4, pixels: 2 ** 25 };

/**
 * Decodes pictures side by side in bounded memory. A picture is in memory while `work` is done with it.
 * @param locate gives its path, and is called when it is opened; what it throws ends the reading
 * @throws WorkbenchError naming the file
 */
export type PictureReader = <Result>(
  locate: () => string,
  decoding: Partial<Decoding>,
  work: (picture: Picture, opened: OpenedPicture) => Result,
) => Promise<Result>;

export const createPictureReader = ({ files, pixels }: ReaderLimits = usualLimits): PictureReader => {
  const slots = createBudget(files);
  const memory = createBudget(pixels);
  return (locate, decoding, work) =>
    slots(1, async () => {
      const opened = await openPicture(locate());
      return memory(opened.width * opened.height, async () => work(await opened.decode(decoding), opened));
    });
};

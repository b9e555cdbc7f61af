import type Sharp from 'sharp';
import { WorkbenchError } from '../../../errors.ts';
import { plainLine } from '../../../plain-line.ts';

let loading: Promise<typeof Sharp> | undefined;

/**
 * sharp with libvips, when the first picture is read: 20 MB that nobody needs who has none, and that a system may lack.
 * @throws WorkbenchError where it is not installed for this system
 */
export const loadDecoder = (): Promise<typeof Sharp> => (loading ??= load());

const load = async (): Promise<typeof Sharp> => {
  try {
    const { default: sharp } = await import('sharp');
    // The library's own cache would keep pictures that were seen, and its threads would multiply with those that are decoded at once.
    sharp.cache(false);
    sharp.concurrency(1);
    // What begins as one of three formats is opened by their readers alone: libvips has some thirty.
    sharp.block({ operation: ['VipsForeignLoad'] });
    sharp.unblock({
      operation: ['VipsForeignLoadJpegBuffer', 'VipsForeignLoadPngBuffer', 'VipsForeignLoadWebpBuffer'],
    });
    return sharp;
  } catch (error) {
    throw new WorkbenchError(
      'unsupported',
      `pictures can't be read on this system (${process.platform}-${process.arch}): the library sharp does not load: ${plainLine((error as Error).message, 200)}`,
      { cause: error },
    );
  }
};

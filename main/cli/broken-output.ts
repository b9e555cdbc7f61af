import { exitCodes } from './exit-codes.ts';
import { isEnding } from './interrupts.ts';

/** Nobody reads a pipe any more, or the terminal is gone. */
const isUnread = ({ code }: NodeJS.ErrnoException): boolean => code === 'EPIPE' || code === 'EIO';

/**
 * Whoever read our output (`| head`) has had enough: there is nothing more to do. But what is being paused is brought to its checkpoint, whether or
 * not anybody is there to hear of it, and progress that nobody sees is no reason to end.
 */
export const outliveReaders = (): void => {
  process.stderr.on('error', (error: NodeJS.ErrnoException) => {
    if (!isUnread(error)) throw error;
  });
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (!isUnread(error)) throw error;
    if (error.code === 'EPIPE' && !isEnding()) process.exit(exitCodes.done);
  });
};

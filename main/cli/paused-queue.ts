import { WorkbenchError } from '../engine/errors.ts';
import type { CommandContext } from './command.ts';

/**
 * A command that trains would wait for as long as the queue is paused, and a script would not know why.
 * @throws WorkbenchError `conflict`
 */
export const refuseWhilePaused = async ({ call }: Pick<CommandContext, 'call'>): Promise<void> => {
  const { pausedAt } = await call('queue.show', {});
  if (pausedAt === null) return;
  throw new WorkbenchError('conflict', 'the queue is paused; let it go on with: nora queue resume');
};

/** Says when somebody pauses the queue, or lets it go on, while a command waits for it. Returns the way to stop. */
export const tellPauses = ({
  router,
  progress,
}: Pick<CommandContext, 'router' | 'progress'>): (() => void) => {
  let isPaused = false;
  return router.subscribe((event) => {
    if (event.name !== 'queue.changed' || (event.payload.pausedAt !== null) === isPaused) return;
    isPaused = !isPaused;
    progress.note(
      isPaused
        ? 'The queue is paused: what waits goes on after `nora queue resume`, in another terminal.'
        : 'The queue goes on.',
    );
  });
};

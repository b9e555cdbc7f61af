import type { Command } from 'commander';
import type { Queue, QueuedRun } from '../../api/contract.ts';
import { addCommand } from '../command.ts';
import { allRuns } from '../list-all.ts';
import { exitCodes } from '../exit-codes.ts';
import { plural, stepsText, timeText } from '../quantities.ts';
import { formatTable } from '../table.ts';
import { exitCodeOfRest } from '../rest-text.ts';
import { watchRuns } from '../watch-runs.ts';

interface PauseOptions {
  readonly running?: true;
}

export const addQueueCommands = (program: Command): void => {
  const queue = program.command('queue').description('what trains and what waits; the queue can be paused');

  addCommand(queue, {
    usage: 'show',
    isDefault: true,
    description: 'show it, which `nora queue` does, too',
    run: async ({ call }) => {
      const shown = await call('queue.show', {});
      return { document: shown, text: queueText(shown) };
    },
  });

  addCommand<PauseOptions>(queue, {
    usage: 'pause',
    description: 'start nothing more until it is resumed, whichever process trains',
    options: { '--running': 'pause what runs, too, with a checkpoint: it goes on first' },
    run: async ({ call }, { running = false }) => {
      const paused = await call('queue.pause', { andRunning: running });
      return { document: paused, text: queueText(paused) };
    },
  });

  addCommand(queue, {
    usage: 'resume',
    description: 'go on; trains what waits here where no other process does; Ctrl-C pauses',
    run: async (context) => {
      const { call, workbench } = context;
      const rows = await allRuns(call, { statuses: ['queued'] });
      const waiting = await Promise.all(rows.map(({ id }) => call('runs.show', { id })));
      const resumed = await call('queue.resume', {});
      if (!workbench.runsQueue() || waiting.length === 0)
        return { document: resumed, text: queueText(resumed) };
      const { runs, signal } = await watchRuns(context, waiting);
      const shown = await call('queue.show', {});
      const unfinished = runs.filter(({ status }) => status !== 'completed');
      const exitCode = unfinished.length === 0 ? exitCodes.done : exitCodeOfRest(unfinished, signal);
      return { document: shown, text: queueText(shown), exitCode };
    },
  });
};

const queueText = ({ pausedAt, running, jobs, waiting, next }: Queue): string => {
  const state =
    pausedAt === null
      ? 'The queue goes on.'
      : `The queue has been paused since ${timeText(pausedAt)}. Let it go on with: nora queue resume`;
  const left = waiting - next.length;
  return [
    state,
    ...jobs.map(({ name, status }) => `${name}: ${status}`),
    running.length + waiting === 0 ? 'No run waits or trains.' : `\n${runsTable([...running, ...next])}`,
    ...(left > 0 ? [`and ${plural(left, 'run')} more`] : []),
  ].join('\n');
};

const runsTable = (runs: readonly QueuedRun[]): string =>
  formatTable(runs, [
    { title: 'run', text: ({ runId }) => runId },
    { title: 'experiment', text: ({ experimentName }) => experimentName },
    { title: 'configuration', text: ({ name }) => name },
    { title: 'status', text: ({ status }) => status },
    { title: 'step', text: stepsText, isNumber: true },
  ]);

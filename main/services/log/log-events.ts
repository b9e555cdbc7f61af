import type { EventListener } from '../shared/event-bus.ts';
import type { WorkbenchLog } from './log-file.ts';

const failed: ReadonlySet<string> = new Set(['failed', 'interrupted']);

/** Tells the log of each new status of a run and an export: by its id, for names and errors are the person's own. */
export const logEvents = ({ write }: Pick<WorkbenchLog, 'write'>): EventListener => {
  const known = new Map<string, string>();
  return (event) => {
    if (event.name !== 'run.changed' && event.name !== 'export.changed') return;
    const { id, status } = event.payload;
    if (known.get(id) === status) return;
    known.set(id, status);
    const what = event.name === 'run.changed' ? 'run' : 'export';
    write(failed.has(status) ? 'warning' : 'info', `${what} ${id}: ${status}`);
  };
};

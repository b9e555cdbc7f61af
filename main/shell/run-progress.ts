import { isActive, type WorkbenchEvent } from '../api/contract.ts';

/** How far the runs under way are together, from 0 to 1; null where none is. */
export const createRunProgress = (): ((event: WorkbenchEvent) => number | null) => {
  const shares = new Map<string, number>();
  return (event) => {
    if (event.name === 'run.changed') {
      const { id, status, step, steps } = event.payload;
      if (isActive(status) && status !== 'queued') shares.set(id, steps ? Math.min(1, step / steps) : 0);
      else shares.delete(id);
    }
    if (shares.size === 0) return null;
    return [...shares.values()].reduce((sum, share) => sum + share, 0) / shares.size;
  };
};

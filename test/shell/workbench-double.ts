import type { WorkbenchEvent } from '../../main/api/contract.ts';
import type { ShellWorkbench } from '../../main/shell/workbench.ts';

/** A workbench with a number of jobs that tests can set, and events that they can send. */
export const workbenchDouble = (jobs = 0) => {
  const listeners = new Set<(event: WorkbenchEvent) => void>();
  const calls: unknown[][] = [];
  const state = { jobs, closed: 0 };
  const workbench: ShellWorkbench = {
    call: (method, params) => {
      calls.push([method, params]);
      return Promise.resolve({ ok: true, result: [] });
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    activeJobs: () => state.jobs,
    stopsAfter: () => (state.jobs > 0 ? ['LoRA finishes its step (about 40 s)'] : []),
    close: () => Promise.resolve(void state.closed++),
  };
  const emit = (event: WorkbenchEvent): void => listeners.forEach((listener) => listener(event));
  return { workbench, calls, state, emit };
};

/** A run has changed. What of it does not matter to the shell. */
export const runChanged = { name: 'run.changed', payload: {} } as unknown as WorkbenchEvent;

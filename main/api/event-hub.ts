import type { WorkbenchEvent } from './contract.ts';

export type EventListener = (event: WorkbenchEvent) => void;

export interface EventHub {
  readonly emit: (event: WorkbenchEvent) => void;
  /** Returns what ends the subscription. */
  readonly subscribe: (listener: EventListener) => () => void;
}

/** Passes each event to everyone who listens. A listener that throws is reported and does not keep the others from hearing it. */
export const createEventHub = (reportDefect: (error: unknown) => void): EventHub => {
  const listeners = new Set<{ hear: EventListener }>();
  return {
    emit(event) {
      for (const { hear } of [...listeners]) {
        try {
          hear(event);
        } catch (error) {
          reportDefect(error);
        }
      }
    },
    subscribe(hear) {
      const entry = { hear };
      listeners.add(entry);
      return () => void listeners.delete(entry);
    },
  };
};

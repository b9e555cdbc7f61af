import type { EmitEvent, WorkbenchEvent } from './workbench-events.ts';

export type EventListener = (event: WorkbenchEvent) => void;

export interface EventBus {
  readonly emit: EmitEvent;
  /** Returns what ends the subscription. */
  readonly subscribe: (listener: EventListener) => () => void;
  /** Resolves with the answer of the first event that has one. */
  readonly waitFor: <Answer>(answerOf: (event: WorkbenchEvent) => Answer | undefined) => Promise<Answer>;
}

/** Passes each event to everyone who listens. A listener that throws is reported: it fails no run, and the others hear the event too. */
export const createEventBus = (reportDefect: (error: unknown) => void): EventBus => {
  const listeners = new Set<{ hear: EventListener }>();
  const subscribe: EventBus['subscribe'] = (hear) => {
    const entry = { hear };
    listeners.add(entry);
    return () => void listeners.delete(entry);
  };
  return {
    subscribe,
    emit: (event) => {
      for (const { hear } of [...listeners]) {
        try {
          hear(event);
        } catch (error) {
          reportDefect(error);
        }
      }
    },
    waitFor: (answerOf) =>
      new Promise((resolve) => {
        const stop = subscribe((event) => {
          const answer = answerOf(event);
          if (answer === undefined) return;
          stop();
          resolve(answer);
        });
      }),
  };
};

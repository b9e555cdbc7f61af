import type { EmitEvent, ServiceEvent } from './workbench-events.ts';

export interface EventBus {
  readonly emit: EmitEvent;
  /** Resolves with the answer of the first event that has one. */
  readonly waitFor: <Answer>(answerOf: (event: ServiceEvent) => Answer | undefined) => Promise<Answer>;
}

/** Events go to the workbench's own waiters and to its user. A listener's defect is its own: it never fails a run. */
export const createEventBus = (onEvent: EmitEvent | undefined): EventBus => {
  const waiters = new Set<EmitEvent>();
  return {
    emit: (event) => {
      for (const waiter of waiters) waiter(event);
      try {
        onEvent?.(event);
      } catch (error) {
        process.emitWarning(error instanceof Error ? error : String(error));
      }
    },
    waitFor: (answerOf) =>
      new Promise((resolve) => {
        const waiter: EmitEvent = (event) => {
          const answer = answerOf(event);
          if (answer === undefined) return;
          waiters.delete(waiter);
          resolve(answer);
        };
        waiters.add(waiter);
      }),
  };
};

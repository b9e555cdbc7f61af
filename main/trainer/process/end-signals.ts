/**
 * What a terminal sends to all of its processes at once: Ctrl-C, Ctrl-\, its own end, Ctrl-Break. The parent decides what that means; where the
 * parent ends of it, this process hears so.
 */
const ofTerminal = ['SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGBREAK'] as const;

const endSignals: readonly (string | null)[] = [...ofTerminal, 'SIGTERM'];

/**
 * Whether a process ended because it was asked to, before it could hold that: Node takes a moment until it runs anything of ours. So it has done
 * nothing of what it was told.
 */
export const endedBeforeItBegan = (signal: string | null): signal is string => endSignals.includes(signal);

/** The parent has mostly had the same request, and is the one to say what it means. */
const parentsWordMilliseconds = 500;

export interface HeldSignals {
  /** The system, or a person, asks this very process to end, or has asked before: told a moment later. */
  readonly onAsked: (listener: (signal: string) => void) => void;
}

/** Keeps the process alive through what would end it in the middle of a step, from now on. */
export const holdSignals = (): HeldSignals => {
  const asked = Promise.withResolvers<string>();
  for (const signal of ofTerminal) process.on(signal, () => undefined);
  process.on('SIGTERM', (signal) => void setTimeout(() => asked.resolve(signal), parentsWordMilliseconds));
  return { onAsked: (listener) => void asked.promise.then(listener) };
};

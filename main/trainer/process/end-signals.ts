/**
 * What a terminal sends to all of its processes at once: Ctrl-C, Ctrl-\, its own end, Ctrl-Break. The parent decides what that means; where the
 * parent ends of it, this process hears so.
 */
const ofTerminal = ['SIGINT', 'SIGQUIT', 'SIGHUP', 'SIGBREAK'] as const;

/** The parent has mostly had the same request, and is the one to say what it means. */
const parentsWordMilliseconds = 500;

/**
 * Keeps the process alive through what would end it in the middle of a step.
 * @param onAsked the system, or a person, asks this very process to end; told a moment later
 */
export const holdSignals = (onAsked: (signal: string) => void): void => {
  for (const signal of ofTerminal) process.on(signal, () => undefined);
  process.on('SIGTERM', (signal) => void setTimeout(() => onAsked(signal), parentsWordMilliseconds));
};

import type { ElectronApi } from './electron-api.ts';

/** What this module needs of the process that Electron runs in. */
export interface SignalSource {
  on(signal: string, listener: () => void): unknown;
}

/** Ends that a terminal or a service manager asks for. Electron's own handlers would quit with a question that nobody answers. */
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGBREAK'] as const;

/**
 * Hears that the session or the system ends, on each system in its own way. There is nobody to ask and little time.
 * @param isBusy whether there is anything to bring to an end first: then the system is asked to wait
 * @param onEnd called at each news of it
 */
export const onSystemEnd = (
  { app, powerMonitor }: Pick<ElectronApi, 'app' | 'powerMonitor'>,
  source: SignalSource,
  isBusy: () => boolean,
  onEnd: () => void,
): void => {
  for (const signal of signals) source.on(signal, onEnd);
  // The types know nothing of the event that its documentation tells of.
  const onShutdown = ((event?: { preventDefault(): void }): void => {
    if (isBusy()) event?.preventDefault();
    onEnd();
  }) as () => void;
  powerMonitor.on('shutdown', onShutdown); // Linux and macOS
  app.on('browser-window-created', (_, window) => {
    // Windows asks each window, shows which app it waits for, and goes on once that is gone.
    window.on('query-session-end', (event) => {
      if (isBusy()) event.preventDefault();
      onEnd();
    });
    window.on('session-end', onEnd);
  });
};

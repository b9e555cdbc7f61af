import type { ElectronApi } from './electron-api.ts';
import { onSystemEnd, type SignalSource } from './system-end.ts';
import type { ShellWorkbench } from './workbench.ts';

type Quitting = Pick<ElectronApi, 'app' | 'BrowserWindow' | 'dialog' | 'powerMonitor'>;
type Stage = 'open' | 'asking' | 'closing' | 'closed';

/** Events that may tell of the end of a job. */
const endsOfJobs: ReadonlySet<string> = new Set(['run.changed', 'comparison.changed', 'export.changed']);

const choices = ['Keep Working', 'Stop and Quit', 'Cancel'] as const;

/**
 * When the app ends. Closing the last window does not stop runs: the process stays until the last of them is done, and
 * starting the app again brings the window back. macOS keeps an app without windows anyway. Quitting asks first; the system's end does not.
 */
export const handleQuit = (
  electron: Quitting,
  workbench: ShellWorkbench,
  platform: NodeJS.Platform,
  signals: SignalSource,
): void => {
  const { app, BrowserWindow } = electron;
  let stage: Stage = 'open';

  const quitWhenIdle = (): void => {
    if (platform === 'darwin' || stage !== 'open' || BrowserWindow.getAllWindows().length > 0) return;
    if (workbench.activeJobs() === 0) app.quit();
  };
  app.on('window-all-closed', quitWhenIdle);
  workbench.subscribe(({ name }) => {
    if (endsOfJobs.has(name)) quitWhenIdle();
  });

  const isClosing = (): boolean => stage === 'closing' || stage === 'closed';

  const close = async (): Promise<void> => {
    stage = 'closing';
    try {
      await workbench.close();
    } finally {
      stage = 'closed';
      app.quit();
    }
  };

  const askAndClose = async (): Promise<void> => {
    stage = 'asking';
    const choice = await ask(electron, workbench);
    if (isClosing()) return; // the system ended meanwhile
    if (choice === 'Stop and Quit') return close();
    stage = 'open';
    if (choice === 'Keep Working') for (const window of BrowserWindow.getAllWindows()) window.close();
  };

  app.on('before-quit', (event) => {
    if (stage === 'closed') return;
    event.preventDefault();
    if (stage === 'open') void (workbench.activeJobs() === 0 ? close() : askAndClose());
  });

  onSystemEnd(
    electron,
    signals,
    () => workbench.activeJobs() > 0,
    () => {
      if (!isClosing()) void close();
    },
  );
};

const ask = async (
  { dialog }: Quitting,
  workbench: Pick<ShellWorkbench, 'activeJobs' | 'stopsAfter'>,
): Promise<(typeof choices)[number]> => {
  const jobs = workbench.activeJobs();
  const { response } = await dialog.showMessageBox({
    type: 'question',
    message:
      jobs === 1
        ? 'A run, a comparison or an export is not done.'
        : `${jobs} runs, comparisons or exports are not done.`,
    detail: [
      'Keep Working closes the windows only: start the app again to see how far it is. ' +
        'A run that is stopped writes a checkpoint and can go on from it.',
      ...workbench.stopsAfter().map((wait) => `First, ${wait}.`),
    ].join('\n'),
    buttons: [...choices],
    defaultId: 0,
    cancelId: 2,
  });
  return choices[response] ?? 'Cancel';
};

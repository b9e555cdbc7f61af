import type { ElectronApi } from './electron-api.ts';
import type { ShellWorkbench } from './workbench.ts';

type Quitting = Pick<ElectronApi, 'app' | 'BrowserWindow' | 'dialog'>;
type Stage = 'open' | 'asking' | 'closing' | 'closed';

/** Events that may tell of the end of a job. */
const endsOfJobs: ReadonlySet<string> = new Set(['run.changed', 'comparison.changed', 'export.changed']);

const choices = ['Keep Working', 'Stop and Quit', 'Cancel'] as const;

/**
 * When the app ends. Closing the last window does not stop runs: the process stays until the last of them is done, and
 * starting the app again brings the window back. macOS keeps an app without windows anyway. Quitting asks first.
 */
export const handleQuit = (
  electron: Quitting,
  workbench: ShellWorkbench,
  platform: NodeJS.Platform,
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
    const choice = await ask(electron, workbench.activeJobs());
    if (choice === 'Stop and Quit') return close();
    stage = 'open';
    if (choice === 'Keep Working') for (const window of BrowserWindow.getAllWindows()) window.close();
  };

  app.on('before-quit', (event) => {
    if (stage === 'closed') return;
    event.preventDefault();
    if (stage === 'open') void (workbench.activeJobs() === 0 ? close() : askAndClose());
  });
};

const ask = async ({ dialog }: Quitting, jobs: number): Promise<(typeof choices)[number]> => {
  const { response } = await dialog.showMessageBox({
    type: 'question',
    message:
      jobs === 1
        ? 'A run, a comparison or an export is not done.'
        : `${jobs} runs, comparisons or exports are not done.`,
    detail:
      'Keep Working closes the windows only: start the app again to see how far it is. ' +
      'A run that is stopped writes a checkpoint and can go on from it.',
    buttons: [...choices],
    defaultId: 0,
    cancelId: 2,
  });
  return choices[response] ?? 'Cancel';
};

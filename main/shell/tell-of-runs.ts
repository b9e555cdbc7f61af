import type { BrowserWindow } from 'electron';
import { channels } from '../api/contract-channels.ts';
import type { ElectronApi } from './electron-api.ts';
import { createEndings } from './endings.ts';
import { createRunProgress } from './run-progress.ts';
import type { ShellWorkbench } from './workbench.ts';

/** How long a bar stands between changes that nobody would see. */
const smallest = 0.005;

/**
 * Tells of runs to somebody who looks elsewhere: a bar in the dock or on the taskbar, and a notification when an experiment is over while no window
 * has the focus. A click on it brings the experiment's page to the front.
 * @param show brings a window to the front, or opens one
 */
export const tellOfRuns = (
  electron: Pick<ElectronApi, 'BrowserWindow' | 'Notification'>,
  { subscribe }: Pick<ShellWorkbench, 'subscribe'>,
  show: () => BrowserWindow,
): void => {
  const { Notification } = electron;
  const endingsOf = createEndings();
  const progressOf = createRunProgress();
  let shown = -1;

  const showProgress = (progress: number): void => {
    const isSmall = progress >= 0 && shown >= 0 && Math.abs(progress - shown) < smallest;
    if (progress === shown || isSmall) return;
    shown = progress;
    for (const window of electron.BrowserWindow.getAllWindows())
      if (!window.isDestroyed()) window.setProgressBar(progress);
  };

  subscribe((event) => {
    showProgress(progressOf(event) ?? -1);
    for (const { experimentId, title, body } of endingsOf(event)) {
      if (electron.BrowserWindow.getFocusedWindow() !== null || !Notification.isSupported()) continue;
      const notification = new Notification({ title, body });
      notification.on('click', () => show().webContents.send(channels.open, experimentId));
      notification.show();
    }
  });
};

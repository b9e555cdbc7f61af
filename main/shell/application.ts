import { join } from 'node:path';
import type { BrowserWindow as Window } from 'electron';
import { channels, type MenuCommand } from '../api/contract-channels.ts';
import { explainError } from '../engine/formats/explain-error.ts';
import type { ElectronApi } from './electron-api.ts';
import { registerIpc } from './ipc.ts';
import { menuTemplate } from './menu.ts';
import { denyPermissions } from './navigation.ts';
import { createProtocolHandler, registerScheme, scheme } from './protocol.ts';
import { handleQuit } from './quit.ts';
import { tellOfRuns } from './tell-of-runs.ts';
import { openWindow } from './window.ts';
import type { SignalSource } from './system-end.ts';
import type { ShellWorkbench } from './workbench.ts';

export interface ApplicationOptions {
  electron: ElectronApi;
  /** Called once, when the app is ready. */
  createWorkbench: () => ShellWorkbench;
  /** Bundled preload file and folder of the built renderer. */
  preload: string;
  rendererDirectory: string;
  platform: NodeJS.Platform;
  /** Where signals of the system arrive: this process. */
  signals: SignalSource;
}

/** Starts the desktop app; a second start only brings the first one's window to the front. */
export const startApplication = async (options: ApplicationOptions): Promise<void> => {
  const { app, protocol } = options.electron;
  if (!app.requestSingleInstanceLock()) return app.quit();
  registerScheme(protocol);
  await app.whenReady();
  try {
    run(options);
  } catch (error) {
    options.electron.dialog.showErrorBox('NoRA Workbench cannot start', explainError(error).message);
    app.exit(1);
  }
};

const run = ({
  electron,
  createWorkbench,
  preload,
  rendererDirectory,
  platform,
  signals,
}: ApplicationOptions): void => {
  const { app, BrowserWindow, Menu, protocol, session } = electron;
  denyPermissions(session.defaultSession);
  protocol.handle(scheme, createProtocolHandler(rendererDirectory));

  const workbench = createWorkbench();
  handleQuit(electron, workbench, platform, signals);

  const stateFile = join(app.getPath('userData'), 'window.json');
  const newWindow = (): Window => openWindow(electron, preload, stateFile);
  const toFront = (): Window => {
    const window = electron.BrowserWindow.getAllWindows()[0];
    if (window === undefined) return newWindow();
    if (window.isMinimized()) window.restore();
    window.focus();
    return window;
  };
  const perform = (id: string): void =>
    (BrowserWindow.getFocusedWindow() ?? toFront()).webContents.send(channels.perform, id);
  const showMenu = (commands: readonly MenuCommand[]): void =>
    Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(platform, { newWindow, perform, commands })));
  showMenu([]);
  registerIpc(electron, workbench, showMenu);
  tellOfRuns(electron, workbench, toFront);
  app.on('second-instance', toFront);
  app.on('activate', () => {
    if (BrowserWindow.getAllWindows().length === 0) newWindow();
  });
  newWindow();
};

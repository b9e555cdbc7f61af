import type { BrowserWindow, BrowserWindowConstructorOptions } from 'electron';
import type { ElectronApi } from './electron-api.ts';
import { guardNavigation } from './navigation.ts';
import { appUrl } from './protocol.ts';

/** Defaults that every window of the workbench has. The page gets `window.nora` and the powers of a web page. */
export const windowOptions = (preload: string): BrowserWindowConstructorOptions => ({
  width: 1280,
  height: 820,
  minWidth: 880,
  minHeight: 560,
  show: false, // until the first paint: no white flash
  autoHideMenuBar: true,
  title: 'NoRA Workbench',
  webPreferences: {
    preload,
    contextIsolation: true,
    sandbox: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    spellcheck: false, // would fetch dictionaries
  },
});

export const openWindow = (
  electron: Pick<ElectronApi, 'BrowserWindow' | 'shell'>,
  preload: string,
): BrowserWindow => {
  const window = new electron.BrowserWindow(windowOptions(preload));
  guardNavigation(window.webContents, electron.shell);
  window.once('ready-to-show', () => window.show());
  void window.loadURL(appUrl);
  return window;
};

import type { BrowserWindow, BrowserWindowConstructorOptions } from 'electron';
import type { ElectronApi } from './electron-api.ts';
import { guardNavigation } from './navigation.ts';
import { appUrl } from './protocol.ts';
import { boundsOn, keepWindowState, readWindowState } from './window-state.ts';

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

/** @param stateFile where the window's place and zoom are kept */
export const openWindow = (
  electron: Pick<ElectronApi, 'BrowserWindow' | 'screen' | 'shell'>,
  preload: string,
  stateFile: string,
): BrowserWindow => {
  const state = readWindowState(stateFile);
  const bounds = state && boundsOn(state.bounds, electron.screen.getAllDisplays());
  const window = new electron.BrowserWindow({ ...windowOptions(preload), ...bounds });
  guardNavigation(window.webContents, electron.shell);
  keepWindowState(window, stateFile);
  window.once('ready-to-show', () => {
    if (state?.isMaximised) window.maximize();
    window.show();
  });
  if (state !== undefined)
    window.webContents.once('did-finish-load', () => window.webContents.setZoomLevel(state.zoomLevel));
  void window.loadURL(appUrl);
  return window;
};

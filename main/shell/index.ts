/** Entry of the desktop app: joins Electron, the services and the built files. Everything else can run under a double. */
import {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  Notification,
  powerMonitor,
  protocol,
  screen,
  session,
  shell,
  utilityProcess,
} from 'electron';
import { defaultDataDirectory } from '../api/data-directory.ts';
import { startApplication } from './application.ts';
import { builtFiles } from './built-files.ts';
import type { ElectronApi } from './electron-api.ts';
import { trainerFork } from './trainer-fork.ts';
import { openShellWorkbench } from './workbench.ts';

const electron: ElectronApi = {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  Notification,
  powerMonitor,
  protocol,
  screen,
  session,
  shell,
  utilityProcess,
};
const files = builtFiles(app);

void startApplication({
  electron,
  preload: files.preload,
  rendererDirectory: files.renderer,
  platform: process.platform,
  signals: process,
  createWorkbench: () =>
    openShellWorkbench({
      dataDirectory: defaultDataDirectory(),
      sampleDirectory: files.sample,
      spawnTrainer: trainerFork(electron, files.trainer),
      version: app.getVersion(),
    }),
});

import { fork } from 'node:child_process';
import { join } from 'node:path';
import { electronDouble } from './electron-double.ts';

/**
 * What the built app gets for `import … from 'electron'` under plain Node (bundle-driver.ts). Trainers are real processes of
 * the built trainer; the rest is the double.
 */
const double = electronDouble();
const { electron } = double;

const startTrainer = (entry: string) => {
  const child = fork(entry, [], { execArgv: [], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  return Object.assign(child, { postMessage: (message: object) => child.send(message) });
};

export const {
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
} = electron;
export const app = Object.assign(electron.app, {
  getAppPath: () => join(import.meta.dirname, '../..'),
  getVersion: () => '0.0.0-test',
  isPackaged: false,
});
export const utilityProcess = { fork: startTrainer };
export const { handlers, serve } = double;

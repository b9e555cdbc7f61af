import { EventEmitter } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserWindowConstructorOptions, MenuItemConstructorOptions } from 'electron';
import type { ElectronApi } from '../../main/shell/electron-api.ts';

type Handler = (...parameters: unknown[]) => unknown;

/** A window that remembers what it was made with and told. */
export class WindowDouble extends EventEmitter {
  static all: WindowDouble[] = [];
  static onCreated: (window: WindowDouble) => void = () => undefined;
  static getAllWindows = (): WindowDouble[] => WindowDouble.all;
  static fromWebContents = (contents: unknown): WindowDouble | null =>
    WindowDouble.all.find(({ webContents }) => webContents === contents) ?? null;

  readonly options: BrowserWindowConstructorOptions;
  readonly webContents: WebContentsDouble;
  readonly calls: string[] = [];
  url = '';

  constructor(options: BrowserWindowConstructorOptions) {
    super();
    this.options = options;
    this.webContents = new WebContentsDouble();
    WindowDouble.all.push(this);
    WindowDouble.onCreated(this);
  }

  loadURL = (url: string): Promise<void> => {
    this.url = url;
    return Promise.resolve();
  };
  show = (): void => void this.calls.push('show');
  focus = (): void => void this.calls.push('focus');
  restore = (): void => void this.calls.push('restore');
  isMinimized = (): boolean => true;
  isDestroyed = (): boolean => false;
  static focused: WindowDouble | null = null;
  static getFocusedWindow = (): WindowDouble | null => WindowDouble.focused;
  readonly progress: number[] = [];
  setProgressBar = (progress: number): void => void this.progress.push(progress);
  maximize = (): void => void this.calls.push('maximize');
  isMaximized = (): boolean => this.calls.includes('maximize');
  getNormalBounds = () => ({ x: 10, y: 20, width: 1000, height: 700 });
  close = (): void => {
    WindowDouble.all = WindowDouble.all.filter((window) => window !== this);
  };
}

class WebContentsDouble extends EventEmitter {
  readonly sent: unknown[][] = [];
  openHandler: (details: { url: string }) => { action: string } = () => ({ action: 'allow' });
  zoom = 0;
  getZoomLevel = (): number => this.zoom;
  setZoomLevel = (level: number): void => void (this.zoom = level);
  send = (...message: unknown[]): void => void this.sent.push(message);
  setWindowOpenHandler = (handler: typeof this.openHandler): void => {
    this.openHandler = handler;
  };
}

/** A notification that remembers what it says. */
export class NotificationDouble extends EventEmitter {
  static all: NotificationDouble[] = [];
  static isSupported = (): boolean => true;
  readonly options: { title: string; body: string };
  constructor(options: { title: string; body: string }) {
    super();
    this.options = options;
  }
  show = (): void => void NotificationDouble.all.push(this);
}

/** A trainer as Electron's parent side sees it. */
export class ChildDouble extends EventEmitter {
  readonly stderr = new EventEmitter();
  readonly posted: unknown[] = [];
  killed = false;
  postMessage = (message: unknown): void => void this.posted.push(message);
  kill = (): boolean => (this.killed = true);
}

/** As much of Electron as the shell touches; `log` has what it was asked to do, in order. */
export const electronDouble = ({ primary = true, answers = [] as number[] } = {}) => {
  const log: string[] = [];
  const handlers = new Map<string, Handler>();
  const permissions: Record<string, Handler> = {};
  const forks: { parameters: unknown[]; child: ChildDouble }[] = [];
  const opened: string[] = [];
  const dialogs: unknown[][] = [];
  let serve: ((request: Request) => Promise<Response>) | undefined;
  WindowDouble.all = [];
  WindowDouble.focused = null;
  NotificationDouble.all = [];
  const privileged: unknown[] = [];
  const menus: MenuItemConstructorOptions[][] = [];
  const userData = mkdtempSync(join(tmpdir(), 'nora-shell-'));

  const app = Object.assign(new EventEmitter(), {
    getPath: () => userData,
    requestSingleInstanceLock: () => primary,
    whenReady: () => Promise.resolve(log.push('ready')),
    quit: () => {
      log.push('quit');
      app.emit('before-quit', { preventDefault: () => log.push('quit prevented') });
    },
    exit: (code: number) => log.push(`exit ${code}`),
  });
  WindowDouble.onCreated = (window) => void app.emit('browser-window-created', {}, window);
  const signals = new EventEmitter();
  const powerMonitor = new EventEmitter();
  const electron = {
    app,
    powerMonitor,
    BrowserWindow: WindowDouble,
    dialog: {
      showErrorBox: (title: string, message: string) => log.push(`${title}: ${message}`),
      showMessageBox: (options: unknown) => {
        dialogs.push([options]);
        return Promise.resolve({ response: answers.shift() ?? 2 });
      },
      showOpenDialog: (...parameters: unknown[]) => {
        dialogs.push(parameters);
        return Promise.resolve({ canceled: answers.shift() === 1, filePaths: ['/data/train.jsonl'] });
      },
    },
    ipcMain: { handle: (channel: string, handler: Handler) => handlers.set(channel, handler) },
    Menu: {
      buildFromTemplate: (template: MenuItemConstructorOptions[]) => template,
      setApplicationMenu: (menu: MenuItemConstructorOptions[]) => {
        log.push('menu');
        menus.push(menu);
      },
    },
    Notification: NotificationDouble,
    screen: { getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1440, height: 860 } }] },
    protocol: {
      registerSchemesAsPrivileged: (schemes: { scheme: string }[]) => {
        log.push(`scheme ${schemes[0]?.scheme}`);
        privileged.push(...schemes);
      },
      handle: (scheme: string, handler: typeof serve) => {
        log.push(`serve ${scheme}`);
        serve = handler;
      },
    },
    session: {
      defaultSession: Object.fromEntries(
        ['setPermissionRequestHandler', 'setPermissionCheckHandler', 'setDevicePermissionHandler'].map(
          (name) => [name, (handler: Handler) => (permissions[name] = handler)],
        ),
      ),
    },
    shell: { openExternal: (url: string) => Promise.resolve(opened.push(url)) },
    utilityProcess: {
      fork: (...parameters: unknown[]) => {
        const child = new ChildDouble();
        forks.push({ parameters, child });
        return child;
      },
    },
  };
  return {
    electron: electron as unknown as ElectronApi,
    app,
    powerMonitor,
    /** Of the process. */
    signals,
    log,
    handlers,
    permissions,
    forks,
    opened,
    dialogs,
    menus,
    privileged,
    userData,
    serve: (request: Request) => serve?.(request),
  };
};

/** Lets promises that are already settled run on. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

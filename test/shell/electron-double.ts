import { EventEmitter } from 'node:events';
import type { BrowserWindowConstructorOptions } from 'electron';
import type { ElectronApi } from '../../main/shell/electron-api.ts';

type Handler = (...parameters: unknown[]) => unknown;

/** A window that remembers what it was made with and told. */
export class WindowDouble extends EventEmitter {
  static all: WindowDouble[] = [];
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
  close = (): void => {
    WindowDouble.all = WindowDouble.all.filter((window) => window !== this);
  };
}

class WebContentsDouble extends EventEmitter {
  readonly sent: unknown[][] = [];
  openHandler: (details: { url: string }) => { action: string } = () => ({ action: 'allow' });
  send = (...message: unknown[]): void => void this.sent.push(message);
  setWindowOpenHandler = (handler: typeof this.openHandler): void => {
    this.openHandler = handler;
  };
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

  const app = Object.assign(new EventEmitter(), {
    requestSingleInstanceLock: () => primary,
    whenReady: () => Promise.resolve(log.push('ready')),
    quit: () => {
      log.push('quit');
      app.emit('before-quit', { preventDefault: () => log.push('quit prevented') });
    },
    exit: (code: number) => log.push(`exit ${code}`),
  });
  const electron = {
    app,
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
    Menu: { buildFromTemplate: (template: unknown) => template, setApplicationMenu: () => log.push('menu') },
    protocol: {
      registerSchemesAsPrivileged: (schemes: { scheme: string }[]) =>
        log.push(`scheme ${schemes[0]?.scheme}`),
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
    log,
    handlers,
    permissions,
    forks,
    opened,
    dialogs,
    serve: (request: Request) => serve?.(request),
  };
};

/** Lets promises that are already settled run on. */
export const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

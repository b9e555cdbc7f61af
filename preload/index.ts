import { contextBridge, ipcRenderer, webUtils } from 'electron';
import type { IpcRendererEvent } from 'electron';
import { channels } from '../main/api/contract-channels.ts';
import type { FileChoice, MenuCommand, ShellRequest } from '../main/api/contract-channels.ts';
import { isMethodName } from '../main/api/contract.ts';
import type { Envelope, WorkbenchEvent } from '../main/api/contract.ts';

/** `window.nora`: the contract, two file dialogs, where a dropped file lies, the menu bar, and nothing else of Electron or Node. */
const bridge = {
  call: (method: unknown, params: unknown): Promise<Envelope<unknown>> =>
    isMethodName(method)
      ? ipcRenderer.invoke(channels.call, { method, params })
      : Promise.resolve(unknownMethod(method)),

  subscribe: (listener: (event: WorkbenchEvent) => void): (() => void) => {
    const forward = (_: IpcRendererEvent, event: WorkbenchEvent): void => listener(event);
    ipcRenderer.on(channels.event, forward);
    return () => void ipcRenderer.off(channels.event, forward);
  },

  /** Absolute path of the chosen file; null when the person changed their mind. */
  chooseFile: (choice?: FileChoice): Promise<string | null> =>
    ipcRenderer.invoke(channels.chooseFile, choice),
  chooseFolder: (choice?: FileChoice): Promise<string | null> =>
    ipcRenderer.invoke(channels.chooseFolder, choice),

  offerCommands: (commands: readonly MenuCommand[]): Promise<unknown> =>
    ipcRenderer.invoke(channels.offerCommands, commands),

  listenToShell: (listener: (request: ShellRequest) => void): (() => void) => {
    const perform = (_: IpcRendererEvent, id: string): void => listener({ perform: id });
    const open = (_: IpcRendererEvent, id: string): void => listener({ openExperiment: id });
    ipcRenderer.on(channels.perform, perform);
    ipcRenderer.on(channels.open, open);
    return () => {
      ipcRenderer.off(channels.perform, perform);
      ipcRenderer.off(channels.open, open);
    };
  },

  /** Absolute path of what was dropped on the window; null for what lies on no disk, as a picture dragged out of a page. */
  pathOf: (dropped: File): string | null => webUtils.getPathForFile(dropped) || null,
};

const unknownMethod = (method: unknown): Envelope<never> => ({
  ok: false,
  error: { code: 'invalid-input', message: `unknown method ${JSON.stringify(method)}` },
});

contextBridge.exposeInMainWorld('nora', bridge);

export type NoraBridge = typeof bridge;

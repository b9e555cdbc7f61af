import type { IpcMainInvokeEvent } from 'electron';
import { z } from 'zod';
import { channels, type MenuCommand } from '../api/contract-channels.ts';
import { chooseFile, chooseFolder } from './dialogs.ts';
import type { ElectronApi } from './electron-api.ts';
import { appOrigin } from './protocol.ts';
import type { ShellWorkbench } from './workbench.ts';

/** No menu has more, and no title is longer. */
const menuCommandsSchema = z
  .array(
    z.strictObject({
      id: z.string().min(1).max(100),
      title: z.string().min(1).max(100),
      group: z.string().max(40),
      keys: z.exactOptional(z.string().regex(/^Mod\+[A-Z0-9,]$/)),
    }),
  )
  .max(60);

const requestSchema = z.strictObject({ method: z.string(), params: z.unknown() });

/**
 * Registers the calls that a window may make. Only the main frame of the workbench's own page is answered: a rejected
 * caller gets an exception and learns nothing. Events go to every window.
 */
export const registerIpc = (
  electron: ElectronApi,
  workbench: Pick<ShellWorkbench, 'call' | 'subscribe'>,
  onCommands: (commands: readonly MenuCommand[]) => void,
): void => {
  const handle = (channel: string, answer: (request: unknown, event: IpcMainInvokeEvent) => unknown): void =>
    electron.ipcMain.handle(channel, (event, ...parameters: unknown[]) => {
      assertOwnFrame(event, channel);
      if (parameters.length > 1) throw new Error(`${channel}: one parameter at most`);
      return answer(parameters[0], event);
    });

  handle(channels.call, (request) => {
    const parsed = requestSchema.safeParse(request);
    if (!parsed.success) throw new Error(`${channels.call}: expects {method, params}`);
    return workbench.call(parsed.data.method, parsed.data.params);
  });
  handle(channels.chooseFile, (choice, event) => chooseFile(electron, event.sender, choice));
  handle(channels.chooseFolder, (choice, event) => chooseFolder(electron, event.sender, choice));

  handle(channels.offerCommands, (commands) => {
    const parsed = menuCommandsSchema.safeParse(commands);
    if (!parsed.success)
      throw new Error(`${channels.offerCommands}: expects {id, title, group, keys} of each`);
    onCommands(parsed.data);
  });

  workbench.subscribe((event) => {
    for (const window of electron.BrowserWindow.getAllWindows()) {
      if (!window.isDestroyed()) window.webContents.send(channels.event, event);
    }
  });
};

const assertOwnFrame = ({ senderFrame }: IpcMainInvokeEvent, channel: string): void => {
  const trusted = senderFrame !== null && senderFrame.parent === null && senderFrame.origin === appOrigin;
  if (!trusted) throw new Error(`${channel}: refused for ${senderFrame?.origin ?? 'a frame that is gone'}`);
};

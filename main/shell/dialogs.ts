import type { OpenDialogOptions, WebContents } from 'electron';
import { z } from 'zod';
import type { FileChoice } from '../api/contract-channels.ts';
import type { ElectronApi } from './electron-api.ts';

type Dialogs = Pick<ElectronApi, 'BrowserWindow' | 'dialog'>;

const choiceSchema: z.ZodType<FileChoice | undefined> = z
  .strictObject({
    title: z.string().max(200).exactOptional(),
    filters: z.array(z.strictObject({ name: z.string(), extensions: z.array(z.string()) })).exactOptional(),
  })
  .optional();

export const chooseFile = (electron: Dialogs, sender: WebContents, choice: unknown): Promise<string | null> =>
  choose(electron, sender, { properties: ['openFile'], ...choiceSchema.parse(choice) });

/** `createDirectory`: an export may go to a folder that is not there yet (macOS asks for this flag). */
export const chooseFolder = (
  electron: Dialogs,
  sender: WebContents,
  choice: unknown,
): Promise<string | null> =>
  choose(electron, sender, {
    properties: ['openDirectory', 'createDirectory'],
    ...choiceSchema.parse(choice),
  });

/** Absolute path, or null when the person cancelled. */
const choose = async (
  electron: Dialogs,
  sender: WebContents,
  options: OpenDialogOptions,
): Promise<string | null> => {
  const window = electron.BrowserWindow.fromWebContents(sender);
  const shown =
    window === null
      ? electron.dialog.showOpenDialog(options)
      : electron.dialog.showOpenDialog(window, options);
  const { canceled, filePaths } = await shown;
  return canceled ? null : (filePaths[0] ?? null);
};

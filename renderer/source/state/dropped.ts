import { sourcePath } from '../../../main/api/contract.ts';
import type { Transport } from '../transport/transport.ts';

export type DroppedKind = 'file' | 'folder';

/** What a person dropped on the window: one file or folder, or why that is not taken. */
export type Dropped =
  | {
      readonly name: string;
      readonly kind: DroppedKind;
      /** Null in a browser, which tells no page where a file lies. */
      readonly path: string | null;
      /** What is in it; of a folder nothing. */
      readonly file: File;
    }
  | { readonly problem: string };

/** Text and links can be dragged, too: they are left to whatever is under them. */
export const carriesFiles = (transfer: DataTransfer | null): transfer is DataTransfer =>
  transfer?.types.includes('Files') === true;

/** To be called while the drop is handled: afterwards a browser has forgotten what was dropped. */
export const readDrop = (
  { items }: Pick<DataTransfer, 'items'>,
  { pathOf }: Pick<Transport, 'pathOf'>,
): Dropped => {
  const files = [...items].flatMap((item) => {
    const file = item.getAsFile();
    return file === null ? [] : [{ file, isFolder: item.webkitGetAsEntry()?.isDirectory === true }];
  });
  const [first, ...others] = files;
  if (first === undefined) return { problem: 'Nothing of what was dropped is a file or folder.' };
  if (others.length > 0) return { problem: `${files.length} things were dropped. Drop one.` };
  const { file, isFolder } = first;
  const said = pathOf?.(file) ?? null;
  const path = said === null ? null : sourcePath.safeParse(said);
  if (path?.success === false) return { problem: `“${file.name}” lies where the workbench can't read it.` };
  if (path === null && pathOf !== undefined)
    return { problem: `“${file.name}” lies on no disk. Save it first, and drop it from there.` };
  return { name: file.name, kind: isFolder ? 'folder' : 'file', path: path?.data ?? null, file };
};

const articles: Readonly<Record<DroppedKind, string>> = { file: 'a file', folder: 'a folder' };

/** Why something of the other kind is not taken. */
export const otherKind = ({ name, kind }: { name: string; kind: DroppedKind }, wanted: DroppedKind): string =>
  `“${name}” is ${articles[kind]}. Drop ${articles[wanted]}.`;

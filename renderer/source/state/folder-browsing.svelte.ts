import type { Folder, FolderEntry } from '../../../main/api/contract.ts';
import { messageOf, type Client } from '../transport/client.ts';

export interface FolderBrowsing {
  /** Undefined until one has come. The last one stays while the next is read, and where that can't be. */
  readonly folder: Folder | undefined;
  readonly error: string | undefined;
  readonly busy: boolean;
  /** The entry that keys and clicks are at. */
  readonly active: FolderEntry | undefined;
  readonly withHidden: boolean;
  /** From what stands in a field: the folder itself, or the nearest around it. */
  begin(path: string): Promise<void>;
  open(path: string): Promise<void>;
  up(): Promise<void>;
  showHidden(shown: boolean): Promise<void>;
  create(name: string): Promise<void>;
  /** By so many entries, not beyond the first or the last. */
  move(by: number): void;
  moveTo(entry: FolderEntry): void;
  /** To the next entry that begins with what was typed. */
  type(character: string, at: number): void;
}

/** Keys that follow one another sooner than this, in ms, spell one name. */
const patience = 800;

/**
 * A walk through the folders of the server's disk.
 * @param sought the name of what is looked for, where one is known: wherever there is one, the walk is at it
 */
export const createFolderBrowsing = (
  client: Client,
  sought: () => string | undefined = () => undefined,
): FolderBrowsing => {
  let folder = $state.raw<Folder>();
  let error = $state<string>();
  let busy = $state(false);
  let place = $state(-1);
  let withHidden = $state(false);
  let newest = 0;
  let typed = { text: '', at: 0 };

  const entries = (): readonly FolderEntry[] => folder?.entries ?? [];
  const placeOf = (path: string | undefined): number => entries().findIndex((entry) => entry.path === path);

  const placeOfName = (wanted: string | undefined): number =>
    entries().findIndex(({ name }) => name === wanted);

  /** @param comingFrom the entry to be at, where it is one */
  const list = async (path: string | undefined, comingFrom?: string, nearest = false): Promise<void> => {
    const mine = ++newest;
    busy = true;
    try {
      const listed = await client.call('folders.list', {
        hidden: withHidden,
        nearest,
        ...(path !== undefined && { path }),
      });
      if (mine !== newest) return;
      folder = listed;
      error = undefined;
      place = comingFrom === undefined ? placeOfName(sought()) : placeOf(comingFrom);
      typed = { text: '', at: 0 };
    } catch (thrown) {
      if (mine === newest) error = messageOf(thrown);
    } finally {
      if (mine === newest) busy = false;
    }
  };

  return {
    get folder() {
      return folder;
    },
    get error() {
      return error;
    },
    get busy() {
      return busy;
    },
    get active() {
      return entries()[place];
    },
    get withHidden() {
      return withHidden;
    },
    begin: async (path) => {
      await (path === '' ? list(undefined) : list(path, path, true));
      // What stands in the field may be no path at all.
      if (folder === undefined && error !== undefined) await list(undefined);
    },
    open: (path) => list(path),
    up: async () => {
      if (folder !== undefined && folder.parent !== null) await list(folder.parent, folder.path);
    },
    showHidden: async (shown) => {
      withHidden = shown;
      await list(folder?.path, entries()[place]?.path);
    },
    create: async (name) => {
      if (folder === undefined) return;
      const { path } = await client.call('folders.create', { directory: folder.path, name });
      await list(path);
    },
    move: (by) => {
      const last = entries().length - 1;
      // From nowhere, a step down is to the first and a step up to the last.
      const from = place === -1 && by < 0 ? last + 1 : place;
      place = Math.max(Math.min(from + by, last), Math.min(0, last));
    },
    moveTo: (entry) => (place = placeOf(entry.path)),
    type: (character, at) => {
      const text = (at - typed.at > patience ? '' : typed.text) + character.toLowerCase();
      typed = { text, at };
      // One letter again and again goes through the names that begin with it.
      const isOneLetter = [...text].every((letter) => letter === text[0]);
      const sought = isOneLetter ? text[0]! : text;
      const from = isOneLetter ? place + 1 : Math.max(place, 0);
      const order = [...entries().slice(from), ...entries().slice(0, from)];
      const found = order.find(({ name }) => name.toLowerCase().startsWith(sought));
      if (found !== undefined) place = placeOf(found.path);
    },
  };
};

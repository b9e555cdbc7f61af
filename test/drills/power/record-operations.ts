import fs from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { withReplacedFileSystem } from '../replace-file-system.ts';

/** What a program asked the system to change below a folder, in order. Paths are relative to it; files are told apart by a number of their own. */
export type Operation =
  | { readonly kind: 'create'; readonly path: string; readonly file: number }
  | { readonly kind: 'write'; readonly file: number; readonly offset: number; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly file: number; readonly length: number }
  | { readonly kind: 'sync'; readonly file: number }
  | { readonly kind: 'sync-folder'; readonly path: string }
  | { readonly kind: 'make-folder'; readonly path: string }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }
  | { readonly kind: 'link'; readonly from: string; readonly to: string }
  | { readonly kind: 'remove'; readonly path: string }
  /** What the program has told others by then. */
  | { readonly kind: 'mark'; readonly name: string };

/** What is at a path: a file by its number, a folder by null. */
export type Names = ReadonlyMap<string, number | null>;

export interface Recording {
  /** What was there before, all of it on the disk. */
  readonly names: Names;
  readonly contents: ReadonlyMap<number, Buffer>;
  readonly operations: readonly Operation[];
}

interface OpenFile {
  readonly path: string;
  readonly file: number;
  position: number;
}

type WriteBytes = [
  descriptor: number,
  bytes: Uint8Array,
  offset?: number,
  length?: number,
  position?: number | null,
];

/** At the file's own position. */
type WriteText = [descriptor: number, text: string];

const changing = /write|append|rename|link|rm|mkdir|mkdtemp|truncate|copy|cp$|cpSync/i;

/**
 * Does work while every change below a folder is written down. The changes are done as well.
 * @param directory what is there before counts as on the disk
 * @throws Error for a way of changing files that is not recorded: the list would have holes
 */
export const recordOperations = async (
  directory: string,
  work: (mark: (name: string) => void) => void | Promise<void>,
): Promise<Recording> => {
  const operations: Operation[] = [];
  const names = new Map<string, number | null>();
  const contents = new Map<number, Buffer>();
  for (const entry of fs.readdirSync(directory, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isDirectory()) names.set(relative(directory, path), null);
    else {
      names.set(relative(directory, path), contents.size);
      contents.set(contents.size, fs.readFileSync(path));
    }
  }
  const files = new Map([...names].flatMap(([path, file]) => (file === null ? [] : [[path, file] as const])));
  const open = new Map<number, OpenFile>();
  let next = contents.size;
  const original = { ...fs };

  /** Undefined for what is not below the folder. */
  const place = (path: fs.PathLike): string | undefined => {
    const found = relative(directory, String(path));
    return found === '..' || found.startsWith(`..${sep}`) ? undefined : found;
  };
  const fileAt = (path: string): number => {
    const known = files.get(path);
    if (known !== undefined) return known;
    files.set(path, next);
    return next++;
  };
  const moveNames = (from: string, to: string): void => {
    for (const [path, file] of [...files])
      if (path === from || path.startsWith(from + sep)) {
        files.delete(path);
        files.set(to + path.slice(from.length), file);
      }
  };
  const written = (descriptor: number, position: number | null, bytes: Buffer): void => {
    const found = open.get(descriptor);
    if (found === undefined) return;
    const offset = position ?? found.position;
    if (position === null) found.position += bytes.length;
    operations.push({ kind: 'write', file: found.file, offset, bytes });
  };
  const removeAll = (path: string, at: string): void => {
    const found = original.lstatSync(path, { throwIfNoEntry: false });
    if (found === undefined) return;
    if (found.isDirectory())
      for (const name of original.readdirSync(path)) removeAll(`${path}${sep}${name}`, `${at}${sep}${name}`);
    files.delete(at);
    operations.push({ kind: 'remove', path: at });
  };

  const recorded: Partial<typeof fs> = {
    openSync: (path, flags, mode) => {
      const at = place(path);
      const isThere = at !== undefined && original.existsSync(path);
      const descriptor = original.openSync(path, flags, mode);
      if (at === undefined) return descriptor;
      const kind = typeof flags === 'string' ? flags : 'r';
      const isFolder = original.fstatSync(descriptor).isDirectory();
      const isUnknown = isThere && !isFolder && !files.has(at);
      const file = fileAt(at);
      if (!isThere) operations.push({ kind: 'create', path: at, file });
      // Written by a library of its own, as SQLite does: it is there by now, and nothing is known of it being on the disk.
      if (isUnknown) {
        operations.push({ kind: 'create', path: at, file });
        operations.push({ kind: 'write', file, offset: 0, bytes: original.readFileSync(path) });
      }
      if (isThere && /^w\+?$/.test(kind)) operations.push({ kind: 'truncate', file, length: 0 });
      open.set(descriptor, {
        path: at,
        file,
        position: kind.startsWith('a') ? original.fstatSync(descriptor).size : 0,
      });
      return descriptor;
    },
    closeSync: (descriptor) => {
      open.delete(descriptor);
      original.closeSync(descriptor);
    },
    writeSync: ((...given: WriteBytes | WriteText) => {
      const count = (original.writeSync as (...all: unknown[]) => number)(...given);
      const [descriptor, data] = given;
      if (typeof data === 'string') written(descriptor, null, Buffer.from(data));
      else {
        const [, , offset = 0, , position = null] = given as WriteBytes;
        written(descriptor, position, Buffer.from(data.subarray(offset, offset + count)));
      }
      return count;
    }) as typeof fs.writeSync,
    fsyncSync: (descriptor) => {
      original.fsyncSync(descriptor);
      const found = open.get(descriptor);
      if (found === undefined) return;
      const isFolder = original.fstatSync(descriptor).isDirectory();
      operations.push(
        isFolder ? { kind: 'sync-folder', path: found.path } : { kind: 'sync', file: found.file },
      );
    },
    ftruncateSync: (descriptor, length) => {
      original.ftruncateSync(descriptor, length);
      const found = open.get(descriptor);
      if (found !== undefined) operations.push({ kind: 'truncate', file: found.file, length: length ?? 0 });
    },
    mkdirSync: ((path: fs.PathLike, options?: fs.MakeDirectoryOptions) => {
      if (options?.recursive === true && place(path) !== undefined)
        throw new Error(`mkdirSync(${String(path)}, recursive): not recorded`);
      const made = original.mkdirSync(path, options);
      const at = place(path);
      if (at !== undefined) operations.push({ kind: 'make-folder', path: at });
      return made;
    }) as typeof fs.mkdirSync,
    renameSync: (from, to) => {
      original.renameSync(from, to);
      const [a, b] = [place(from), place(to)];
      if (a === undefined && b === undefined) return;
      if (a === undefined || b === undefined)
        throw new Error(`renameSync(${String(from)}, ${String(to)}): into or out of the folder`);
      files.delete(b);
      moveNames(a, b);
      operations.push({ kind: 'rename', from: a, to: b });
    },
    linkSync: (from, to) => {
      original.linkSync(from, to);
      const [a, b] = [place(from), place(to)];
      if (a === undefined || b === undefined) return;
      files.set(b, fileAt(a));
      operations.push({ kind: 'link', from: a, to: b });
    },
    rmSync: (path, options) => {
      const at = place(path);
      if (at !== undefined) removeAll(String(path), at);
      original.rmSync(path, options);
    },
    unlinkSync: (path) => {
      const at = place(path);
      if (at !== undefined) removeAll(String(path), at);
      original.unlinkSync(path);
    },
    writeFileSync: ((path: fs.PathOrFileDescriptor, data: string | Uint8Array) => {
      const descriptor = fs.openSync(String(path), 'w');
      fs.writeSync(descriptor, bytesOf(data));
      fs.closeSync(descriptor);
    }) as typeof fs.writeFileSync,
    appendFileSync: (path: fs.PathOrFileDescriptor, data: string | Uint8Array) => {
      const descriptor = fs.openSync(String(path), 'a');
      fs.writeSync(descriptor, bytesOf(data));
      fs.closeSync(descriptor);
    },
  };
  /** Whatever else can change a file says so, instead of being missed. */
  const unknown = Object.fromEntries(
    Object.entries(original)
      .filter(([name, value]) => typeof value === 'function' && changing.test(name) && !(name in recorded))
      .map(([name, value]) => [
        name,
        (...given: unknown[]) => {
          const path = given.find((one) => typeof one === 'string' && place(one) !== undefined);
          if (path !== undefined && /Sync$/.test(name)) throw new Error(`${name}: not recorded`);
          return (value as (...all: unknown[]) => unknown)(...given);
        },
      ]),
  );

  await withReplacedFileSystem({ ...unknown, ...recorded }, () =>
    work((name) => operations.push({ kind: 'mark', name })),
  );
  return { names, contents, operations };
};

const bytesOf = (data: string | Uint8Array): Uint8Array =>
  typeof data === 'string' ? Buffer.from(data) : data;

export const folderOf = (path: string): string =>
  path === '' ? '' : dirname(path) === '.' ? '' : dirname(path);

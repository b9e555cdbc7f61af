import { chmodSync, lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { privateNames } from './private-names.ts';

/*
 * What a person trained, and the words that their data is made of, are nobody else's: another user of the machine neither reads nor lists them.
 */

const setGroupId = 0o2000;
const [ofOthers, ofGroupAndOthers] = [0o007, 0o077];

const ownFolders = ['runs', 'adapters', 'exports', 'templates', 'cache', 'backups', 'logs'];
const ownNames: ReadonlySet<string> = new Set([...ownFolders, ...Object.values(privateNames)]);

/** What the workbench makes at the top of a data directory, and what a crash leaves of it. */
const isOwn = (name: string): boolean =>
  ownNames.has(name) ||
  /^(workbench|queue-lock|work-lock)\.sqlite(-wal|-shm|-journal)?$/.test(name) ||
  /^\..+\.partial$|^\.nora-/.test(name);

/**
 * Takes from everybody but their owner the right to read what the workbench keeps in a data directory, and the directory itself, where nothing
 * else lies in it. A directory with the setgid bit is one that a person shares with a group on purpose: there the group keeps its rights. What
 * belongs to somebody else stays as it is, and so does everything on Windows, whose users have folders of their own.
 */
export const closeToOthers = (directory: string): void => {
  if (process.getuid === undefined) return;
  const names = readdirSync(directory);
  const forOthers = (lstatSync(directory).mode & setGroupId) !== 0 ? ofOthers : ofGroupAndOthers;
  const close = (path: string): void => closeOne(path, forOthers);
  for (const name of names.filter(isOwn)) close(join(directory, name));
  if (names.every(isOwn)) return close(directory);
  // Folders made later would be open to whoever may look into this one.
  for (const name of ownFolders) makeClosed(join(directory, name), forOthers);
};

const closeOne = (path: string, forOthers: number): void => {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined || found.isSymbolicLink() || found.uid !== process.getuid!()) return;
  if ((found.mode & forOthers) !== 0) tolerate(() => chmodSync(path, found.mode & 0o7777 & ~forOthers));
};

const makeClosed = (path: string, forOthers: number): void =>
  tolerate(() => mkdirSync(path, { mode: 0o777 & ~forOthers }));

/** Some disks keep no rights, and a folder may be there already. */
const tolerate = (work: () => void): void => {
  try {
    work();
  } catch {
    // as it was
  }
};

import { chmodSync, lstatSync, mkdirSync, readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isShared, makeFolderForGroup, setGroupId } from '../engine/formats/group-rights.ts';
import { isId } from './ids.ts';
import { namesIn } from './names-in.ts';
import { databaseFileOf } from './places.ts';
import { privateNames } from './private-names.ts';

/*
 * What a person trained, and the words that their data is made of, are nobody else's: another user of the machine neither reads nor lists them.
 */

/** Of a folder in which everybody may make things, such as /tmp. */
const sticky = 0o1000;
const [ofOthers, ofGroupAndOthers] = [0o007, 0o077];

const ownFolders = ['runs', 'adapters', 'exports', 'templates', 'cache', 'backups', 'logs'];
/** Of these, what lies in them is called by its id. */
const foldersById = ['runs', 'adapters'];
const ownFiles: ReadonlySet<string> = new Set(Object.values(privateNames));

const isOwnFile = (name: string): boolean =>
  ownFiles.has(name) ||
  /^(workbench|queue-lock|work-lock)\.sqlite(-wal|-shm|-journal)?$/.test(name) ||
  /^\..+\.partial$|^\.nora-/.test(name);

/** What the workbench makes at the top of a data directory, and what a crash leaves of it. */
const isOwn = (name: string): boolean => ownFolders.includes(name) || isOwnFile(name);

/** Rights that nobody is to have in a data directory: with the setgid bit it is one that a person shares with a group on purpose. */
const deniedIn = (directory: string): number =>
  (statSync(directory).mode & setGroupId) !== 0 ? ofOthers : ofGroupAndOthers;

/** The same for a file that is about to come into it. */
export const closeFile = (directory: string, path: string): void => {
  if (process.getuid !== undefined) closeOne(path, deniedIn(directory));
};

/**
 * Before a library is made or opened: takes from everybody but their owner the right to read what the workbench keeps in a data directory,
 * and the directory itself, where nothing else lies in it. In a folder that is shared on purpose the group keeps its rights. What
 * belongs to somebody else stays as it is, and so does everything on Windows, whose users have folders of their own.
 */
export const closeToOthers = (given: string): void => {
  if (process.getuid === undefined) return;
  // A data directory may be a link; what it leads to is what others would look into.
  const directory = realpathSync(given);
  const names = readdirSync(directory);
  const { mode } = lstatSync(directory);
  const forOthers = deniedIn(directory);
  const library = lstatSync(databaseFileOf(directory), { throwIfNoEntry: false });
  for (const name of names.filter(isOwnFile)) closeOne(join(directory, name), forOthers);
  // What rights there are was decided when the library was made.
  if (library !== undefined && (library.mode & forOthers) === 0) return;
  const isOursAlone = names.every(isOwn) && (library !== undefined || names.length === 0);
  // In a person's own folder `cache` or `logs` may be another program's: what only its name tells stays as it is.
  const isOurs = (name: string): boolean =>
    isOursAlone || (library !== undefined && holdsIds(directory, name));
  for (const name of names.filter(isOurs)) closeOne(join(directory, name), forOthers);
  if (isOursAlone && (mode & sticky) === 0) return closeOne(directory, forOthers);
  // Folders made later would be open to whoever may look into this one.
  for (const name of ownFolders) makeClosed(join(directory, name), forOthers);
};

/** In a folder that is shared: whichever member came first would else have made `runs` by their own umask. */
export const makeFoldersForGroup = (directory: string): void => {
  if (!isShared(directory)) return;
  for (const name of ownFolders) tolerate(() => makeFolderForGroup(join(directory, name), 0o700));
};

const holdsIds = (directory: string, name: string): boolean =>
  foldersById.includes(name) && namesIn(join(directory, name)).some(isId);

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

import { chmodSync, closeSync, existsSync, fchmodSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder } from './make-folder.ts';

/*
 * A folder with the setgid bit is one that a person shares with a group on purpose: what the workbench makes in it is the group's as far as the folder
 * is, whatever the umask, or one member could not go on with what another began. Elsewhere nothing is a group's.
 */

/** The bit of a folder's mode by which a person shares it with a group. */
export const setGroupId = 0o2000;
const ofGroup = 0o070;
/** No file of ours is run. */
const readAndWrite = 0o666;
const ownerOnly = 0o600;

/** What the group may do in a folder that is shared with it; else 0. */
const groupRightsIn = (folder: string): number => {
  const mode = statSync(folder, { throwIfNoEntry: false })?.mode ?? 0;
  return (mode & setGroupId) === 0 ? 0 : mode & ofGroup;
};

export const isShared = (folder: string): boolean => groupRightsIn(folder) !== 0;

/**
 * Makes an empty file that is its owner's alone, and its group's in a folder that is shared. One that is there stays as it is.
 * @throws the system's error
 */
export const makePrivateFile = (path: string): void => {
  if (existsSync(path)) return;
  const file = openSync(path, 'ax', ownerOnly);
  try {
    const rights = groupRightsIn(dirname(path)) & readAndWrite;
    if (rights !== 0) fchmodSync(file, ownerOnly | rights);
  } finally {
    closeSync(file);
  }
};

/**
 * As makeFolder; in a folder that is shared the group may do in the new one what it may in that. One that is there stays as it is.
 * @param mode elsewhere
 * @throws the system's error
 */
export const makeFolderForGroup = (path: string, mode?: number): void => {
  const wasThere = existsSync(path);
  makeFolder(path, mode);
  const rights = groupRightsIn(dirname(path));
  if (!wasThere && rights !== 0) chmodSync(path, (statSync(path).mode & 0o7777) | rights | setGroupId);
};

/** Has all that this process makes from now on be the group's as far as the folder is: for a process that writes nowhere else. */
export const makeAllForGroup = (folder: string): void => {
  const rights = groupRightsIn(folder);
  if (rights !== 0) process.umask(process.umask() & ~rights);
};

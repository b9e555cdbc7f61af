import { hubAddressAdvice, hubNameAdvice } from './hub-name.ts';

/** What people type or paste for a path, and what is said of what can't be one. Pure. */

/** The machine that a path is for. */
export interface Machine {
  readonly isWindows: boolean;
  readonly home: string;
}

/** To be read from, or written to. */
export type PathUse = 'source' | 'target';

/**
 * The path that a text means: without white space and one pair of quotes around it, `~` filled in, made of a file:// address. A text that
 * means none stays as it is. Without a machine, as in a browser, what takes one to know is left to the server.
 */
export const readPathText = (text: string, machine: Machine | null): string => {
  const bare = unquoted(text.trim());
  if (machine === null) return bare;
  return expandHome(fromFileUrl(bare, machine) ?? bare, machine);
};

/** Why a text that was read can't be a path; null where it can. Says what to type instead. */
export const pathRefusal = (path: string, use: PathUse, machine: Machine | null): string | null => {
  if (path === '') return 'expected a path, not ""';
  const shown = excerpt(path);
  if (path.includes('\0')) return `no path has a NUL character in it: ${shown}`;
  if (isWhole(path, machine)) return null;
  if (/^file:/i.test(path))
    return machine === null ? null : `${shown} is the address of no file here; ${typeWhole(machine)}`;
  const hub = hubAddressAdvice(path);
  if (hub !== null) return use === 'source' ? hub : `${shown} is a web address, and nothing is uploaded`;
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(path))
    return use === 'source'
      ? `${shown} is a web address, and the workbench downloads nothing: download it and give its path`
      : `${shown} is a web address, and nothing is uploaded`;
  if (path.startsWith('~')) return `${shown}: only ~ for your own home is filled in; ${typeWhole(machine)}`;
  if (machine?.isWindows === false && windowsPath.test(path))
    return `${shown} is a path of Windows, and the workbench runs on another system; ${typeWhole(machine)}`;
  const advice = use === 'source' ? hubNameAdvice(path) : null;
  return `expected a whole path, such as ${example(path, machine)}, not ${shown}${advice === null ? '' : `; ${advice}`}`;
};

/** `~` and `~/…`, as a shell fills them in. */
export const expandHome = (path: string, { isWindows, home }: Machine): string =>
  path === '~' || (isWindows ? /^~[\\/]/ : /^~\//).test(path) ? `${home}${path.slice(1)}` : path;

/** As Node's `fileURLToPath` reads it; null where it is none, or names no file of this machine. */
export const fromFileUrl = (text: string, { isWindows }: Machine): string | null => {
  const [, host = '', encoded] = /^file:\/\/([^/]*)(\/[^?#]*)/i.exec(text) ?? [];
  if (encoded === undefined || /%2f/i.test(encoded) || (isWindows && /%5c/i.test(encoded))) return null;
  const isLocal = host === '' || host.toLowerCase() === 'localhost';
  const path = decoded(encoded);
  if (path === null) return null;
  if (!isWindows) return isLocal ? path : null;
  const backslashed = path.replaceAll('/', '\\');
  if (!isLocal) return `\\\\${host}${backslashed}`;
  return /^\\[a-z]:\\/i.test(backslashed) ? backslashed.slice(1) : null;
};

const windowsPath = /^(?:[a-z]:[\\/]|[\\/]{2}[^\\/])/i;

/** Of Windows, one without a drive depends on where a program was started. */
const isWhole = (path: string, machine: Machine | null): boolean => {
  if (machine === null) return /^(?:\/|~$|~[\\/])/.test(path) || windowsPath.test(path);
  return machine.isWindows ? windowsPath.test(path) : path.startsWith('/');
};

const unquoted = (text: string): string => /^(["'])(.*)\1$/s.exec(text)?.[2]?.trim() ?? text;

const decoded = (text: string): string | null => {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
};

const typeWhole = (machine: Machine | null): string =>
  machine?.isWindows ? 'type the whole path, from the drive on' : 'type the whole path, from / on';

/** Where it would lie in the person's own home: the likeliest of all folders. */
const example = (path: string, machine: Machine | null): string => {
  const rest = path
    .replace(/^(?:\$HOME|\$\{HOME\}|%USERPROFILE%)(?=[\\/]|$)/i, '')
    .replace(/^[a-z]:/i, '')
    .replace(/^(?:\.{0,2}[\\/])+/, '')
    .replace(/^\.{1,2}$/, '');
  const separator = machine?.isWindows ? '\\' : '/';
  return rest === '' ? '~' : `~${separator}${rest.slice(0, longestShown)}`;
};

const longestShown = 120;
const excerpt = (text: string): string =>
  JSON.stringify(text.length > longestShown ? `${text.slice(0, longestShown)}…` : text);

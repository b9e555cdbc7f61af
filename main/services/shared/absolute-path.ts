import { z } from 'zod';
import { pathRefusal, readPathText, type Machine, type PathUse } from './path-text.ts';

/**
 * Where this runs. Null in a browser, which knows nothing of the server's disk: there paths are only held to what is wrong everywhere. Node is
 * asked for, not imported, since the contract has to run without it.
 */
export const thisMachine = (): Machine | null => {
  const { process } = globalThis as { readonly process?: NodeLike };
  const os = process?.getBuiltinModule?.('node:os');
  return os === undefined ? null : { isWindows: process?.platform === 'win32', home: os.homedir() };
};

interface NodeLike {
  readonly platform: string;
  readonly getBuiltinModule?: (name: 'node:os') => { readonly homedir: () => string };
}

/** A path that a call names, and what for. */
export interface NamedPath {
  readonly path: string;
  readonly use: PathUse;
}

let named: NamedPath[] | null = null;

/**
 * What `read` makes of a value, and every path that is in it: schemas tell of those that they meet, so that none has to be looked for.
 * @param read without waiting for anything
 */
export const withNamedPaths = <T>(
  read: () => T,
): { readonly result: T; readonly paths: readonly NamedPath[] } => {
  const around = named;
  const paths: NamedPath[] = [];
  named = paths;
  try {
    return { result: read(), paths };
  } finally {
    named = around;
  }
};

/**
 * A path of the machine that the workbench runs on. A relative one is refused: it would be taken from wherever the server was started, which
 * nobody at a form can know.
 */
const absolutePath = (use: PathUse, tell: (path: string) => void) =>
  z
    .string()
    .overwrite((text) => readPathText(text, thisMachine()))
    .refine(
      (path) => {
        tell(path);
        return pathRefusal(path, use, thisMachine()) === null;
      },
      { error: ({ input }) => pathRefusal(String(input), use, thisMachine()) ?? undefined },
    );

/** Something to read: a file or a folder. */
export const sourcePath = absolutePath('source', (path) => void named?.push({ path, use: 'source' }));

/** Something to write. */
export const targetPath = absolutePath('target', (path) => void named?.push({ path, use: 'target' }));

/** A folder to look into, which whoever looks holds to those that are shown. */
export const shownPath = absolutePath('source', () => undefined);

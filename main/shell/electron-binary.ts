import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** How to get what `electronBinary` looks for. Electron's package has no install script: this is its own command. */
export const installHint = 'npx install-electron';

const executables: Readonly<Record<string, string>> = {
  darwin: 'Electron.app/Contents/MacOS/Electron',
  win32: 'electron.exe',
};

/**
 * Path of Electron's executable, or null where it is not installed. `require('electron')` would start a download
 * instead; this only looks, in the same two places.
 */
export const electronBinary = (
  packageDirectory: string = dirname(createRequire(import.meta.url).resolve('electron/package.json')),
  override: string | undefined = process.env['ELECTRON_OVERRIDE_DIST_PATH'],
): string | null => {
  const pathFile = join(packageDirectory, 'path.txt');
  const named = existsSync(pathFile)
    ? readFileSync(pathFile, 'utf8')
    : (executables[process.platform] ?? 'electron');
  const binary = join(override ?? join(packageDirectory, 'dist'), named);
  return existsSync(binary) ? binary : null;
};

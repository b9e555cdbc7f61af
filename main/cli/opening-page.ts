import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileWhole } from '../engine/formats/atomic-file.ts';
import { privateNames } from '../services/folders/private-names.ts';

/**
 * A page in a private folder that leads a browser to an address. The address has a code in it, and what a program is started with, as the
 * system's opener, every user of the machine may read: so it is given this file's path.
 */
export const writeOpeningPage = (dataDirectory: string, url: string): string => {
  removeOpeningPage(dataDirectory);
  const folder = join(dataDirectory, privateNames.opening);
  mkdirSync(folder, { mode: 0o700 });
  const file = join(folder, 'workbench.html');
  writeFileWhole(file, pageTo(url), { mode: 0o600 });
  return file;
};

export const removeOpeningPage = (dataDirectory: string): void =>
  rmSync(join(dataDirectory, privateNames.opening), { recursive: true, force: true });

const pageTo = (url: string): string => `<!doctype html>
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0; url=${url}">
<title>NoRA Workbench</title>
<p><a href="${url}">NoRA Workbench</a></p>
`;

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const program = join(dirname(createRequire(import.meta.url).resolve('wuchale')), 'cli/index.js');

/**
 * Writes down the texts of the window as they now stand in its files. Before each build, since a text that is not in the catalogue
 * would be drawn as nothing.
 * @param folder of the window, which a bundled configuration can't know from where this file is
 * @throws where a file of the window can't be read
 */
export const writeTexts = (folder: string): void => {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [program, '--config', join(folder, 'texts.config.ts'), '--clean', '--log-level', 'error'],
    { encoding: 'utf8' },
  );
  if (status === 0) return;
  throw new Error(`The texts of the window could not be written down:\n${stdout}${stderr}`);
};

if (import.meta.main) {
  const folder = dirname(import.meta.dirname);
  const catalogues = ['markup', 'script'].map((part) => join(folder, 'texts', part, 'en.po'));
  const read = (): string[] => catalogues.map((path) => (existsSync(path) ? readFileSync(path, 'utf8') : ''));
  const before = read();
  writeTexts(folder);
  const hasChanged = read().some((text, at) => text !== before[at]);
  if (hasChanged && process.argv.includes('--check')) {
    console.error('The texts of the window were not written down. They are now: commit renderer/texts.');
    process.exitCode = 1;
  }
}

/** `npm start`: the desktop window, or the same workbench in a browser where Electron's binary is not installed. */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { buildWhereStale } from './build-stamp.ts';
import { electronBinary, installHint } from './electron-binary.ts';

const root = resolve(import.meta.dirname, '../..');
const extra = process.argv.slice(2);

const run = (command: string, parameters: string[]): number =>
  spawnSync(command, parameters, { cwd: root, stdio: 'inherit' }).status ?? 1;

/** `bin` of an installed package: spawned through Node, since Windows cannot start the .bin links. */
const binOf = (name: string, file: string): string =>
  join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), file);

const electron = electronBinary();
if (electron === null) {
  console.log(
    `Electron's binary is not installed (get it with: ${installHint}). Serving the workbench to your browser instead.`,
  );
  const built = buildWhereStale(root, {
    name: 'renderer',
    made: 'out/renderer/index.html',
    build: () => run(process.execPath, [binOf('vite', 'bin/vite.js'), 'build', '--logLevel', 'warn']),
  });
  process.exitCode =
    built === 0 ? run(process.execPath, ['main/cli/nora.ts', 'serve', '--open', ...extra]) : built;
} else {
  const built = buildWhereStale(root, {
    name: 'app',
    made: 'out/main/index.js',
    build: () => run(process.execPath, [binOf('electron-vite', 'bin/electron-vite.js'), 'build']),
  });
  process.exitCode = built === 0 ? run(electron, [root, ...extra]) : built;
}

/**
 * `node native/build.ts [--required]`: builds the addon with cargo into native/nora-native.node. The workbench runs without it,
 * so whatever is in the way is told in a line and is no failure, unless `--required` says that it is.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';

const directory = import.meta.dirname;
const required = process.argv.includes('--required');

/** What cargo names a C library on this platform. */
const libraries: Partial<Record<NodeJS.Platform, string>> = {
  win32: 'nora_native.dll',
  darwin: 'libnora_native.dylib',
};
const library = libraries[process.platform] ?? 'libnora_native.so';

const build = (): string | undefined => {
  const cargo = (...options: string[]): number | null =>
    spawnSync('cargo', options, { cwd: directory, stdio: ['ignore', 'ignore', 'inherit'] }).status;
  if (cargo('--version') !== 0) return 'cargo was not found';
  if (cargo('build', '--release', '--locked', '--quiet', '--target-dir', 'target') !== 0)
    return 'cargo could not build it';

  const target = join(directory, 'nora-native.node');
  copyFileSync(join(directory, 'target/release', library), `${target}.tmp`);
  renameSync(`${target}.tmp`, target);
  return undefined;
};

const problem = build();
if (problem)
  console.log(
    `native addon: ${problem}; ${required ? 'it is required' : 'the slower TypeScript twins serve instead'}`,
  );
else console.log('native addon: native/nora-native.node is built');
process.exitCode = problem && required ? 1 : 0;

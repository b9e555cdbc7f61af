import { spawnSync } from 'node:child_process';
import { globSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './paths.ts';

/** Something that tests need built, and what it is built from. */
interface Build {
  name: string;
  sources: string[];
  outputs: string[];
  command: string[];
}

const electronVite = join(root, 'node_modules/electron-vite/bin/electron-vite.js');

/** The renderer, which `nora serve` shows too, and the desktop app around it: once, so that no test builds under another. */
const app: Build = {
  name: 'the app',
  sources: ['{main,preload,renderer}/**/*.{ts,svelte,css,html,svg}', '*vite.config.ts', 'package-lock.json'],
  outputs: ['out/renderer/index.html', 'out/main/index.js', 'out/preload/index.cjs'],
  command: [electronVite, 'build', '--logLevel', 'warn'],
};

const native: Build = {
  name: 'the native addon',
  sources: ['native/src/**/*.rs', 'native/Cargo.*', 'native/build.*'],
  outputs: ['native/nora-native.node'],
  command: ['native/build.ts', ...(process.env['CI'] === 'true' ? ['--required'] : [])],
};

const times = (patterns: string[]): number[] =>
  globSync(patterns, { cwd: root }).map((path) => statSync(join(root, path)).mtimeMs);

const isCurrent = ({ sources, outputs }: Build): boolean => {
  const built = times(outputs);
  return built.length === outputs.length && Math.min(...built) >= Math.max(0, ...times(sources));
};

/** NORA_NATIVE=0 runs the tests without the addon, as on a machine without cargo. */
const wantsNative = (): boolean => process.env['NORA_NATIVE'] !== '0' && hasCargo();

const hasCargo = (): boolean => spawnSync('cargo', ['--version'], { stdio: 'ignore' }).status === 0;

const bring = (build: Build): boolean => {
  if (isCurrent(build)) return true;
  console.log(`Building ${build.name}…`);
  return spawnSync(process.execPath, build.command, { cwd: root, stdio: 'inherit' }).status === 0;
};

/** Builds what is missing or older than its sources. Returns what went wrong, one line each. */
export const buildForTests = (): string[] => {
  const problems: string[] = [];
  if (!bring(app)) problems.push('the app does not build');
  if (wantsNative() && !bring(native)) problems.push('the native addon does not build');
  return problems;
};

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { listPackage } from '@electron/asar';
import { Arch, build, Platform } from 'electron-builder';
import type { Configuration } from 'electron-builder';
import { parse } from 'yaml';
import { root } from '../support/paths.ts';

export const readBuilderConfiguration = (): Configuration =>
  parse(readFileSync(join(root, 'electron-builder.yml'), 'utf8')) as Configuration;

const fuseSentinel = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const fuseCount = 9;

/** A folder that electron-builder takes for Electron: an executable with nothing in it but a fuse wire, all off. */
const electronDouble = (folder: string): string => {
  mkdirSync(join(folder, 'resources'), { recursive: true });
  mkdirSync(join(folder, 'locales'));
  const wire = Buffer.from([1, fuseCount, ...Array<number>(fuseCount).fill(0x30)]);
  const executable = Buffer.concat([Buffer.from(`#!/bin/sh\n${fuseSentinel}`), wire]);
  writeFileSync(join(folder, 'electron'), executable, { mode: 0o755 });
  writeFileSync(join(folder, 'LICENSE'), '');
  return folder;
};

/** The fuse wire of a packaged executable: 1 on, 0 off, in the order of @electron/fuses. */
export const readFuses = (executable: string): string => {
  const bytes = readFileSync(executable);
  const start = bytes.indexOf(fuseSentinel) + fuseSentinel.length + 2;
  return bytes.subarray(start, start + fuseCount).toString();
};

/** Stand-ins for what electron-vite builds. */
const builtFiles = (folder: string): string => {
  for (const file of ['main/index.js', 'main/trainer.js', 'preload/index.cjs', 'renderer/index.html']) {
    mkdirSync(join(folder, file, '..'), { recursive: true });
    writeFileSync(join(folder, file), 'stand-in');
  }
  return folder;
};

/**
 * Packages the app for Linux with electron-builder.yml as it is, except that Electron is a double and the built files are
 * stand-ins. Returns the packaged folder and the files in its asar.
 */
export const packageDouble = async (folder: string, arch: 'x64' | 'arm64') => {
  const configuration = readBuilderConfiguration();
  const files = (configuration.files as string[]).filter((pattern) => !pattern.startsWith('out/'));
  const output = join(folder, 'dist');
  const changed: Configuration = {
    ...configuration,
    electronDist: electronDouble(join(folder, 'electron')),
    directories: { ...configuration.directories, output },
    files: [...files, { from: builtFiles(join(folder, 'out')), to: 'out', filter: ['**'] }],
  };
  // As a file: an object would be merged with the project's own electron-builder.yml.
  const file = join(folder, 'electron-builder.json');
  writeFileSync(file, JSON.stringify(changed));
  const targets = Platform.LINUX.createTarget('dir', Arch[arch]);
  await build({ projectDir: root, publish: 'never', targets, config: file });
  const app = join(output, arch === 'x64' ? 'linux-unpacked' : `linux-${arch}-unpacked`);
  const packed = listPackage(join(app, 'resources/app.asar'), { isPack: false });
  return { app, packed: packed.map((path) => path.replace(/^\//, '')) };
};

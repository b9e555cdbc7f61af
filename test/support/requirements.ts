import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';
import { describe, it } from 'vitest';
import { nativeStatus } from '../../main/engine/linear-algebra/native.ts';
import { electronBinary, installHint } from '../../main/shell/electron-binary.ts';
import { root } from './paths.ts';
import { skipTitle } from './skip-reason.ts';
import { softwareGpu } from './software-gpu.ts';

/** Things that a test may need and a machine may lack. */
export type Requirement =
  'chromium' | 'native' | 'electron' | 'goldens' | 'webgpu' | 'linux' | 'mlflow' | 'mounts' | 'users';

export interface Found {
  available: boolean;
  /** Where it is; empty when it is not available. */
  path: string;
  /** Why the tests that need it are skipped; empty when it is available. */
  reason: string;
}

/** Folder of golden files that lies beside the checkout on some machines; NORA_GOLDENS names another one. */
export const goldensDirectory = process.env['NORA_GOLDENS'] ?? join(root, '../shared/goldens');

const chromiumCandidates = [
  process.env['NORA_CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
].filter((path) => path !== undefined);

/** NORA_NATIVE=0 says that it is to be done without. */
const native = nativeStatus();

/** A program by its path, or by its name in one of the folders of PATH. */
const onPath = (name: string): string | undefined =>
  [name, ...(process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, name))].find(
    (path) => isAbsolute(path) && existsSync(path),
  );

const searches: Record<Requirement, { find: () => string | null | undefined; absent: string }> = {
  chromium: {
    find: () => chromiumCandidates.find(existsSync),
    absent: 'no Chromium or Chrome found; NORA_CHROMIUM can name one',
  },
  native: {
    find: () => (native.available ? native.path : null),
    absent: `${native.reason}; npm run build:native builds it, with cargo`,
  },
  electron: {
    find: () => electronBinary(),
    absent: `Electron's binary is not installed; ${installHint} fetches it`,
  },
  webgpu: {
    find: softwareGpu,
    absent:
      'no SwiftShader driver found (Debian ships it with chromium); NORA_SWIFTSHADER can name its vk_swiftshader_icd.json',
  },
  mlflow: {
    find: () => onPath(process.env['NORA_MLFLOW'] ?? 'mlflow'),
    absent: 'no mlflow found (pip install mlflow); NORA_MLFLOW can name one',
  },
  mounts: {
    // Of the test's own, in a namespace: needs no rights where the system lets users have one.
    find: () =>
      process.platform === 'linux' &&
      spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'tmpfs', '/tmp']).status === 0
        ? 'unshare'
        : null,
    absent: 'no mount namespaces for this user (Linux with unshare and user namespaces)',
  },
  users: {
    // Two that are not root, one after the other: rights hold nothing from root.
    find: () =>
      process.getuid?.() === 0 &&
      spawnSync(process.execPath, ['--eval', ''], { cwd: root, uid: 64_001, gid: 64_000 }).status === 0
        ? process.execPath
        : null,
    absent: 'only root can work as other users, and they must reach these files',
  },
  linux: {
    find: () => (process.platform === 'linux' ? process.platform : null),
    absent: `this is ${process.platform}`,
  },
  goldens: {
    find: () => (existsSync(goldensDirectory) ? goldensDirectory : null),
    absent: `${goldensDirectory} is not there`,
  },
};

export const requirement = (name: Requirement): Found => {
  const path = searches[name].find();
  return path
    ? { available: true, path, reason: '' }
    : { available: false, path: '', reason: searches[name].absent };
};

/**
 * How often a test that fails is tried once more. On a CI machine a browser and all that it talks to share two cores with the other tests, and
 * what takes longer than a wait allows is no fault of the window. The run's summary names each test that needed it.
 */
const retries: Partial<Record<Requirement, number>> = process.env['CI'] === 'true' ? { chromium: 1 } : {};

/**
 * `describe` for tests that need something: without it they are skipped, and the title tells why, so that the run's
 * summary can. `describeWith('chromium', 'the live run', ({ path }) => …)`
 */
export const describeWith = (name: Requirement, title: string, body: (found: Found) => void): void => {
  const found = requirement(name);
  if (found.available) describe(title, { retry: retries[name] ?? 0 }, () => body(found));
  else describe.skip(skipTitle(title, name, found.reason), () => body(found));
};

/** The same for one test. */
export const itWith = (name: Requirement, title: string, body: (found: Found) => void): void => {
  const found = requirement(name);
  if (found.available) it(title, () => body(found));
  else it.skip(skipTitle(title, name, found.reason), () => body(found));
};

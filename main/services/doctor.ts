import { existsSync, statfsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { isCutOff } from '../engine/linear-algebra/cut-off-library.ts';
import { nativeStatus } from '../engine/linear-algebra/native.ts';
import type { ViewedFor } from '../store/read-only.ts';
import type { Store } from '../store/store.ts';
import { viewingText } from './shared/viewing.ts';
import type { Doctor } from './shared/entities.ts';
import { deviceNames } from '../engine/runtime/device-names.ts';
import { libraryPath } from '../engine/runtime/library-path.ts';
import type { Devices } from './devices/devices.ts';
import type { Ownership } from './shared/ownership.ts';

type Check = Doctor['checks'][number];

export interface DoctorContext {
  readonly version: string;
  readonly dataDirectory: string;
  readonly store: Store;
  readonly ownership: Ownership;
  readonly devices: Devices;
  /** Why the sample could not be registered; undefined where none was asked for. */
  readonly sampleProblem: string | null | undefined;
}

/** Looks at everything the workbench stands on. What is absent is optional; what has failed is not. */
export const examine = async (context: DoctorContext): Promise<Doctor> => {
  const onnxRuntime = await onnxRuntimeCheck();
  return {
    version: context.version,
    dataDirectory: context.dataDirectory,
    checks: [
      check('Node.js', 'ok', `${process.versions.node} on ${process.platform} ${process.arch}`),
      onnxRuntime,
      nativeCheck(),
      await fusedCheck(onnxRuntime),
      check('SQLite', 'ok', context.store.sqliteVersion()),
      diskCheck(context.dataDirectory),
      ...deviceChecks(context.devices),
      context.store.viewedFor === null
        ? queueCheck(context.ownership)
        : viewingCheck(context.dataDirectory, context.store.viewedFor),
      ...sampleChecks(context.sampleProblem),
      electronCheck(),
    ],
  };
};

const check = (name: string, status: Check['status'], detail: string, hint: string | null = null): Check => ({
  name,
  status,
  detail,
  hint,
});

const onnxRuntimeCheck = async (): Promise<Check> => {
  try {
    const library = libraryPath();
    if (existsSync(library) && isCutOff(library))
      return check('ONNX Runtime', 'failed', `${library} is cut off`, 'install the packages again: npm ci');
    // Loaded here and not above: the workbench itself has no use for it, its trainers do.
    const { onnxRuntimeEnvironment } = await import('../engine/runtime/session.ts');
    return check(
      'ONNX Runtime',
      'ok',
      onnxRuntimeEnvironment.versions.node ?? onnxRuntimeEnvironment.versions.common,
    );
  } catch (error) {
    const [reason = ''] = String(error instanceof Error ? error.message : error).split('\n');
    return check('ONNX Runtime', 'failed', reason, 'install the packages again: npm ci');
  }
};

const nativeCheck = (): Check => {
  const { available, path, reason } = nativeStatus();
  if (available) return check('native kernels', 'ok', path ?? 'loaded');
  return check(
    'native kernels',
    'absent',
    reason ?? 'not loaded',
    'optional, makes training and decompositions faster: npm run build:native',
  );
};

const fusedCheck = async (onnxRuntime: Check): Promise<Check> => {
  if (onnxRuntime.status === 'failed')
    return check('fused operators', 'absent', 'they need ONNX Runtime', onnxRuntime.hint);
  const { nativeRuntimeStatus } = await import('../engine/runtime/native-runtime.ts');
  const status = nativeRuntimeStatus();
  if (status.available)
    return check('fused operators', 'ok', `${status.operators.join(', ')} in ONNX Runtime ${status.version}`);
  return check(
    'fused operators',
    'absent',
    status.reason,
    'optional, makes steps on the CPU faster: they need the native kernels',
  );
};

const comfortableBytes = 2 ** 30;

const diskCheck = (directory: string): Check => {
  const { bavail, bsize } = statfsSync(directory);
  const free = bavail * bsize;
  const detail = `${(free / 2 ** 30).toFixed(1)} GiB free for ${directory}`;
  if (free >= comfortableBytes) return check('disk space', 'ok', detail);
  return check('disk space', 'failed', detail, 'checkpoints and merged weights need room: free some space');
};

/** What is known. Trying a device takes seconds, and the doctor is asked for a quick look. */
const deviceChecks = (devices: Devices): Check[] =>
  deviceNames
    .filter((name) => name !== 'cpu')
    .map((name) => {
      const report = devices.known(name);
      if (report === null)
        return check(
          name,
          'absent',
          'not tried in this session',
          'the Devices page and `nora devices` try it',
        );
      return check(report.label, report.usable ? 'ok' : 'absent', report.detail, report.hint);
    });
const viewingCheck = (dataDirectory: string, viewedFor: ViewedFor): Check =>
  check(
    'run queue',
    'absent',
    viewingText(dataDirectory, viewedFor),
    viewedFor === 'full'
      ? 'to work with it, make room: `nora storage --clear cache` is one way'
      : 'to work with it, see that its disk takes writes and that the folder is yours to write',
  );
const queueCheck = ({ held }: Ownership): Check =>
  held
    ? check('run queue', 'ok', 'this process runs it')
    : check('run queue', 'ok', 'another process runs it: here runs can be looked at, not started');

const sampleChecks = (problem: string | null | undefined): Check[] => {
  if (problem === undefined) return [];
  if (problem === null) return [check('sample', 'ok', 'model and dataset are in the library')];
  return [check('sample', 'failed', problem, 'it ships with the program: install it again')];
};

const electronCheck = (): Check => {
  const { electron } = process.versions;
  if (electron !== undefined) return check('Electron', 'ok', electron);
  const hint = 'only the desktop window needs it: npx install-electron';
  try {
    const { resolve } = createRequire(import.meta.url);
    const isInstalled = existsSync(join(dirname(resolve('electron/package.json')), 'path.txt'));
    return isInstalled
      ? check('Electron', 'ok', 'installed')
      : check('Electron', 'absent', 'its binary is not installed', hint);
  } catch {
    return check('Electron', 'absent', 'not installed', hint);
  }
};

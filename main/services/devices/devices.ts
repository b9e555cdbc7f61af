import { WorkbenchError } from '../../engine/errors.ts';
import { deviceNames, type DeviceName } from '../../engine/runtime/device-names.ts';
import { devices } from '../../engine/runtime/devices.ts';
import type { SpawnTrainer } from '../../trainer/process/trainer-process.ts';
import type { DeviceReport } from '../shared/entities.ts';
import { startTrainerJob, type JobEnd } from '../trainer-jobs/trainer-job.ts';
import { setAwakeTimeout } from '../shared/awake.ts';

export interface Devices {
  /** What is known; devices that were not tried yet are tried first. */
  readonly list: () => Promise<DeviceReport[]>;
  /** Tries every device again. */
  readonly probe: () => Promise<DeviceReport[]>;
  /** What is known without trying; null where nothing is. */
  readonly known: (name: DeviceName) => DeviceReport | null;
  /** @throws WorkbenchError `unsupported` with the reason where the device is known not to work */
  readonly refuseUnusable: (name: DeviceName) => void;
}

export interface DevicesOptions {
  readonly platform?: NodeJS.Platform;
  readonly probeMilliseconds?: number;
}

const platformNames: Partial<Record<NodeJS.Platform, string>> = {
  linux: 'Linux',
  darwin: 'macOS',
  win32: 'Windows',
};
const platformName = (platform: NodeJS.Platform): string => platformNames[platform] ?? platform;

const describeEnd = (end: JobEnd): string => {
  if (end.type === 'failed' || end.type === 'died') return end.message;
  return `the probe ended with "${end.type}"`;
};

/** Which devices work here: found out once a session, each by a few training steps in a process of its own that may die or hang. */
export const createDevices = (
  spawn: SpawnTrainer,
  { platform = process.platform, probeMilliseconds = 60_000 }: DevicesOptions = {},
): Devices => {
  const reports = new Map<DeviceName, DeviceReport>();
  let probing: Promise<DeviceReport[]> | undefined;

  const elsewhere = (name: DeviceName): DeviceReport | null => {
    const { label, platforms } = devices[name];
    if (platforms.includes(platform)) return null;
    const where = platforms.map(platformName).join(', ');
    const detail = `only on ${where}; this is ${platformName(platform)}`;
    return { name, label, usable: false, detail, hint: null };
  };

  const tryOut = (name: DeviceName): Promise<DeviceReport> =>
    new Promise((resolve) => {
      const { label, hint } = devices[name];
      let timedOut = false;
      const limit = setAwakeTimeout(() => {
        timedOut = true;
        job.kill();
      }, probeMilliseconds);
      const job = startTrainerJob(
        spawn,
        { type: 'probe', device: name },
        {
          onNews: () => undefined,
          onEnd: (end) => {
            limit.clear();
            if (end.type === 'probed') {
              const detail = `works: three training steps in ${end.seconds.toFixed(1)} s, as on the CPU`;
              return resolve({ name, label, usable: true, detail, hint: null });
            }
            const detail = timedOut
              ? `did not finish a training step within ${probeMilliseconds / 1000} s`
              : describeEnd(end).replace(`${label}: `, '');
            resolve({ name, label, usable: false, detail, hint });
          },
        },
      );
    });

  /** One after the other: two drivers at once could blame each other. */
  const probeAll = async (): Promise<DeviceReport[]> => {
    const found: DeviceReport[] = [];
    for (const name of deviceNames) found.push(elsewhere(name) ?? (await tryOut(name)));
    for (const report of found) reports.set(report.name, report);
    return found;
  };
  const probe = (): Promise<DeviceReport[]> => (probing ??= probeAll().finally(() => (probing = undefined)));
  const known = (name: DeviceName): DeviceReport | null => reports.get(name) ?? elsewhere(name);

  return {
    list: () => (reports.size === deviceNames.length ? Promise.resolve([...reports.values()]) : probe()),
    probe,
    known,
    refuseUnusable: (name) => {
      const report = known(name);
      if (report === null || report.usable) return;
      const hint = report.hint === null ? '' : ` (needed: ${report.hint})`;
      throw new WorkbenchError(
        'unsupported',
        `training.device: ${report.label} cannot be used here: ${report.detail}${hint}`,
      );
    },
  };
};

import { availableParallelism, cpus, totalmem } from 'node:os';
import { deviceNames } from '../../engine/runtime/device-names.ts';
import type { Devices } from '../devices/devices.ts';
import { availableMemory } from '../memory/available-memory.ts';
import type { Store } from '../../store/store.ts';
import { viewingText } from '../shared/viewing.ts';
import { diskOf } from '../storage/disk.ts';
import type { Machine } from './machine-schema.ts';

interface MachineContext {
  readonly dataDirectory: string;
  readonly devices: Pick<Devices, 'known'>;
  readonly store: Pick<Store, 'viewedFor'>;
}

/** Less than the machine's where a control group sets a limit. */
const totalMemory = (): number => Math.min(totalmem(), process.constrainedMemory() || Infinity);

/** What the window's first page tells of the machine: nothing that takes more than a moment to find out. */
export const createMachineService = ({ dataDirectory, devices, store }: MachineContext) => ({
  async show(): Promise<Machine> {
    return {
      processor: cpus()[0]?.model.trim() || null,
      threads: availableParallelism(),
      memory: { totalBytes: totalMemory(), availableBytes: availableMemory() },
      disk: await diskOf(dataDirectory),
      viewing: store.viewedFor && viewingText(dataDirectory, store.viewedFor),
      devices: deviceNames.flatMap((name) => devices.known(name) ?? []),
    };
  },
});

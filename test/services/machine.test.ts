import { statfsSync } from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { expect, it } from 'vitest';
import { machineSchema } from '../../main/services/machine/machine-schema.ts';
import { createMachineService } from '../../main/services/machine/machine.ts';
import type { DeviceReport } from '../../main/services/shared/entities.ts';

const webgpu: DeviceReport = { name: 'webgpu', label: 'WebGPU', usable: true, detail: 'works', hint: null };

it('tells what the system tells, and of devices what is known already', async () => {
  const service = createMachineService({
    dataDirectory: tmpdir(),
    devices: { known: (name) => (name === 'webgpu' ? webgpu : null) },
    store: { viewedFor: null },
  });
  const machine = machineSchema.parse(await service.show());
  expect(machine.processor).toBe(cpus()[0]?.model.trim() || null);
  expect(machine.threads).toBeGreaterThan(0);
  expect(machine.memory.totalBytes).toBeLessThanOrEqual(totalmem());
  expect(machine.memory.availableBytes).toBeLessThanOrEqual(machine.memory.totalBytes);
  const { bavail, bsize } = statfsSync(tmpdir());
  expect(machine.disk.directory).toBe(tmpdir());
  expect(Math.abs(machine.disk.freeBytes / (bavail * bsize) - 1)).toBeLessThan(0.05);
  expect(machine.devices).toEqual([webgpu]);
  expect(machine.viewing).toBe(null);
});

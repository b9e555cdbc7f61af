import { availableParallelism, cpus, totalmem } from 'node:os';

/** The machine that something was measured on. */
export const machineDocument = () => ({
  processor: cpus()[0]?.model.trim() ?? 'unknown',
  logicalCores: availableParallelism(),
  memoryMB: Math.round(totalmem() / 1e5) / 10,
  platform: `${process.platform} ${process.arch}`,
});

import type { MachineLimits } from '../../protocol/profile-schema.ts';
import { measureGemmPeak } from '../gemm-peak.ts';
import { measureMemoryBandwidth } from './memory-bandwidth.ts';

/** What this machine does at most in as many threads. */
export const measureLimits = async (threads: number | null): Promise<MachineLimits> => ({
  flopRate: await measureGemmPeak(threads),
  bytesPerSecond: await measureMemoryBandwidth(threads),
});

import type { ProcessLimits } from './trainer-process.ts';

/**
 * Flags that a trainer's JavaScript runs under. Describing a graph makes much that dies young; the default lets its space grow to
 * 110 MB, which stay while the weights are trained. 4 MB cost no time (docs/performance.md). What a graph's description leaves of the
 * rest is given back when its session is open (engine/runtime/give-back.ts), for which the collector has to be at hand.
 */
const heapFlags: readonly string[] = ['--max-semi-space-size=4', '--expose-gc'];

/** @param heapMegabytes what objects and texts may take; the default is a part of the machine's memory */
export const heapFlagsFor = ({ heapMegabytes }: ProcessLimits): string[] => [
  ...heapFlags,
  ...(heapMegabytes === undefined ? [] : [`--max-old-space-size=${heapMegabytes}`]),
];

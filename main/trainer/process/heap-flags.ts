/**
 * Flags that a trainer's JavaScript runs under. Describing a graph makes much that dies young; the default lets its space grow to
 * 110 MB, which stay while the weights are trained. 4 MB cost no time (docs/performance.md).
 */
export const heapFlags: readonly string[] = ['--max-semi-space-size=4'];

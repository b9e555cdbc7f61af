/**
 * How the GNU C library's heap should behave in a trainer. ONNX Runtime asks for aligned blocks, each a little larger than what it
 * keeps; the cut-off ends, taken by small objects that live long, keep the holes between tensors from being used again. Without
 * the two caches for small blocks the ends join their neighbours: a step of SmolLM2-135M (4 x 256 tokens, six labels a row) peaks at
 * 2.41 GB instead of 2.83 to 2.99 GB, in the same 1.61 s. The thresholds (the largest the library takes) keep freed memory for the
 * next step; giving it back costs 0.4 s a step.
 */
const tunables = {
  tcache_count: 0,
  mxfast: 0,
  mmap_threshold: 32 * 2 ** 20,
  trim_threshold: 2 ** 36,
};

/** The environment to start a trainer in. What the user has set stays; other systems ignore the variable. */
export const allocatorEnvironment = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...environment,
  GLIBC_TUNABLES: [
    ...Object.entries(tunables).map(([name, value]) => `glibc.malloc.${name}=${value}`),
    ...(environment['GLIBC_TUNABLES'] ? [environment['GLIBC_TUNABLES']] : []),
  ].join(':'),
});

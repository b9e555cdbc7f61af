/**
 * How the GNU C library's heap should behave in a trainer. ONNX Runtime asks for aligned blocks, each a little larger than what it
 * keeps; the cut-off ends, taken by small objects that live long, keep the holes between tensors from being used again. Without
 * the two caches for small blocks the ends join their neighbours. What is larger than 256 KiB is mapped and given back whole:
 * the tensors of a step live in an arena, so this costs no time and saves 25 to 55 MB; small blocks stay for the next step.
 * Large blocks ask the kernel for huge pages, where it gives them to who asks: weights are read once for each token, and the
 * table of small pages is as much to look up as they are to read (docs/generation.md).
 */
const tunables = {
  tcache_count: 0,
  mxfast: 0,
  mmap_threshold: 2 ** 18,
  trim_threshold: 2 ** 36,
  hugetlb: 1,
};

/** The environment to start a trainer in. What the user has set stays; other systems ignore the variable. */
export const allocatorEnvironment = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv => ({
  ...environment,
  GLIBC_TUNABLES: [
    ...Object.entries(tunables).map(([name, value]) => `glibc.malloc.${name}=${value}`),
    ...(environment['GLIBC_TUNABLES'] ? [environment['GLIBC_TUNABLES']] : []),
  ].join(':'),
});

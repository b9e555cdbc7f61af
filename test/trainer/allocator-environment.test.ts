import { expect, it } from 'vitest';
import { allocatorEnvironment } from '../../main/trainer/process/allocator-environment.ts';

it("adds the heap's settings and lets the user's come last, where they win", () => {
  expect(allocatorEnvironment({ HOME: '/home' })).toEqual({
    HOME: '/home',
    GLIBC_TUNABLES:
      'glibc.malloc.tcache_count=0:glibc.malloc.mxfast=0:glibc.malloc.mmap_threshold=262144:glibc.malloc.trim_threshold=68719476736:glibc.malloc.hugetlb=1',
  });
  expect(allocatorEnvironment({ GLIBC_TUNABLES: 'glibc.malloc.tcache_count=7' }).GLIBC_TUNABLES).toMatch(
    /tcache_count=0:.*:glibc\.malloc\.tcache_count=7$/,
  );
});

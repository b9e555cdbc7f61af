import { totalmem } from 'node:os';
import { expect, test } from 'vitest';
import { availableMemory, availableOfVmStat } from '../../main/services/memory/available-memory.ts';

test('there is some memory, and no more than the machine has', () => {
  expect(availableMemory()).toBeGreaterThan(1e6);
  expect(availableMemory()).toBeLessThanOrEqual(totalmem());
});

test('on macOS pages that hold copies of files count as available', () => {
  const text = `Mach Virtual Memory Statistics: (page size of 16384 bytes)
Pages free:                               10000.
Pages active:                            500000.
Pages inactive:                          400000.
Pages speculative:                         2000.
Pages wired down:                        100000.
Pages purgeable:                           1000.
`;
  expect(availableOfVmStat(text)).toBe(16384 * (10_000 + 400_000 + 2000 + 1000));
  expect(availableOfVmStat('vm_stat: no such thing')).toBeNull();
});

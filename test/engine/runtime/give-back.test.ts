import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'vitest';
import { heapFlagsFor } from '../../../main/trainer/process/heap-flags.ts';
import { root } from '../../support/paths.ts';
import { itWith } from '../../support/requirements.ts';

/** Megabytes that are resident once a million objects are garbage: collected as usual, and given back. */
const script = `
  const { giveBackUnused } = await import(${JSON.stringify(join(root, 'main/engine/runtime/give-back.ts'))});
  const resident = () => process.memoryUsage.rss() / 1e6;
  let objects = Array.from({ length: 1e6 }, (_, at) => ({ at, name: 'v' + at }));
  objects = null;
  globalThis.gc();
  const collected = resident();
  giveBackUnused();
  console.log(JSON.stringify({ collected, left: resident() }));
`;

itWith('linux', 'a trainer gives back what describing a graph left on its heap', () => {
  const said = execFileSync(process.execPath, [...heapFlagsFor({}), '--input-type=module', '-e', script], {
    encoding: 'utf8',
  });
  const { collected, left } = JSON.parse(said) as Record<'collected' | 'left', number>;
  expect(collected - left).toBeGreaterThan(40);
});

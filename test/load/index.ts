/**
 * `npm run load -- [NAME ...]`: asks much of a real `nora serve`, a load at a time on a data directory of its own, and prints what was measured
 * (docs/reliability.md). All of them where none is named; on Linux, as memory is read from /proc.
 */
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRealWorkbench, type RealWorkbench } from '../e2e/real-workbench.ts';
import { arms } from './arms.ts';
import { day } from './day.ts';
import { eventClients } from './clients.ts';
import type { Line, Load } from './load.ts';
import { timed } from './measure.ts';
import { model } from './model.ts';
import { queue } from './queue.ts';
import { windows } from './windows.ts';

const loads: readonly Load[] = [queue, eventClients, windows, model, arms, day];

const bear = async (load: Load): Promise<Line[]> => {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'nora-load-')));
  const path = (...names: string[]): string => join(directory, ...names);
  const start = (): Promise<RealWorkbench> => startRealWorkbench(path('data'), { folders: [directory] });
  const context = {
    workbench: await start(),
    path,
    restart: async () => {
      await context.workbench.stop();
      const [workbench, milliseconds] = await timed(start);
      context.workbench = workbench;
      return milliseconds;
    },
  };
  try {
    return await load.run(context);
  } finally {
    await context.workbench.stop();
    rmSync(directory, { recursive: true, force: true });
  }
};

const names = process.argv.slice(2);
const unknown = names.find((name) => !loads.some((load) => load.name === name));
if (unknown !== undefined)
  throw new Error(`there is no load "${unknown}"; there are ${loads.map(({ name }) => name).join(', ')}`);

console.log(`${cpus()[0]?.model}, ${cpus().length} cores`);
for (const load of loads.filter(({ name }) => names.length === 0 || names.includes(name))) {
  console.log(`\n${load.name}: ${load.what}`);
  for (const [what, measured] of await bear(load)) console.log(`  ${what.padEnd(44)} ${measured}`);
}

/** `node test/bench/integrity.ts 2000 1000`: the seconds that a check takes of a library of so many runs of so many steps, and the longest block. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createWorld, createExperiment } from '../services/test-world.ts';
import { watchLoop } from '../services/reading/loop-watch.ts';
import { openEventLog } from '../../main/trainer/run/event-log.ts';
import { createId } from '../../main/store/ids.ts';
import { openStore } from '../../main/store/store.ts';

const [runs = 2000, steps = 1000] = process.argv.slice(2).map(Number);
const temporary = mkdtempSync(join(tmpdir(), 'nora-bench-'));
process.env['TMPDIR'] = temporary;
const world = createWorld();
const workbench = world.open();
await world.stock(workbench);
const model = (await createExperiment(workbench)).runs[0]!;
const store = openStore(workbench.dataDirectory);
const one = store.runs.find(model.id)!;
const metrics = Array.from({ length: steps }, (_, at) => [
  { step: at + 1, name: 'train/loss', value: 3 / (at + 1) },
  { step: at + 1, name: 'train/gradient_norm', value: 1 / (at + 1) },
]);
for (let run = 0; run < runs; run++) {
  const id = createId();
  const {
    experimentId: _,
    configuration: __,
    summary: ___,
    latest: ____,
    adapterId: _____,
    ...columns
  } = one;
  const directory = join(workbench.dataDirectory, 'runs', id);
  mkdirSync(directory, { recursive: true });
  const log = openEventLog(directory, { goesOn: false });
  log.append({ type: 'planned', steps });
  for (const ofStep of metrics) log.append({ type: 'metrics', metrics: ofStep });
  log.close();
  store.transaction(() => {
    store.runs.insert({ ...columns, id, status: 'completed', step: steps, steps });
    store.metrics.insert(id, metrics.flat());
  });
}
store.close();
const watch = watchLoop();
await watch.longestBlock();
const began = performance.now();
workbench.integrity.check();
const { findings } = await workbench.waitForIntegrity();
const seconds = (performance.now() - began) / 1000;
console.log(
  `${runs} runs of ${steps} steps, ${runs * steps * 2} values: ${seconds.toFixed(1)} s, ${findings.length} findings, longest block ${(await watch.longestBlock()).toFixed(0)} ms`,
);
watch.end();
await workbench.close();
world.remove();
rmSync(temporary, { recursive: true, force: true });

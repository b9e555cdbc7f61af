/**
 * `node test/bench/metric-points.ts [--points 10000000]`: what a chart of a very long run takes (docs/reliability.md). Writes the points through the
 * real store, then asks for ranges of every length on both axes.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createRandom } from '../../main/engine/random.ts';
import { createMetricSeries } from '../../main/services/runs/metric-series.ts';
import { metricSeriesParameters } from '../../main/services/shared/metric-series.ts';
import { openDatabase } from '../../main/store/open-database.ts';
import { databaseFileOf } from '../../main/store/places.ts';
import { createStore } from '../../main/store/store.ts';

const { values: options } = parseArgs({ options: { points: { type: 'string', default: '10000000' } } });
const names = ['train/loss', 'train/step_seconds', 'train/gradient_norm', 'train/learning_rate'];
const steps = Math.floor(Number(options.points) / names.length);
const secondsPerStep = 0.035;
const runId = 'long';

const quantile = (values: readonly number[], part: number): number =>
  values.toSorted((a, b) => a - b)[Math.floor(part * (values.length - 1))] ?? 0;
const tell = (what: string, value: string): void => console.log(`${what.padEnd(44)} ${value}`);

const directory = mkdtempSync(join(tmpdir(), 'nora-points-'));
try {
  const database = openDatabase(directory);
  database.pragma('foreign_keys = OFF'); // a run of no experiment
  const store = createStore(database, directory);
  console.log(`${cpus()[0]?.model}, ${cpus().length} cores; ${steps} steps of ${names.length} metrics`);

  const random = createRandom(1);
  const valueOf = (name: string, step: number): number =>
    name === 'train/step_seconds'
      ? secondsPerStep * (0.9 + 0.2 * random.uniform())
      : 2 + 1000 / (step + 100) + 0.1 * random.normal();
  const began = performance.now();
  for (let from = 1; from <= steps; from += 10_000) {
    const some = Array.from({ length: Math.min(10_000, steps - from + 1) }, (_, index) => from + index);
    store.metrics.insert(
      runId,
      some.flatMap((step) => names.map((name) => ({ step, name, value: valueOf(name, step) }))),
    );
  }
  tell('written', `${((performance.now() - began) / 1000).toFixed(1)} s`);
  database.pragma('wal_checkpoint(TRUNCATE)');
  const bytes = statSync(databaseFileOf(directory)).size;
  tell(
    'the library',
    `${(bytes / 2 ** 20).toFixed(0)} MiB, ${(bytes / (steps * names.length)).toFixed(1)} bytes a point`,
  );

  const series = createMetricSeries(store.metrics, () => undefined);
  for (const axis of ['step', 'seconds'] as const)
    for (const part of [1, 0.3, 0.1, 0.03, 0.01, 0.003, 0.001]) {
      const times: number[] = [];
      for (let round = 0; round < 20; round++) {
        const scale = axis === 'step' ? steps : steps * secondsPerStep;
        const from = (1 - part) * random.uniform() * scale;
        const parameters = { runIds: [runId], metrics: ['train/loss'], axis, from, to: from + part * scale };
        const asked = performance.now();
        await series(metricSeriesParameters.parse(parameters));
        times.push(performance.now() - asked);
      }
      tell(
        `${100 * part} % of the run over ${axis}`,
        `median ${quantile(times, 0.5).toFixed(1)} ms, longest ${quantile(times, 1).toFixed(1)} ms`,
      );
    }

  const flushes = Array.from({ length: 200 }, (_, index) => {
    const asked = performance.now();
    store.metrics.insert(
      runId,
      names.map((name) => ({ step: steps + 1 + index, name, value: 1 })),
    );
    return performance.now() - asked;
  });
  tell('one more step', `median ${quantile(flushes, 0.5).toFixed(2)} ms`);
  store.close();
} finally {
  rmSync(directory, { recursive: true, force: true });
}

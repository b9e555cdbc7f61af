import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { metricRegistry } from '../../../engine/metrics/registry.ts';
import type { Store } from '../../../store/store.ts';
import type { ComparisonDataInput } from '../answer/comparison-data.ts';
import type { ComparisonState } from '../orchestration/comparison-state.ts';
import { finalRuns } from '../orchestration/final-runs.ts';

type Measures = NonNullable<ComparisonDataInput['costMeasures']>;

/** What a run pays, by the names of metrics: its start, calibration and decomposition, is charged to it. */
const measuredByRun = [
  'run/trained_parameters',
  'train/step_seconds',
  'run/initialisation_seconds',
  'run/total_seconds',
  'run/peak_memory_bytes',
] as const;

/** Of what is kept of it. */
const fileSize = {
  name: 'adapter/bytes',
  label: 'adapter file',
  unit: 'bytes',
  better: 'lower',
} as const;

export const costMeasures: Measures = [
  ...metricRegistry
    .filter(({ name }) => (measuredByRun as readonly string[]).includes(name))
    .map(({ name, label, unit }) => ({ name, label, unit, better: 'lower' as const })),
  fileSize,
];

export const measuredCosts = (store: Store, state: ComparisonState): ComparisonDataInput['costs'] =>
  finalRuns(state).flatMap(({ runId, arm, seed }) => {
    const summary = store.runs.find(runId)?.summary ?? null;
    if (summary === null) return [];
    const measured = measuredByRun.flatMap((name) => {
      const value = summary[name];
      return value === undefined ? [] : [[name, value] as const];
    });
    const bytes = adapterBytes(store, runId);
    const values = Object.fromEntries([
      ...measured,
      ...(bytes === null ? [] : [[fileSize.name, bytes] as const]),
    ]);
    const sharedPeak = summary['run/shared_peak_memory_bytes'];
    const shared = sharedPeak === undefined ? {} : { 'run/peak_memory_bytes': sharedPeak };
    return [{ arm, seed, runId, values, shared }];
  });

/** Null where its folder is gone. */
const adapterBytes = (store: Store, runId: string): number | null => {
  const directory = store.adapters.ofRun(runId)?.directory;
  if (directory === undefined || !existsSync(directory)) return null;
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
};

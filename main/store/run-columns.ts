import { metricRegistry } from '../engine/metrics/registry.ts';

/** What a table of runs can show, sort by and filter by: a column by its name, and where its values come from. */
export interface RunColumn {
  /** Of the rows of run-rows.ts. */
  readonly sql: string;
  readonly kind: 'text' | 'number' | 'tags';
  /** To be bound under `name`, where the column's own name goes into the query. */
  readonly bound?: string;
}

const fixed: Readonly<Record<string, RunColumn>> = {
  name: { sql: `json_extract(configurations.settings, '$.name')`, kind: 'text' },
  experiment: { sql: 'experiments.name', kind: 'text' },
  model: { sql: 'models.name', kind: 'text' },
  data: { sql: 'datasets.name', kind: 'text' },
  method: { sql: `json_extract(configurations.settings, '$.adapter.method')`, kind: 'text' },
  status: { sql: 'runs.status', kind: 'text' },
  note: { sql: 'runs.note', kind: 'text' },
  tag: { sql: '', kind: 'tags' },
  step: { sql: 'runs.step', kind: 'number' },
  steps: { sql: 'runs.steps', kind: 'number' },
  seed: { sql: `json_extract(experiments.definition, '$.seed')`, kind: 'number' },
  created: { sql: 'runs.created_at', kind: 'text' },
  started: { sql: 'runs.started_at', kind: 'text' },
  ended: { sql: 'runs.ended_at', kind: 'text' },
};

export const fixedRunColumns: readonly string[] = Object.keys(fixed);

const overSteps = new Set<string>(
  metricRegistry.filter(({ shown }) => shown.curve !== null).map(({ name }) => name),
);

/** What the run keeps in the end; of one that has not come to that the last value measured, where it is measured over the steps. */
const metricColumn = (name: string, parameter: string): RunColumn => {
  const kept = `(SELECT value FROM run_summary WHERE run_id = runs.id AND name = @${parameter})`;
  const last = `(SELECT value FROM metrics WHERE run_id = runs.id AND name = @${parameter} ORDER BY step DESC LIMIT 1)`;
  return {
    sql: overSteps.has(name) ? `coalesce(${kept}, ${last})` : kept,
    kind: 'number',
    bound: name,
  };
};

/** As the run's own configuration has it, or else as its experiment says. */
const settingColumn = (part: string, name: string): RunColumn => {
  const path = `'$.${part}.${name}'`;
  const own = `json_extract(configurations.settings, ${path})`;
  return {
    sql: part === 'training' ? `coalesce(${own}, json_extract(experiments.definition, ${path}))` : own,
    kind: 'number',
  };
};

/**
 * `validation/loss` is a metric, `adapter.rank` and `training.learningRate` are settings, all others have names of their own.
 * @param parameter under which a name is bound; each its own within a query
 * @returns undefined where there is no such column
 */
export const runColumn = (name: string, parameter: string): RunColumn | undefined => {
  if (Object.hasOwn(fixed, name)) return fixed[name];
  const setting = /^(adapter|training)\.([A-Za-z][A-Za-z0-9]*)$/.exec(name);
  if (setting !== null) return settingColumn(setting[1]!, setting[2]!);
  return name.includes('/') ? metricColumn(name, parameter) : undefined;
};

import type { Metric } from '../../trainer/protocol/protocol.ts';
import type { Experiment, Export, Run } from '../shared/entities.ts';

/** A metric's value with the time at which its step was done, in milliseconds since 1970. */
export interface TimedMetric extends Metric {
  readonly time: number;
}

export interface TrackedFile {
  /** With `/` between folders. */
  readonly path: string;
  readonly contents: string;
}

export type Setting = string | number | boolean | null;

/** All that a tracker is told of a run, whichever tracker it is. */
export interface TrackedRun {
  readonly id: string;
  readonly name: string;
  readonly experiment: string;
  readonly status: Run['status'];
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly endedAt: number | null;
  /** Settings by their path: `training.learningRate`. */
  readonly parameters: ReadonlyMap<string, Setting>;
  readonly metrics: readonly TimedMetric[];
  /** What is known besides, by names that begin with `nora.`. */
  readonly tags: ReadonlyMap<string, string>;
  readonly files: readonly TrackedFile[];
}

export interface TrackedParts {
  readonly experiment: Experiment;
  readonly run: Run;
  readonly metrics: readonly Metric[];
  readonly exports: readonly Export[];
  /** adapter.json as it stands in the adapter's folder; null where there is no adapter yet. */
  readonly adapter: string | null;
  readonly modelHash: string | null;
  readonly version: string;
}

/** The leaves of nested settings (plain JSON) by their paths: `adapter.targetModules.0`; empty lists and objects as text. */
export const flatten = (value: unknown, path = ''): [string, Setting][] => {
  if (value === undefined) return [];
  if (typeof value !== 'object' || value === null) return [[path, value as Setting]];
  const entries = Object.entries(value);
  if (entries.length === 0) return [[path, JSON.stringify(value)]];
  return entries.flatMap(([key, inner]) => flatten(inner, path === '' ? key : `${path}.${key}`));
};

/**
 * When each step was done: the store keeps values by step, not by time, so the seconds of the steps are added up from the start. The same
 * run always gives the same times, which is what lets a tracker see that it has a value already.
 */
export const timesOfSteps = (startedAt: number, metrics: readonly Metric[]): ((step: number) => number) => {
  const seconds = new Map(
    metrics.filter(({ name }) => name === 'train/step_seconds').map(({ step, value }) => [step, value]),
  );
  const last = metrics.reduce((most, { step }) => Math.max(most, step), 0);
  const times = [startedAt];
  for (let step = 1; step <= last; step++)
    times.push((times[step - 1] as number) + 1000 * (seconds.get(step) ?? 0));
  return (step) => Math.round(times[step] ?? startedAt);
};

/** What the run came to stands at its last step, under names of its own: curves end in it. */
const summaryMetrics = ({ summary, step }: Run, metrics: readonly Metric[]): Metric[] => {
  const known = new Set(metrics.map(({ name }) => name));
  return Object.entries(summary ?? {}).flatMap(([name, value]) =>
    known.has(name) || value === undefined ? [] : [{ name, value, step }],
  );
};

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

const certificates = (exports: readonly Export[]): TrackedFile[] =>
  exports.flatMap(({ id, kind, summary }) =>
    summary?.certificate === undefined
      ? []
      : [{ path: `exports/${kind}-${id}/merge-certificate.json`, contents: json(summary.certificate) }],
  );

export const trackedRun = (parts: TrackedParts): TrackedRun => {
  const { experiment, run, metrics, exports, adapter, modelHash, version } = parts;
  const { configurations: _, training, ...definition } = experiment.definition;
  const { name, adapter: settings, ...overrides } = run.configuration;
  const startedAt = Date.parse(run.startedAt ?? run.createdAt);
  const timeOf = timesOfSteps(startedAt, metrics);
  const tags = {
    'nora.run_id': run.id,
    'nora.experiment_id': experiment.id,
    'nora.status': run.status,
    'nora.version': version,
    'nora.model': experiment.modelName,
    'nora.model_sha256': modelHash,
    'nora.dataset': experiment.datasetName,
    'nora.error': run.error,
  };
  return {
    id: run.id,
    name,
    experiment: experiment.name,
    status: run.status,
    startedAt,
    endedAt: run.endedAt === null ? null : Date.parse(run.endedAt),
    parameters: new Map(
      flatten({
        ...definition,
        adapter: settings,
        training: { ...training, ...overrides },
      }),
    ),
    metrics: [...metrics, ...summaryMetrics(run, metrics)].map((metric) => ({
      ...metric,
      time: timeOf(metric.step),
    })),
    tags: new Map(Object.entries(tags).filter((entry): entry is [string, string] => entry[1] !== null)),
    files: [
      { path: 'experiment.json', contents: json(experiment.definition) },
      { path: 'configuration.json', contents: json(run.configuration) },
      ...(adapter === null ? [] : [{ path: 'adapter/adapter.json', contents: adapter }]),
      ...certificates(exports),
    ],
  };
};

import { createContext } from 'svelte';
import type {
  Adapter,
  Comparison,
  Dataset,
  Experiment,
  Export,
  Model,
  Queue,
  Run,
  WorkbenchEvent,
} from '../../../main/api/contract.ts';
import { withRunProgress } from '../format/queue.ts';
import { createClient } from '../transport/client.ts';
import type { Client } from '../transport/client.ts';
import type { ConnectionState, Transport } from '../transport/transport.ts';
import { createAnswers } from './answers.ts';
import type { Answers } from './answers.ts';
import { createMetricNews } from './metric-news.svelte.ts';
import type { MetricNews } from './metric-news.svelte.ts';
import { createResource } from './resource.svelte.ts';
import type { Resource } from './resource.svelte.ts';

/** Everything the screens share. */
export interface WorkbenchState {
  readonly client: Client;
  readonly transport: Transport;
  readonly connection: ConnectionState;
  /** Goes up when events may have been missed: whoever shows something of their own asks again. */
  readonly reconnections: number;
  readonly models: Resource<Model[]>;
  readonly datasets: Resource<Dataset[]>;
  readonly experiments: Resource<Experiment[]>;
  readonly comparisons: Resource<Comparison[]>;
  readonly adapters: Resource<Adapter[]>;
  readonly exports: Resource<Export[]>;
  readonly queue: Resource<Queue>;
  readonly metricNews: MetricNews;
  readonly answers: Answers;
  refreshAll(): Promise<void>;
  stop(): void;
}

export const [getWorkbench, setWorkbench] = createContext<WorkbenchState>();

export const createWorkbenchState = (transport: Transport): WorkbenchState => {
  const client = createClient(transport);
  const models = createResource(() => client.call('models.list', {}));
  const datasets = createResource(() => client.call('datasets.list', {}));
  const experiments = createResource(() => client.call('experiments.list', {}));
  const comparisons = createResource(() => client.call('comparisons.list', {}));
  const adapters = createResource(() => client.call('adapters.list', {}));
  const exports = createResource(() => client.call('exports.list', {}));
  const queue = createResource(() => client.call('queue.show', {}));
  const metricNews = createMetricNews();
  const answers = createAnswers(client);
  let connection = $state<ConnectionState>('connected');
  let reconnections = $state(0);

  const refreshAll = async (): Promise<void> => {
    await Promise.all(
      [models, datasets, experiments, comparisons, adapters, exports, queue].map((resource) =>
        resource.refresh(),
      ),
    );
  };

  const knownRun = (id: string): Run | undefined =>
    experiments.value?.flatMap(({ runs }) => runs).find((run) => run.id === id);

  const takeRun = (run: Run): void => {
    const before = knownRun(run.id);
    // A run that starts anew drops what it had recorded.
    if (before !== undefined && before.startedAt !== run.startedAt) metricNews.tell(run.id);
    if (before?.adapterId !== run.adapterId) void adapters.refresh();
    experiments.update((list) => list.map((experiment) => withRun(experiment, run)));
    comparisons.update((list) => list.map((comparison) => withRunOf(comparison, run)));
    queue.update((shown) => withRunProgress(shown, run));
  };

  const take = (event: WorkbenchEvent): void => {
    switch (event.name) {
      case 'models.changed':
        return void models.refresh();
      case 'datasets.changed':
        return void datasets.refresh();
      case 'adapters.changed':
        return void Promise.all([adapters.refresh(), exports.refresh()]);
      case 'experiments.changed':
        return void Promise.all([experiments.refresh(), adapters.refresh(), exports.refresh()]);
      case 'comparisons.changed':
        return void comparisons.refresh();
      case 'comparison.changed':
        return comparisons.update((list) => withChanged(list, event.payload));
      case 'run.changed':
        return takeRun(event.payload);
      case 'run.metrics':
        return metricNews.tell(event.payload.runId);
      case 'queue.changed':
        return queue.update(() => event.payload);
      case 'export.changed':
        return exports.update((list) => withChanged(list, event.payload));
    }
  };

  const stops = [
    transport.subscribe(take),
    transport.watchConnection?.((next) => {
      connection = next;
      if (next !== 'connected') return;
      reconnections++;
      void refreshAll();
    }),
  ];

  return {
    client,
    transport,
    models,
    datasets,
    experiments,
    comparisons,
    adapters,
    exports,
    queue,
    metricNews,
    answers,
    refreshAll,
    get connection() {
      return connection;
    },
    get reconnections() {
      return reconnections;
    },
    stop: () => stops.forEach((stop) => stop?.()),
  };
};

const withRun = (experiment: Experiment, run: Run): Experiment =>
  experiment.id !== run.experimentId
    ? experiment
    : { ...experiment, runs: experiment.runs.map((known) => (known.id === run.id ? run : known)) };

/** The comparison's own view of its run; what only the workbench knows of it comes with `comparison.changed`. */
const withRunOf = (comparison: Comparison, { id, status, step, steps, error }: Run): Comparison =>
  comparison.runs.every(({ runId }) => runId !== id)
    ? comparison
    : {
        ...comparison,
        runs: comparison.runs.map((known) =>
          known.runId === id ? { ...known, status, step, steps, error } : known,
        ),
      };

const withChanged = <T extends { id: string }>(list: T[], changed: T): T[] =>
  list.some(({ id }) => id === changed.id)
    ? list.map((known) => (known.id === changed.id ? changed : known))
    : [changed, ...list];

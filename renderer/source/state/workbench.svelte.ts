import { createContext } from 'svelte';
import { summaryOfComparison } from '../../../main/api/contract.ts';
import type {
  ComparisonSummary,
  Dataset,
  ExperimentSummary,
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
import { createLazy } from './lazy.ts';
import { createLiveRuns } from './live-runs.svelte.ts';
import type { LiveRuns } from './live-runs.svelte.ts';
import { createMetricNews } from './metric-news.svelte.ts';
import type { MetricNews } from './metric-news.svelte.ts';
import { createPages } from './pages.svelte.ts';
import type { Pages } from './pages.svelte.ts';
import { createThumbnails } from './thumbnails.ts';
import type { Thumbnails } from './thumbnails.ts';
import { createResource } from './resource.svelte.ts';
import type { Resource } from './resource.svelte.ts';

/** Everything the screens share. What they show of their own, they follow for themselves: follow.svelte.ts. */
export interface WorkbenchState {
  readonly client: Client;
  readonly transport: Transport;
  readonly connection: ConnectionState;
  /** Goes up when events may have been missed: whoever shows something of their own asks again. */
  readonly reconnections: number;
  readonly models: Resource<Model[]>;
  readonly datasets: Resource<Dataset[]>;
  /** The newest first. */
  readonly experiments: Pages<ExperimentSummary>;
  readonly comparisons: Pages<ComparisonSummary>;
  readonly liveRuns: LiveRuns;
  readonly queue: Resource<Queue>;
  readonly metricNews: MetricNews;
  readonly answers: Answers;
  readonly thumbnails: Thumbnails;
  stop(): void;
}

export const [getWorkbench, setWorkbench] = createContext<WorkbenchState>();

export const createWorkbenchState = (transport: Transport): WorkbenchState => {
  const { client, settle } = afterConnecting(transport);
  const lazy = createLazy();
  const models = createResource(() => client.call('models.list', {}));
  const datasets = createResource(() => client.call('datasets.list', {}));
  /** Those that a person made: a comparison stands for the ones of its arms. */
  const experiments = createPages((cursor) =>
    client.call('experiments.list', { cursor, ofComparisons: 'hidden' }),
  );
  const comparisons = createPages((cursor) => client.call('comparisons.list', { cursor }));
  const liveRuns = createLiveRuns(client);
  const queue = createResource(() => client.call('queue.show', {}));
  const metricNews = createMetricNews();
  const answers = createAnswers(client);
  const thumbnails = createThumbnails(client);
  /** Of each run that has been heard of, when it last began. */
  const beginnings = new Map<string, string | null>();
  let connection = $state<ConnectionState>('connected');
  let reconnections = $state(0);

  const loadLive = (): void => void liveRuns.load().catch(() => undefined); // told by whatever else fails

  const takeRun = (run: Run): void => {
    const { id, startedAt } = run;
    const before = beginnings.get(id);
    beginnings.set(id, startedAt);
    // A run that starts anew drops what it had recorded.
    if (before !== undefined && before !== startedAt) metricNews.tell(id);
    queue.update((shown) => withRunProgress(shown, run));
  };

  const take = (event: WorkbenchEvent): void => {
    liveRuns.take(event);
    switch (event.name) {
      case 'models.changed':
        return void models.refresh();
      case 'datasets.changed':
        return void datasets.refresh();
      case 'experiments.changed':
        return experiments.put(
          event.payload.changed.filter(({ comparisonId }) => comparisonId === null),
          event.payload.removed,
        );
      case 'comparisons.removed':
        return comparisons.put([], event.payload.removed);
      case 'comparison.changed':
        return comparisons.put([summaryOfComparison(event.payload)], []);
      case 'run.changed':
        return takeRun(event.payload);
      case 'run.metrics':
        return metricNews.tell(event.payload.runId);
      case 'queue.changed':
        return queue.update(() => event.payload);
    }
  };

  const stops = [
    transport.subscribe(take),
    transport.watchConnection?.((next) => {
      const wasLost = connection !== 'connected';
      connection = next;
      settle();
      if (next !== 'connected' || !wasLost) return;
      reconnections++;
      loadLive();
      void lazy.refreshAll();
    }),
  ];
  loadLive();

  return {
    client,
    transport,
    models: lazy.of(models),
    datasets: lazy.of(datasets),
    experiments: lazy.of(experiments),
    comparisons: lazy.of(comparisons),
    liveRuns,
    queue: lazy.of(queue),
    metricNews,
    answers,
    thumbnails,
    get connection() {
      return connection;
    },
    get reconnections() {
      return reconnections;
    },
    stop: () => stops.forEach((stop) => stop?.()),
  };
};

/** Nothing is asked for before it is known whether events will be heard: what came between would be missed. */
const afterConnecting = (transport: Transport): { client: Client; settle: () => void } => {
  const inner = createClient(transport);
  if (transport.watchConnection === undefined) return { client: inner, settle: () => undefined };
  const { promise: isKnown, resolve: settle } = Promise.withResolvers<void>();
  return {
    settle,
    client: {
      call: async (method, params) => {
        await isKnown;
        return inner.call(method, params);
      },
    },
  };
};

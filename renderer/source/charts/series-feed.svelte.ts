import type { MetricSeries, SeriesAxis } from '../../../main/api/contract.ts';
import type { Client } from '../transport/client.ts';
import { messageOf } from '../transport/client.ts';
import type { Range } from './axis-range.ts';

export interface SeriesWish {
  runIds: readonly string[];
  metrics: readonly string[];
  axis: SeriesAxis;
  /** The end of all; that of the longest run where it is not known beforehand. */
  to: number | undefined;
  /** The part that is looked at, if not all. */
  range: Range | undefined;
}

export interface SeriesFeed {
  /** All steps; undefined until they are there. */
  readonly overview: MetricSeries | undefined;
  /** The part that is looked at, finer. */
  readonly detail: MetricSeries | undefined;
  readonly error: string | undefined;
  want(wish: SeriesWish): void;
  /** These runs have more to show. */
  renew(runIds: readonly string[]): void;
  stop(): void;
}

/** About one a pixel or two: finer than that nothing is seen. */
const buckets = 400;
/** Between two looks at runs that go on, and no less than so many times what the last one took. */
const leastPause = 400;
const pauseFactor = 4;

const overviewKey = ({ runIds, metrics, axis, to }: SeriesWish): string =>
  JSON.stringify([runIds, metrics, axis, to]);

/** The curves of one chart: all of them once, a part when it is zoomed into, and anew those that run. */
export const createSeriesFeed = (client: Client): SeriesFeed => {
  let overview = $state.raw<MetricSeries>();
  let detail = $state.raw<MetricSeries>();
  let error = $state<string>();
  let wished: SeriesWish | undefined;
  let renewed = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let lastTook = 0;

  const ask = (
    wish: SeriesWish,
    runIds: readonly string[],
    range: Range | undefined,
  ): Promise<MetricSeries> =>
    client.call('metrics.series', {
      runIds: [...runIds],
      metrics: [...wish.metrics],
      axis: wish.axis,
      buckets,
      ...(range !== undefined && { from: range[0], to: range[1] }),
      ...(range === undefined && wish.to !== undefined && { to: wish.to }),
    });

  /** Whether the curves are those of the chart still, whatever part of them is looked at. */
  const isStillWished = (wish: SeriesWish): boolean =>
    wished !== undefined && overviewKey(wish) === overviewKey(wished);

  const load = async (
    wish: SeriesWish,
    runIds: readonly string[],
    parts: 'all' | 'detail',
  ): Promise<void> => {
    const began = performance.now();
    try {
      const [whole, part] = await Promise.all([
        parts === 'all' ? ask(wish, runIds, undefined) : undefined,
        wish.range === undefined ? undefined : ask(wish, runIds, wish.range),
      ]);
      if (!isStillWished(wish)) return;
      if (whole !== undefined) overview = merged(overview, whole, wish, runIds);
      if (part !== undefined && isSameRange(wish.range, wished?.range))
        detail = merged(detail, part, wish, runIds);
      error = undefined;
    } catch (thrown) {
      if (isStillWished(wish)) error = messageOf(thrown);
    }
    lastTook = performance.now() - began;
  };

  const loadRenewed = async (): Promise<void> => {
    const wish = wished;
    const ids = [...renewed];
    renewed = new Set();
    // Where the end of all is that of the longest run, the others' buckets change with it.
    if (wish !== undefined) await load(wish, wish.to === undefined ? wish.runIds : ids, 'all');
    timer = undefined;
    if (renewed.size > 0) schedule();
  };
  const schedule = (): void =>
    void (timer ??= setTimeout(() => void loadRenewed(), Math.max(leastPause, pauseFactor * lastTook)));

  return {
    get overview() {
      return overview;
    },
    get detail() {
      return detail;
    },
    get error() {
      return error;
    },
    want(wish) {
      const isNew = wished === undefined || overviewKey(wish) !== overviewKey(wished);
      wished = wish;
      if (wish.range === undefined) detail = undefined;
      if (isNew) overview = overview?.axis === wish.axis ? overview : undefined;
      if (isNew || wish.range !== undefined)
        void load(wish, wish.runIds, isNew || overview === undefined ? 'all' : 'detail');
    },
    renew(runIds) {
      for (const id of runIds) renewed.add(id);
      if (renewed.size > 0) schedule();
    },
    stop() {
      wished = undefined;
      clearTimeout(timer);
    },
  };
};

const isSameRange = (one: Range | undefined, other: Range | undefined): boolean =>
  one?.[0] === other?.[0] && one?.[1] === other?.[1];

/** What has come takes the place of what was known of the same runs, as long as it is cut into the same buckets. */
const merged = (
  known: MetricSeries | undefined,
  come: MetricSeries,
  { runIds }: SeriesWish,
  asked: readonly string[],
): MetricSeries => {
  const isWhole = runIds.every((id) => asked.includes(id));
  if (isWhole || known === undefined) return come;
  const sameGrid =
    known.axis === come.axis &&
    known.from === come.from &&
    known.width === come.width &&
    known.buckets === come.buckets;
  if (!sameGrid) return known;
  return {
    ...known,
    series: [...known.series.filter(({ runId }) => !asked.includes(runId)), ...come.series],
  };
};

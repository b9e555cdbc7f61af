import { metricGroups, metricRegistry } from '../../../main/api/contract.ts';
import type { CurveKind, KnownMetric, MetricGroup } from '../../../main/api/contract.ts';

/** A metric that is measured over the steps. */
export type DrawnMetric = KnownMetric & { shown: { curve: CurveKind } };

export interface Chart {
  title: string;
  metrics: DrawnMetric[];
}

export interface ChartGroup {
  name: MetricGroup;
  title: string;
  charts: Chart[];
}

const isDrawn = (entry: KnownMetric): entry is DrawnMetric => entry.shown.curve !== null;

/** Metrics of one unit share a chart; it is called what they have in common. */
const chartsOf = (group: MetricGroup): Chart[] => {
  const metrics = metricRegistry.filter(isDrawn).filter((entry) => entry.group === group);
  const byUnit = Map.groupBy(metrics, ({ unit }) => unit);
  return [...byUnit.values()].map((sharing) => ({
    title: sharing.length === 1 ? sharing[0]!.label : metricGroups[group],
    metrics: sharing,
  }));
};

/** Every chart, by group, in the order in which the groups are offered. */
export const chartGroups: ChartGroup[] = (Object.keys(metricGroups) as MetricGroup[])
  .map((name) => ({ name, title: metricGroups[name], charts: chartsOf(name) }))
  .filter(({ charts }) => charts.length > 0);

/** Groups and charts of which there is something to draw; the first group stands where there is nothing yet. */
export const groupsWith = (hasValues: (name: string) => boolean): ChartGroup[] => {
  const groups = chartGroups
    .map((group) => ({
      ...group,
      charts: group.charts.filter(({ metrics }) => metrics.some(({ name }) => hasValues(name))),
    }))
    .filter(({ charts }) => charts.length > 0);
  return groups.length > 0 ? groups : chartGroups.slice(0, 1);
};

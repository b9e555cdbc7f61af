import { z } from 'zod';
import type { SummaryColumn } from './metric.ts';
import { metricRegistry } from './registry.ts';
import type { MetricEntries, MetricName } from './registry.ts';

/**
 * A summary is numbers by name. A metric's own name holds what is true of the adapter that is saved; what evaluations gave before the first
 * step, after the last one and where the held-out loss was lowest stands under that name with the moment behind it.
 */
export const summaryMoments = ['before', 'last', 'best'] as const;
export type SummaryMoment = (typeof summaryMoments)[number];
export type SummaryName = MetricName | `${MetricName}/${SummaryMoment}`;

export const atMoment = <Name extends string, Moment extends SummaryMoment>(
  name: Name,
  moment: Moment,
): `${Name}/${Moment}` => `${name}/${moment}`;

/** Measured values by their names in the registry. Those of other versions may be among them and are kept as they are. */
export type MetricValues = Partial<Record<MetricName, number>>;
export const metricValuesSchema: z.ZodType<MetricValues> = z.record(z.string(), z.number());

type Entry = MetricEntries[number];
type AlwaysKept =
  | Extract<Entry, { summary: { always: true } }>['name']
  | `${Extract<Entry, { summary: { always: true; columns: readonly ['before', ...SummaryColumn[]] } }>['name']}/before`;

export type RunSummary = Record<AlwaysKept, number> & Partial<Record<SummaryName, number>>;

const number = z.number();
const required = metricRegistry
  .filter(({ summary }) => summary?.always)
  .flatMap(({ name, summary }) =>
    summary?.columns.includes('before') ? [name, atMoment(name, 'before')] : [name],
  );
export const runSummarySchema = z
  .object(Object.fromEntries(required.map((name) => [name, number])))
  .catchall(number) as unknown as z.ZodType<RunSummary>;

/** What a column of a comparison shows; undefined where the run does not tell. */
export const summaryValue = (
  summary: RunSummary,
  name: string,
  column: SummaryColumn,
): number | undefined => {
  const values: Readonly<Record<string, number | undefined>> = summary;
  const [before, after] = [values[atMoment(name, 'before')], values[name]];
  if (column === 'before') return before;
  if (column !== 'change') return after;
  return before === undefined || after === undefined ? undefined : after - before;
};

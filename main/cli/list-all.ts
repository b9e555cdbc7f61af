import type { Call } from '../api/client.ts';
import type { Adapter, ComparisonSummary, ExperimentSummary, MethodParams, RunRow } from '../api/contract.ts';

const longest = 200;

interface Page<Item> {
  readonly items: readonly Item[];
  readonly next: string | null;
}

/** A terminal shows a whole list, which comes in pages. */
const all = async <Item>(pageAfter: (cursor: string | undefined) => Promise<Page<Item>>): Promise<Item[]> => {
  const items: Item[] = [];
  let cursor: string | undefined;
  do {
    const page = await pageAfter(cursor);
    items.push(...page.items);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return items;
};

export const allExperiments = (call: Call): Promise<ExperimentSummary[]> =>
  all((cursor) => call('experiments.list', { cursor, limit: longest }));

export const allComparisons = (call: Call): Promise<ComparisonSummary[]> =>
  all((cursor) => call('comparisons.list', { cursor, limit: 100 }));

export const allAdapters = (call: Call, of: MethodParams<'adapters.list'> = {}): Promise<Adapter[]> =>
  all((cursor) => call('adapters.list', { ...of, cursor, limit: longest }));

export const allRuns = (call: Call, of: MethodParams<'runs.list'> = {}): Promise<RunRow[]> =>
  all(async (cursor) => {
    const offset = Number(cursor ?? 0);
    const { items, total } = await call('runs.list', { ...of, offset, limit: longest });
    const end = offset + items.length;
    return { items, next: items.length > 0 && end < total ? String(end) : null };
  });

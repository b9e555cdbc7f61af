import { metricRegistry } from '../../engine/metrics/registry.ts';
import { fixedRunColumns } from '../../store/run-columns.ts';
import type { RunQuery } from '../../store/run-query.ts';
import type { Store } from '../../store/store.ts';
import type { RunColumnEntry } from './run-table-schema.ts';

/** Every column that these runs can be shown by, and in which of them they differ. */
export const listRunColumns = (store: Store, query: RunQuery): RunColumnEntry[] => {
  const facts = fixedRunColumns.filter((name) => name !== 'tag');
  const values = store.runRows.countValues(query, facts);
  const measured = metricRegistry.filter(({ shown }) => shown.curve !== null).map(({ name }) => name);
  const metrics = new Set<string>([...measured, ...store.runRows.summaryNames()]);
  return [
    ...facts.map((name) => ({ name, kind: 'fact' as const, differs: values[name]! > 1 })),
    ...settingsOf(store, query),
    ...[...metrics].toSorted().map((name) => ({ name, kind: 'metric' as const, differs: true })),
  ];
};

/** What counts is what the column shows: a run's own setting, or else its experiment's; and none at all is a value, too. */
const settingsOf = (store: Store, query: RunQuery): RunColumnEntry[] => {
  const found = new Map<string, Set<string>>();
  const written = new Map<unknown, string>();
  const write = (value: unknown): string => {
    if (!written.has(value)) written.set(value, JSON.stringify(value));
    return written.get(value)!;
  };
  const kinds = store.runRows.settings(query);
  const columnsOf = ({ adapter, own, common }: (typeof kinds)[number]): [string, unknown][] => [
    ...Object.entries(adapter as object).map(([name, value]): [string, unknown] => [
      `adapter.${name}`,
      value,
    ]),
    ...Object.entries({ ...(common as object), ...(own as object) }).map(
      ([name, value]): [string, unknown] => [`training.${name}`, value],
    ),
  ];
  const having = new Map<string, number>();
  for (const kind of kinds)
    for (const [name, value] of columnsOf(kind)) {
      if (value === null) continue;
      if (!found.has(name)) found.set(name, new Set());
      found.get(name)!.add(write(value));
      having.set(name, (having.get(name) ?? 0) + 1);
    }
  return [...found]
    .filter(([name]) => name !== 'adapter.method') // which is a fact
    .map(([name, values]) => ({
      name,
      kind: 'setting' as const,
      differs: values.size > 1 || having.get(name)! < kinds.length,
    }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));
};

import type { Arguments, Value } from '../python/values.ts';

export type Filter = (value: Value, args: Arguments) => Value;

const table = new Map<string, Filter>();

/** A module of its own, since filters (map) and tests (filter) look others up that are made of them; `filters.ts` fills it. */
export const filterNamed = (name: string): Filter | undefined => table.get(name);

export const addFilters = (filters: Readonly<Record<string, Filter>>): void => {
  for (const [name, filter] of Object.entries(filters)) table.set(name, filter);
};

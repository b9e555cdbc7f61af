import type { Component } from 'svelte';
import type { IconName } from '../components/icon-paths.ts';

/** An address in the workbench: what stands behind `#/`. */
export interface Place {
  /** A part that begins with a colon may be anything, and is handed on under that name. */
  path: string;
  /** Names that are handed on from the query, where it has them. */
  query?: string[];
}

/** One screen: routes, sidebar and shortcuts follow from it. */
export interface ScreenEntry extends Place {
  title: string;
  /** Takes what is handed on as its properties. */
  component: Component<never>;
  /** Of its link in the sidebar; without one it has none there. */
  icon?: IconName;
  /** Whether that link stands at the sidebar's end, apart from the others. */
  isLast?: true;
  /** Pressed one after the other. */
  shortcut?: string[];
}

export interface Route<P extends Place = Place> {
  /** Undefined where there is nothing at the address. */
  place: P | undefined;
  parameters: Record<string, string>;
  /** Another page is another key, whatever the query. */
  key: string;
}

/** The first of the places that an address fits; an empty address is the first of all. */
export const findRoute = <P extends Place>(places: readonly P[], hash: string): Route<P> => {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const parts = (path === '' ? (places[0]?.path ?? '') : path).split('/').map(decode);
  const place = places.find((candidate) => fits(candidate.path.split('/'), parts));
  const names = place?.path.split('/') ?? [];
  const fromPath = names.flatMap((name, at) => (name.startsWith(':') ? [[name.slice(1), parts[at]!]] : []));
  const asked = new URLSearchParams(query);
  const fromQuery = (place?.query ?? []).flatMap((name) =>
    asked.has(name) ? [[name, asked.get(name)!]] : [],
  );
  return {
    place,
    parameters: Object.fromEntries([...fromPath, ...fromQuery]) as Record<string, string>,
    key: [place?.path, ...fromPath.flat()].join(' '),
  };
};

const fits = (wanted: readonly string[], parts: readonly string[]): boolean =>
  wanted.length === parts.length &&
  wanted.every((name, at) => (name.startsWith(':') ? parts[at] !== '' : name === parts[at]));

/** A part that is badly encoded names nothing that exists, so it may stay as it is. */
const decode = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
};

export const href = {
  home: '#/home',
  experiments: '#/experiments',
  experiment: (id: string) => `#/experiments/${encodeURIComponent(id)}`,
  newExperiment: (start: { from?: string; model?: string; data?: string; method?: string } = {}) => {
    const query = new URLSearchParams(start).toString();
    return `#/experiments/new${query === '' ? '' : `?${query}`}`;
  },
  runs: '#/runs',
  runsView: (id: string) => `#/runs?${new URLSearchParams({ view: id })}`,
  compareRuns: (ids: readonly string[]) => `#/runs/compare?${new URLSearchParams({ ids: ids.join(',') })}`,
  comparisons: '#/comparisons',
  comparison: (id: string) => `#/comparisons/${encodeURIComponent(id)}`,
  newComparison: (start: { from?: string; experiment?: string } = {}) => {
    const query = new URLSearchParams(start).toString();
    return `#/comparisons/new${query === '' ? '' : `?${query}`}`;
  },
  models: '#/models',
  model: (id: string) => `#/models/${encodeURIComponent(id)}`,
  data: '#/data',
  dataset: (id: string) => `#/data/${encodeURIComponent(id)}`,
  adapters: '#/adapters',
  adapter: (id: string) => `#/adapters/${encodeURIComponent(id)}`,
  combineAdapters: (first?: string) =>
    first === undefined ? '#/adapters/combine' : `#/adapters/combine?${new URLSearchParams({ first })}`,
  playground: (start: { model?: string; adapter?: string } = {}) => {
    const query = new URLSearchParams(start).toString();
    return `#/playground${query === '' ? '' : `?${query}`}`;
  },
  blindTests: '#/blind',
  blindTest: (id: string) => `#/blind/${encodeURIComponent(id)}`,
  methods: '#/methods',
  devices: '#/devices',
  doctor: '#/doctor',
  settings: '#/settings',
  about: '#/about',
};

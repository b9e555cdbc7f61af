import { metricRegistry } from '../../../../main/api/contract.ts';
import type { RunColumnEntry, RunRow } from '../../../../main/api/contract.ts';
import { methodTitle } from '../../format/adapter.ts';
import { capitalised, formatMetric } from '../../format/metric.ts';
import { absent, formatCount, formatPlain } from '../../format/number.ts';
import { statuses } from '../../format/run.ts';
import { formatAgo } from '../../format/time.ts';

type Value = string | number | null;

export interface TableColumn {
  readonly name: string;
  readonly title: string;
  /** In pixels: a table whose rows come and go can't be laid out by what is in them. */
  readonly width: number;
  readonly isNumber: boolean;
  /** What the workbench can sort by. */
  readonly canSort: boolean;
  /** Whether its values have to be asked for: what every row has anyway need not. */
  readonly isAsked: boolean;
  readonly text: (value: Value) => string;
}

const plain = (value: Value): string =>
  value === null || value === '' ? absent : typeof value === 'number' ? formatPlain(value) : value;
const time = (value: Value): string => (typeof value === 'string' ? formatAgo(value) : absent);
const count = (value: Value): string => formatCount(value as number | null);

type Fact = Partial<Omit<TableColumn, 'name'>> & { title: string };
const facts: Readonly<Record<string, Fact>> = {
  name: { title: 'Run', width: 200, isAsked: false },
  experiment: { title: 'Experiment', width: 180, isAsked: false },
  model: { title: 'Model', width: 180 },
  data: { title: 'Data', width: 150 },
  method: { title: 'Method', width: 90, isAsked: false, text: (value) => methodTitle(String(value)) },
  status: {
    title: 'Status',
    width: 124,
    isAsked: false,
    text: (value) => statuses[value as RunRow['status']]?.label ?? String(value),
  },
  note: { title: 'Note', width: 220, isAsked: false },
  step: { title: 'Step', width: 90, isNumber: true, text: count },
  steps: { title: 'Steps', width: 90, isNumber: true, text: count },
  seed: { title: 'Seed', width: 90, isNumber: true },
  created: { title: 'Created', width: 120, isAsked: false, text: time },
  started: { title: 'Started', width: 130, text: time },
  ended: { title: 'Ended', width: 130, text: time },
  tag: { title: 'Tags', width: 140, isAsked: false, canSort: false },
  curve: { title: 'Curve', width: 122, isAsked: false, canSort: false },
};

/** Of a setting: `adapter.outerRank` is `Outer rank`. */
const settingTitle = (name: string): string =>
  capitalised(name.slice(name.indexOf('.') + 1).replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`));

/** A list of names is written as one, and what is on or off as 1 or 0. */
const settingText = (value: Value): string => {
  if (typeof value !== 'string' || !value.startsWith('[')) return plain(value);
  const parts = JSON.parse(value) as unknown[];
  return parts.map((part) => (typeof part === 'string' ? part : JSON.stringify(part))).join(', ');
};

const metricOf = (name: string) =>
  metricRegistry.find((one) => name === one.name || name.startsWith(`${one.name}/`));

export const columnOf = (name: string): TableColumn => {
  const usual = { name, width: 120, isNumber: false, canSort: true, isAsked: true, text: plain };
  const fact = facts[name];
  if (fact !== undefined) return { ...usual, ...fact };
  if (!name.includes('/')) return { ...usual, title: settingTitle(name), isNumber: true, text: settingText };
  const metric = metricOf(name);
  if (metric === undefined) return { ...usual, title: name, isNumber: true };
  const rest = name.slice(metric.name.length + 1);
  return {
    ...usual,
    title: capitalised(rest === '' ? metric.label : `${metric.label} ${rest}`),
    width: 120,
    isNumber: true,
    text: (value) => formatMetric(metric, typeof value === 'number' ? value : undefined),
  };
};

/** What a row has in a column. */
export const valueIn = (row: RunRow, name: string): Value => {
  const own: Record<string, Value> = {
    name: row.name,
    experiment: row.experimentName,
    method: row.method,
    status: row.status,
    note: row.note,
    created: row.createdAt,
  };
  return own[name] ?? row.values[name] ?? null;
};

export const usualColumns: readonly string[] = [
  'name',
  'experiment',
  'method',
  'status',
  'validation/loss',
  'curve',
  'tag',
  'created',
  'note',
];

/** What the window has beside what the workbench tells: tags, and a picture. */
const ownEntries: readonly RunColumnEntry[] = ['tag', 'curve'].map((name) => ({
  name,
  kind: 'fact',
  differs: true,
}));
export const allEntries = (told: readonly RunColumnEntry[]): RunColumnEntry[] => [...ownEntries, ...told];

const mostDiffering = 30;

/** Of the chosen columns those in which the runs differ, and beside them every setting and fact in which they do. */
export const differingColumns = (
  chosen: readonly string[],
  told: readonly RunColumnEntry[] | undefined,
): string[] => {
  if (told === undefined) return [...chosen];
  const same = new Set(told.filter(({ differs }) => !differs).map(({ name }) => name));
  const kept = chosen.filter((name) => name === 'name' || !same.has(name));
  // When a run was made says nothing of how.
  const incidental = ['created', 'started', 'ended', 'step', 'steps', 'note', 'name'];
  const added = told
    .filter(({ kind, differs }) => differs && kind !== 'metric')
    .map(({ name }) => name)
    .filter((name) => !kept.includes(name) && !incidental.includes(name));
  return [...kept, ...added.slice(0, mostDiffering)];
};

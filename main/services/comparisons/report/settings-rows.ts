import type { ReportData } from './report-data.ts';

export interface SettingRow {
  /** Where it stands: `training.learningRate`. */
  readonly path: string;
  /** One text for each arm; empty where an arm hasn't got it. */
  readonly values: readonly string[];
  readonly differs: boolean;
}

/** Every setting of every arm, one row each, in the order in which they first come. */
export const settingRows = ({ arms }: ReportData): SettingRow[] => {
  const flat = arms.map(({ settings }) => new Map(leaves(settings, '')));
  const paths = [...new Set(flat.flatMap((map) => [...map.keys()]))];
  return paths.map((path) => {
    const values = flat.map((map) => map.get(path) ?? '');
    return { path, values, differs: new Set(values).size > 1 };
  });
};

/** The values of plain JSON by their paths; lists of plain values on one line. */
const leaves = (value: unknown, path: string): [string, string][] => {
  if (Array.isArray(value) && value.every((entry) => typeof entry !== 'object' || entry === null))
    return [[path, value.map(text).join(', ')]];
  if (typeof value !== 'object' || value === null) return [[path, text(value)]];
  const entries = Object.entries(value);
  if (entries.length === 0) return [[path, '–']];
  return entries.flatMap(([key, inner]) => leaves(inner, path === '' ? key : `${path}.${key}`));
};

const text = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

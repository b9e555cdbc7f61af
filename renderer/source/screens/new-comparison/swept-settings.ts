import type { SettingRange } from '../../../../main/api/contract.ts';
import { formatPlain } from '../../format/number.ts';

/** A setting that is searched besides the learning rate, as a form edits it. */
export interface DraftSetting {
  /** Keeps its row itself while others come and go. */
  key: number;
  /** `adapter.dropout` */
  path: string;
  kind: 'values' | 'range' | 'logRange';
  /** As typed: `4, 8, 16`. */
  values: string;
  from: number;
  to: number;
  points: number;
  whole: boolean;
}

let lastKey = 0;

export const newSetting = (): DraftSetting => ({
  key: ++lastKey,
  path: '',
  kind: 'values',
  values: '',
  from: 1,
  to: 10,
  points: 3,
  whole: false,
});

type Scalar = string | number | boolean | null;

const words: Readonly<Record<string, Scalar>> = { true: true, false: false, null: null };

/** What a person types between commas: numbers, `true`, `false`, `null`, and anything else as a word. */
const readScalars = (text: string): Scalar[] =>
  text
    .split(/[,;]/)
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      if (Object.hasOwn(words, part)) return words[part]!;
      return Number.isNaN(Number(part)) ? part : Number(part);
    });

const writeScalar = (value: Scalar): string =>
  typeof value === 'number' ? formatPlain(value) : String(value);

export const draftOfSetting = (path: string, range: SettingRange): DraftSetting => {
  const draft = { ...newSetting(), path };
  if ('values' in range)
    return { ...draft, kind: 'values', values: range.values.map(writeScalar).join(', ') };
  const { points, whole } = range;
  const kind = 'logRange' in range ? 'logRange' : 'range';
  const [from, to] = 'logRange' in range ? range.logRange : range.range;
  return { ...draft, kind, from, to, points, whole };
};

export const settingRange = ({ kind, values, from, to, points, whole }: DraftSetting): SettingRange => {
  if (kind === 'values') return { values: readScalars(values) };
  return kind === 'range' ? { range: [from, to], points, whole } : { logRange: [from, to], points, whole };
};

import type { DiagnosisSpread } from './comparison-diagnosis.ts';
import { diagnosisValueText, type DiagnosisUnit } from './diagnosis-measures.ts';

/** A cell of the tables of what was found, and how every place writes it. Pure: it runs in a browser too. */

const absent = '–';

export interface DiagnosisCell {
  readonly unit: DiagnosisUnit;
  readonly mean: number;
  /** How far that reaches of which the mean is; null where it is of one. */
  readonly range: Pick<DiagnosisSpread, 'low' | 'high'> | null;
}

export interface DiagnosisCellTexts {
  readonly mean: string;
  /** null where there is none, or it reads as one number. */
  readonly range: string | null;
}

/** For a place that sets the range apart from its mean. A cell is null where nothing was found. */
export const diagnosisCellTexts = (cell: DiagnosisCell | null): DiagnosisCellTexts => {
  if (cell === null) return { mean: absent, range: null };
  const text = (value: number): string => diagnosisValueText(value, cell.unit);
  const mean = text(cell.mean);
  if (cell.range === null) return { mean, range: null };
  const [low, high] = [text(cell.range.low), text(cell.range.high)];
  return { mean, range: low === high ? null : `${low} to ${high}` };
};

/** For a place that writes both in one line. */
export const diagnosisCellText = (cell: DiagnosisCell | null): string => {
  const { mean, range } = diagnosisCellTexts(cell);
  return range === null ? mean : `${mean} (${range})`;
};

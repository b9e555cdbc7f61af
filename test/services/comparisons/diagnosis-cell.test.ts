import { describe, expect, test } from 'vitest';
import {
  diagnosisCellText,
  diagnosisCellTexts,
} from '../../../main/services/comparisons/diagnostics/diagnosis-cell.ts';
import { armTable, layerTable } from '../../../main/services/comparisons/diagnostics/diagnosis-tables.ts';
import { sampleReport } from './sample-report.ts';

const diagnosis = sampleReport().diagnosis!;

describe('a cell of the diagnosis tables', () => {
  test('has its range apart, and beside the mean in one line', () => {
    const cell = { unit: 'norm', mean: 4.694, range: { low: 4.66, high: 4.71 } } as const;
    expect(diagnosisCellTexts(cell)).toEqual({ mean: '4.69', range: '4.66 to 4.71' });
    expect(diagnosisCellText(cell)).toBe('4.69 (4.66 to 4.71)');
  });

  test('has no range where it would read as one number, or is of one', () => {
    const share = { unit: 'share', mean: 0.1 } as const;
    expect(diagnosisCellText({ ...share, range: { low: 0.09999, high: 0.10001 } })).toBe('10.0 %');
    expect(diagnosisCellText({ ...share, range: null })).toBe('10.0 %');
  });

  test('is a dash where nothing was found', () => {
    expect(diagnosisCellText(null)).toBe('–');
  });

  test('holds the numbers as they were found', () => {
    const row = armTable(diagnosis).rows.find(({ label }) => label === 'loss when trained')!;
    const { mean, low, high } = diagnosis.arms[0]!.values.trained_loss!;
    expect(row.cells[0]).toEqual({ unit: 'loss', mean, range: { low, high } });
    const layer = layerTable(diagnosis).rows[0]!;
    expect(layer.cells[0]).toEqual({
      unit: 'share',
      mean: diagnosis.layers[0]!.arms[0]!.values.relative_norm,
      range: null,
    });
  });
});

import { fillPortions, portionUnits } from '../portion-sql.ts';

/**
 * What many steps of a metric come to, in portions of 16, 64, 256, … steps: a chart of millions of values reads a few thousand rows. It says
 * nothing that the values don't.
 */
export const metricPortions = /* sql */ `
CREATE TABLE metric_portions (
  run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  unit INTEGER NOT NULL,
  first_step INTEGER NOT NULL,
  count INTEGER NOT NULL,
  sum REAL NOT NULL,
  lowest REAL NOT NULL,
  lowest_step INTEGER NOT NULL,
  highest REAL NOT NULL,
  highest_step INTEGER NOT NULL,
  PRIMARY KEY (run_id, name, unit, first_step)
) STRICT, WITHOUT ROWID;
${portionUnits.map((unit) => `${fillPortions(unit, 'TRUE')};`).join('\n')}
`;

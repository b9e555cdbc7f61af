/** How many steps a portion is of: four times those of the one before, so that a bucket of a chart is two to eight portions. */
export const portionUnits = [16, 64, 256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576] as const;

/** What portions of a unit are made of: those of the unit below, or values, each a portion of its own. */
const partsOf = (unit: number): string => {
  const below = portionUnits.findLast((smaller) => smaller < unit);
  return below === undefined
    ? `(SELECT run_id, name, step AS first_step, 1 AS count, value AS sum,
        value AS lowest, step AS lowest_step, value AS highest, step AS highest_step FROM metrics)`
    : `(SELECT run_id, name, first_step, count, sum, lowest, lowest_step, highest, highest_step
        FROM metric_portions WHERE unit = ${below})`;
};

/**
 * Makes portions of a unit anew.
 * @param where which, on run_id, name and first_step, in whole portions
 */
export const fillPortions = (unit: number, where: string): string => {
  const parts = partsOf(unit);
  const firstStepOf = (end: 'lowest' | 'highest'): string =>
    `(SELECT part.${end}_step FROM ${parts} AS part
      WHERE part.run_id = whole.run_id AND part.name = whole.name
        AND part.first_step BETWEEN whole.begins AND whole.begins + ${unit - 1} AND part.${end} = whole.${end}
      ORDER BY part.first_step LIMIT 1)`;
  return `INSERT OR REPLACE INTO metric_portions
    SELECT run_id, name, ${unit}, begins, count, sum, lowest, ${firstStepOf('lowest')}, highest, ${firstStepOf('highest')}
    FROM (
      SELECT run_id, name, first_step / ${unit} * ${unit} AS begins, sum(count) AS count, sum(sum) AS sum,
        min(lowest) AS lowest, max(highest) AS highest
      FROM ${parts} WHERE ${where} GROUP BY run_id, name, begins
    ) AS whole`;
};

import type { Database } from 'better-sqlite3';
import { fillPortions, portionUnits } from '../portion-sql.ts';

/** What the steps from each `firsts` to `unit - 1` later come to, oldest first; those without a value are left out. */
export interface MetricPortions {
  readonly unit: number;
  readonly firsts: readonly number[];
  readonly counts: readonly number[];
  readonly sums: readonly number[];
  readonly lowest: readonly number[];
  readonly lowestSteps: readonly number[];
  readonly highest: readonly number[];
  readonly highestSteps: readonly number[];
}

/** Keeps what is said of many steps at once in line with the values, and answers from it. */
export const metricPortions = (database: Database) => {
  const place = 'run_id = :runId AND name = :name';
  const fill = portionUnits.map((unit) => ({
    unit,
    statement: database.prepare(fillPortions(unit, `${place} AND first_step BETWEEN :from AND :to`)),
  }));
  const columns = database
    .prepare(
      `SELECT first_step, count, sum, lowest, lowest_step, highest, highest_step FROM metric_portions
        WHERE ${place} AND unit = :unit AND first_step BETWEEN :from AND :to ORDER BY first_step`,
    )
    .raw();
  const remove = database.prepare(
    'DELETE FROM metric_portions WHERE run_id = ? AND name = ? AND unit = ? AND first_step > ?',
  );
  const removeOne = database.prepare(
    'DELETE FROM metric_portions WHERE run_id = ? AND name = ? AND unit = ? AND first_step = ?',
  );
  const sumOf = database
    .prepare(
      `SELECT total(sum) FROM metric_portions WHERE ${place} AND unit = :unit AND first_step BETWEEN :from AND :to`,
    )
    .pluck();
  const sumOfValues = database
    .prepare(`SELECT total(value) FROM metrics WHERE ${place} AND step BETWEEN :from AND :to`)
    .pluck();
  const from = database
    .prepare(
      `SELECT first_step, sum FROM metric_portions WHERE ${place} AND unit = :unit AND first_step >= :from ORDER BY first_step`,
    )
    .raw();
  const valuesFrom = database
    .prepare(`SELECT step, value FROM metrics WHERE ${place} AND step >= :from ORDER BY step`)
    .raw();
  const names = database
    .prepare(`SELECT DISTINCT name FROM metric_portions WHERE run_id = ? AND unit = ${portionUnits.at(-1)}`)
    .pluck();

  const refresh = (runId: string, name: string, first: number, last: number): void => {
    for (const { unit, statement } of fill)
      statement.run({ runId, name, from: floorTo(first, unit), to: floorTo(last, unit) + unit - 1 });
  };

  return {
    /** Of the values of a metric from one step to another. */
    refresh,
    /** Once the values themselves are gone. */
    removeAfter: (runId: string, step: number): void => {
      for (const name of names.all(runId) as string[]) {
        for (const unit of portionUnits) remove.run(runId, name, unit, step - unit);
        refresh(runId, name, step, step);
      }
    },
    /** Once the value of a step is gone. */
    forget: (runId: string, name: string, step: number): void => {
      for (const unit of portionUnits) removeOne.run(runId, name, unit, floorTo(step, unit));
      refresh(runId, name, step, step);
    },
    /** The portions that have any of the steps from `from` to `to`. */
    columns: (runId: string, name: string, unit: number, from: number, to: number): MetricPortions => {
      const rows = columns.all({ runId, name, unit, from: floorTo(from, unit), to }) as number[][];
      const column = (index: number): number[] => rows.map((row) => row[index]!);
      const [firsts, counts, sums] = [column(0), column(1), column(2)];
      const [lowest, lowestSteps, highest, highestSteps] = [column(3), column(4), column(5), column(6)];
      return { unit, firsts, counts, sums, lowest, lowestSteps, highest, highestSteps };
    },
    /** All values up to a step, that one included, added up. */
    sumThrough: (runId: string, name: string, step: number): number => {
      let [sum, begin] = [0, 0];
      for (const unit of portionUnits.toReversed()) {
        const end = floorTo(step + 1, unit);
        if (end > begin) sum += sumOf.get({ runId, name, unit, from: begin, to: end - unit }) as number;
        begin = Math.max(begin, end);
      }
      return sum + (sumOfValues.get({ runId, name, from: begin, to: step }) as number);
    },
    /** The first step up to which the values (none below 0) add up to `sum`; undefined where they never do. */
    stepWhereSumReaches: (runId: string, name: string, sum: number): number | undefined => {
      let [reached, begin] = [0, 0];
      for (const unit of portionUnits.toReversed())
        for (const [first, portion] of from.iterate({ runId, name, unit, from: begin }) as Iterable<
          [number, number]
        >) {
          begin = first;
          if (reached + portion >= sum) break;
          reached += portion;
          begin = first + unit;
        }
      for (const [step, value] of valuesFrom.iterate({ runId, name, from: begin }) as Iterable<
        [number, number]
      >)
        if ((reached += value) >= sum) return step;
      return undefined;
    },
  };
};

const floorTo = (step: number, unit: number): number => Math.floor(step / unit) * unit;

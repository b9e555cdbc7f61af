import { writeFileSync } from 'node:fs';
import { crossedEstimate } from '../../../main/engine/statistics/crossed.ts';
import { powerOf } from '../../../main/engine/statistics/needed.ts';
import { answerComparison } from '../../../main/services/comparisons/answer/answer-comparison.ts';
import { effectScenarios, nullScenarios, simulatedComparison, type Scenario } from './simulated.ts';

/**
 * Writes fixtures/simulation.json: how often a comparison of two arms ends with "better" or "worse", over the whole path from data to verdict.
 * Takes a few minutes: `node test/services/comparisons/simulate.ts`. A test repeats the first of each scenario, and must get the same.
 */

export const draws = 4000;
export const effectDraws = 1000;
const bootstrapDraws = 250;
export const repeated = 40;

export const ask = (scenario: Scenario, draw: number, resamples = 0) => {
  const answer = answerComparison(simulatedComparison(scenario, draw), { resamples, planning: false });
  return answer.metrics[0]!.pairs[0]!;
};

export const count = (scenario: Scenario, total: number) => {
  let [rejected, first, covered] = [0, 0, 0];
  for (let draw = 0; draw < total; draw++) {
    const { verdict, interval } = ask(scenario, draw);
    const claims = verdict === 'better' || verdict === 'worse';
    if (claims) rejected++;
    if (claims && draw < repeated) first++;
    if (interval === null || (interval.low <= 0 && interval.high >= 0)) covered++;
  }
  return { name: scenario.name, draws: total, rejected, first, covered };
};

export const bootstrapCoverage = (scenario: Scenario) => {
  let [percentile, accelerated] = [0, 0];
  for (let draw = 0; draw < bootstrapDraws; draw++) {
    const { bootstrap } = ask(scenario, draw, 400);
    if (bootstrap!.percentile.low <= 0 && bootstrap!.percentile.high >= 0) percentile++;
    if (bootstrap!.accelerated.low <= 0 && bootstrap!.accelerated.high >= 0) accelerated++;
  }
  return { name: scenario.name, draws: bootstrapDraws, percentile, accelerated };
};

/** From the parts of the variance in a far larger comparison of the same kind, as the answer plans from those it measured. */
export const predictedPower = (scenario: Scenario): number => {
  const large = { ...scenario, seeds: 100, items: 2000 };
  const { runs } = simulatedComparison(large, 1).metrics[0]!;
  const rows = (arm: string) => runs.filter((run) => run.arm === arm).map(({ items }) => items!);
  const second = rows('second');
  const differences = rows('first').map((row, seed) =>
    row.map((value, item) => value - second[seed]![item]!),
  );
  const estimate = crossedEstimate([
    {
      share: 1,
      weights: new Array<number>(large.items).fill(1),
      blocks: [{ sign: 1, rows: differences }],
    },
  ]);
  // A continuous score moves by the effect itself; a share by what the large comparison shows.
  const effect = scenario.kind === 'continuous' ? scenario.effect : estimate.mean;
  const design = { estimate, seeds: large.seeds, items: large.items, level: 0.05 };
  return powerOf(design, effect, scenario.seeds, scenario.items);
};

if (import.meta.main) {
  const result = {
    repeated,
    null: nullScenarios.map((scenario) => count(scenario, draws)),
    effect: effectScenarios.map((scenario) => ({
      ...count(scenario, effectDraws),
      predicted: predictedPower(scenario),
    })),
    bootstrap: nullScenarios
      .filter(({ name }) => /^[35] seeds, continuous/.test(name) && !name.includes('one number'))
      .map(bootstrapCoverage),
  };
  writeFileSync(
    new URL('./fixtures/simulation.json', import.meta.url),
    `${JSON.stringify(result, null, 1)}\n`,
  );
}

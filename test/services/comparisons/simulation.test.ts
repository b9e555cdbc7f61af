import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ask } from './simulate.ts';
import { effectScenarios, nullScenarios } from './simulated.ts';

interface Counted {
  readonly name: string;
  readonly draws: number;
  readonly rejected: number;
  /** Of the first draws, those that the test repeats. */
  readonly first: number;
  readonly covered: number;
}

/** What simulate.ts counted. */
const frozen = JSON.parse(readFileSync(new URL('./fixtures/simulation.json', import.meta.url), 'utf8')) as {
  repeated: number;
  null: Counted[];
  effect: (Counted & { predicted: number })[];
};

const everyScenario = [...nullScenarios, ...effectScenarios];

describe('comparisons made up, from data to verdict', () => {
  test.each(frozen.null.filter(({ name }) => !name.includes('unpaired')))(
    'without a difference 5 % ± 1 claim one: $name',
    ({ rejected, covered, draws }) => {
      expect(rejected / draws).toBeGreaterThan(0.04);
      expect(rejected / draws).toBeLessThan(0.06);
      expect(covered + rejected).toBe(draws);
    },
  );

  test('unpaired seeds are on the safe side', () => {
    const { rejected, draws } = frozen.null.find(({ name }) => name.includes('unpaired'))!;
    expect(rejected / draws).toBeLessThan(0.05);
    expect(rejected / draws).toBeGreaterThan(0.03);
  });

  test.each(frozen.effect)(
    'a difference is found as often as predicted: $name',
    ({ rejected, draws, predicted }) => {
      expect(Math.abs(rejected / draws - predicted)).toBeLessThan(0.1);
    },
  );

  test('the counts are of this code: the first of each come out the same', () => {
    for (const [index, { name, first }] of [...frozen.null, ...frozen.effect].entries()) {
      const scenario = everyScenario[index]!;
      expect(scenario.name).toBe(name);
      let claims = 0;
      for (let draw = 0; draw < frozen.repeated; draw++)
        if (['better', 'worse'].includes(ask(scenario, draw).verdict)) claims++;
      expect({ name, first: claims }).toEqual({ name, first });
    }
  });
});

import { mkdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readEvents } from '../../../main/trainer/run/event-log.ts';
import { lastWhole, runOf, steps, writeCheckpoints } from '../run-of-checkpoints.ts';
import { survivePowerCuts } from './survive.ts';

test('what a run had told of by the time of a power cut is there: its checkpoint, and all that was measured before it', async () => {
  const { states } = await survivePowerCuts({
    prepare: (directory) => mkdirSync(runOf(directory)),
    work: writeCheckpoints,
    check: async (directory, { marks }) => {
      const told = Number(marks.at(-1) ?? 0);
      const found = await lastWhole(runOf(directory));
      expect(found).toBeGreaterThanOrEqual(told);
      const measured = readEvents(runOf(directory), 0).events.flatMap((event) =>
        event.type === 'metrics' ? event.metrics.map(({ step }) => step) : [],
      );
      expect(measured.slice(0, found)).toEqual(steps.slice(0, found));
    },
  });
  expect(states).toBeGreaterThan(100);
}, 120_000);

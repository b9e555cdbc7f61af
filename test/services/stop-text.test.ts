import { expect, test } from 'vitest';
import { stopText } from '../../main/services/runs/stop-text.ts';

const run = (phase: string | null, step: number, stepSeconds?: number) =>
  ({
    configuration: { name: 'LoRA' },
    progress: phase === null ? null : { phase, done: 0, total: 1 },
    latest: stepSeconds === undefined ? {} : { 'train/step_seconds': stepSeconds },
    step,
  }) as Parameters<typeof stopText>[0];

test.each([
  ['training', 3, 0.2, 'LoRA finishes its step'],
  ['training', 3, 42.4, 'LoRA finishes its step (about 42 s)'],
  ['training', 3, 290, 'LoRA finishes its step (about 5 min)'],
  ['evaluating', 0, undefined, 'LoRA finishes its first evaluation'],
  ['evaluating', 3, 42, 'LoRA leaves its evaluation'],
  ['saving', 9, 42, 'LoRA is done, and is saved'],
  ['initialising', 0, undefined, 'LoRA stops before its next step'],
  [null, 0, undefined, 'LoRA stops before its next step'],
])('a run that is %s after %d steps of %s s: %s', (phase, step, seconds, text) => {
  expect(stopText(run(phase, step, seconds))).toBe(text);
});

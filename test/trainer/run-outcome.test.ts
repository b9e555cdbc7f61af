import { describe, expect, it } from 'vitest';
import { outcomeOf } from '../../main/trainer/run/run-outcome.ts';

const evaluations = [3, 2.5, 2.75, 2.625].map((loss, index) => ({
  step: 10 * (index + 1),
  loss,
  accuracy: null,
}));
const [best, last] = [
  { step: 20, loss: 2.5, accuracy: null },
  { step: 40, loss: 2.625, accuracy: null },
];
const settings = { earlyStopping: null, keepBest: false };

const told = {
  'run/steps': 40,
  'run/evaluations': 4,
  'run/best_step': 20,
  'validation/loss/last': 2.625,
  'validation/loss/best': 2.5,
};

describe('the end of a run', () => {
  it('saves the last', () => {
    expect(outcomeOf(evaluations, settings, 40)).toEqual({
      saved: last,
      summary: { ...told, 'validation/loss': 2.625 },
      notices: [],
    });
  });

  it('saves the best where asked, and says so', () => {
    const { saved, summary, notices } = outcomeOf(evaluations, { ...settings, keepBest: true }, 40);
    expect(saved).toEqual(best);
    expect(summary).toEqual({ ...told, 'validation/loss': 2.5, 'run/kept_step': 20 });
    expect(notices).toEqual([
      'the adapter of step 20 is kept: its held-out loss of 2.5000 was the lowest of 4 evaluations; after the last step it was 2.6250',
    ]);
    // Nothing to tell where the best is the last.
    expect(outcomeOf(evaluations.slice(0, 2), { ...settings, keepBest: true }, 20).notices).toEqual([]);
  });

  it('says that it came early', () => {
    const stopping = { ...settings, earlyStopping: { patience: 2, minDelta: 0 } };
    expect(outcomeOf(evaluations, stopping, 100)).toMatchObject({
      saved: last,
      summary: { 'run/steps': 40 },
      notices: [
        'stopped early, at step 40 of 100: the held-out loss had not fallen in 2 evaluations (lowest 2.5000 at step 20)',
      ],
    });
    // The last step was the last anyway.
    expect(outcomeOf(evaluations, stopping, 40).notices).toEqual([]);
  });
});

it('a classifier keeps its accuracy beside each loss', () => {
  const classified = evaluations.map((one) => ({ ...one, accuracy: one.step / 100 }));
  expect(outcomeOf(classified, { ...settings, keepBest: true }, 40).summary).toMatchObject({
    'validation/accuracy': 0.2,
    'validation/accuracy/best': 0.2,
    'validation/accuracy/last': 0.4,
  });
});

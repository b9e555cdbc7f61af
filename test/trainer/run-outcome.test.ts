import { describe, expect, it } from 'vitest';
import { outcomeOf } from '../../main/trainer/run/run-outcome.ts';
import { runSummarySchema } from '../../main/trainer/protocol/protocol.ts';

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

describe('the end of a run', () => {
  it('saves the last', () => {
    expect(outcomeOf(evaluations, settings, 40)).toEqual({
      saved: last,
      summary: {
        steps: 40,
        validationLossAfter: 2.625,
        validationAccuracyAfter: null,
        evaluations: { count: 4, last, best, saved: 'last' },
      },
      notices: [],
    });
  });

  it('saves the best where asked, and says so', () => {
    const { saved, summary, notices } = outcomeOf(evaluations, { ...settings, keepBest: true }, 40);
    expect(saved).toEqual(best);
    expect(summary).toEqual({
      steps: 40,
      validationLossAfter: 2.5,
      validationAccuracyAfter: null,
      evaluations: { count: 4, last, best, saved: 'best' },
    });
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
      summary: { steps: 40 },
      notices: [
        'stopped early, at step 40 of 100: the held-out loss had not fallen in 2 evaluations (lowest 2.5000 at step 20)',
      ],
    });
    // The last step was the last anyway.
    expect(outcomeOf(evaluations, stopping, 40).notices).toEqual([]);
  });
});

it('a summary of a version that did not tell is read', () => {
  const older = {
    ...{ trainedParameters: 1, totalParameters: 2, validationLossBefore: 3, validationLossAfter: 2 },
    ...{
      secondsPerStep: 1,
      tokensPerSecond: 1,
      initialisationSeconds: 1,
      totalSeconds: 1,
      peakMemoryBytes: 1,
    },
  };
  expect(runSummarySchema.parse(older)).toEqual({
    ...older,
    validationAccuracyBefore: null,
    validationAccuracyAfter: null,
    steps: null,
    evaluations: null,
  });
});

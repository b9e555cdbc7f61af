import type { Batch } from '../../engine/data/batches/batch.ts';
import { learningRateAt } from '../../engine/optim/schedule.ts';
import { diverged, type RunInProgress } from './run-in-progress.ts';
import { speedOf, type StepTaken } from './run-journal.ts';
import { metricsAt } from './run-metrics.ts';

const takenBy = (batches: readonly Batch[]): StepTaken => ({
  tokens: batches.reduce((sum, { tokens }) => sum + tokens, 0),
  pictures: batches.some(({ pictures }) => pictures !== undefined)
    ? batches.reduce((sum, { pictures = 0 }) => sum + pictures, 0)
    : null,
});

/** One optimizer step, reported as metrics and noted in the journal. */
export const takeStep = async ({
  specification: { training },
  prepared: { firstStep, steps, warmupSteps },
  trainer,
  stream,
  journal,
  emit,
  place,
}: RunInProgress): Promise<void> => {
  const from = performance.now();
  const step = trainer.stepsDone();
  const batches = await stream.take(training.gradientAccumulation);
  const learningRate = learningRateAt(step - firstStep, {
    ...training,
    steps: steps - firstStep,
    warmupSteps,
  });
  const { loss, gradientNorm, brokenAt } = await trainer.step(batches, learningRate);
  if (!Number.isFinite(loss + gradientNorm))
    throw diverged(
      `step ${step + 1}: ${Number.isFinite(loss) ? 'the gradient' : 'the loss'}`,
      `a learningRate below ${learningRate.toPrecision(3)}`,
      brokenAt,
    );
  const seconds = (performance.now() - from) / 1000;
  const taken = takenBy(batches);
  journal.note(seconds, taken);
  const metrics = metricsAt(step + 1, {
    'train/loss': loss,
    'train/gradient_norm': gradientNorm,
    'train/learning_rate': learningRate,
    'train/step_seconds': seconds,
    ...speedOf(taken, seconds),
    // Of a process that has other runs too it would say nothing of this one.
    ...(!place.isBesideOthers && { 'train/memory_bytes': process.memoryUsage.rss() }),
  });
  emit({ type: 'metrics', metrics });
};

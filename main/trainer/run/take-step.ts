import { learningRateAt } from '../../engine/optim/schedule.ts';
import { diverged, type RunInProgress } from './run-in-progress.ts';
import { metricsAt } from './run-metrics.ts';

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
  const tokens = batches.reduce((sum, batch) => sum + batch.tokens, 0);
  journal.note(seconds, tokens);
  const metrics = metricsAt(step + 1, {
    'train/loss': loss,
    'train/gradient_norm': gradientNorm,
    'train/learning_rate': learningRate,
    'train/step_seconds': seconds,
    'train/tokens_per_second': tokens / seconds,
    // Of a process that has other runs too it would say nothing of this one.
    ...(!place.isBesideOthers && { 'train/memory_bytes': process.memoryUsage.rss() }),
  });
  emit({ type: 'metrics', metrics });
};

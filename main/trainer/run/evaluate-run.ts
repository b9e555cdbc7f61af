import { withDerived } from '../../engine/metrics/derived.ts';
import type { EvaluationPoint } from '../../engine/train/settings/early-stopping.ts';
import { diverged, type RunInProgress } from './run-in-progress.ts';
import { evaluationValues, metricsAt } from './run-metrics.ts';
import { writeSamples } from './write-samples.ts';

/** What the adapter as it is now does on the held-out rows, reported as metrics, and what it writes to the run's prompts. */
export const evaluateRun = async (run: RunInProgress): Promise<EvaluationPoint> => {
  const {
    prepared: { model, batches: ofRun },
    trainer,
    emit,
    report,
  } = run;
  const { count, batches } = ofRun.heldOut();
  const evaluation = await trainer.evaluate(batches, (done) => report('evaluating', done, count));
  const step = trainer.stepsDone();
  if (!Number.isFinite(evaluation.loss))
    throw diverged(`step ${step}: the held-out loss`, 'a smaller learningRate');
  const values = withDerived(evaluationValues(evaluation), model.architecture.objective);
  emit({ type: 'metrics', metrics: metricsAt(step, values) });
  await writeSamples(run);
  return { step, ...evaluation };
};

import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeAdapter } from '../../engine/adapters/folder/adapter-folder.ts';
import { WorkbenchError } from '../../engine/errors.ts';
import { withDerived } from '../../engine/metrics/derived.ts';
import { countParameters } from '../../engine/models/model.ts';
import { readCheckpointParameters } from '../../engine/train/checkpoint.ts';
import type { EvaluationValues } from '../../engine/train/settings/early-stopping.ts';
import { checkpointDirectory } from './checkpoint-folders.ts';
import type { RunInProgress } from './run-in-progress.ts';
import { evaluationAt } from './run-metrics.ts';
import { outcomeOf, type RunOutcome } from './run-outcome.ts';
import { saveCheckpoint } from './save-checkpoint.ts';
import { trainedValues } from './trained-values.ts';

/** The trained numbers after a step: those of now, or of the checkpoint that was kept of it. */
const parametersOf = async (
  { specification, trainer }: RunInProgress,
  step: number,
): Promise<Float32Array> =>
  step === trainer.stepsDone()
    ? (await trainer.state()).parameters
    : readCheckpointParameters(checkpointDirectory(specification.runDirectory, step), trainer.layout.total);

/** What counts of a run, and its trained numbers. A checkpoint that the disk has spoilt since takes the best from a run, not all of it. */
const savedOf = async (
  run: RunInProgress,
): Promise<{ readonly outcome: RunOutcome; readonly parameters: Float32Array }> => {
  const { specification, prepared, journal } = run;
  const outcome = (lost?: string): RunOutcome =>
    outcomeOf(journal.evaluations, specification.training, prepared.steps, lost);
  const wanted = outcome();
  try {
    return { outcome: wanted, parameters: await parametersOf(run, wanted.saved.step) };
  } catch (error) {
    if (!(error instanceof WorkbenchError)) throw error;
    const last = outcome(error.message);
    return { outcome: last, parameters: await parametersOf(run, last.saved.step) };
  }
};

const saveAdapter = async (run: RunInProgress, parameters: Float32Array): Promise<string> => {
  const { settings, adapter, classNames, chatTemplate, trainedWeights, model } = run.prepared;
  const directory = join(run.specification.runDirectory, 'adapter');
  run.guard.assertOwned();
  // Of an earlier process, which ended before anybody heard of it.
  rmSync(directory, { recursive: true, force: true });
  await writeAdapter(directory, {
    settings,
    layers: adapter.layers,
    classes: classNames,
    chatTemplate,
    weights: trainedWeights.map((name) => ({ name, shape: model.weightShapes.get(name)! })),
    values: trainedValues(run.trainer.layout, parameters, adapter),
  });
  return directory;
};

/**
 * Saves the adapter of the evaluation that counts, and reports what the run came to.
 * @param before what the model did before the first step
 */
export const finishRun = async (run: RunInProgress, before: EvaluationValues): Promise<void> => {
  const { trainer, journal, emit, report } = run;
  const { model } = run.prepared;
  await report('saving', 0, 1);
  await saveCheckpoint(run);
  const { outcome, parameters } = await savedOf(run);
  const adapterDirectory = await saveAdapter(run, parameters);
  for (const message of outcome.notices) emit({ type: 'notice', message });
  emit({
    type: 'completed',
    adapterDirectory,
    summary: withDerived(
      {
        'run/trained_parameters': trainer.layout.total,
        'run/total_parameters': countParameters(model.weightShapes),
        ...evaluationAt(before, 'before'),
        ...outcome.summary,
        ...journal.timing(),
      },
      model.architecture.objective,
    ),
  });
};

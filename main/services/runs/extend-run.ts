import { constants, existsSync, rmSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describeAdapter } from '../../engine/adapters/settings/adapter-settings.ts';
import { WorkbenchError } from '../../engine/errors.ts';
import { syncTree } from '../../engine/formats/sync-folder.ts';
import { overriddenTraining } from '../../engine/train/settings/training-overrides.ts';
import type { Store } from '../../store/store.ts';
import { checkpointDirectory, startDirectory } from '../../trainer/run/checkpoint-folders.ts';
import { checkAdaptersFit } from '../experiments/experiment-checks.ts';
import { insertExperiment } from '../experiments/insert-experiment.ts';
import { findModel } from '../library/models.ts';
import type { ReadFiles } from '../reading/reader.ts';
import type { Run } from '../shared/entities.ts';
import { createId } from '../shared/identifiers.ts';
import { experimentDefinitionSchema, type ExperimentDefinition } from '../shared/experiment-definition.ts';
import { findExperiment } from '../shared/experiment-lookup.ts';
import type { ExtendParameters } from '../shared/extend-parameters.ts';
import type { RunLedger } from './run-ledger.ts';
import { runDirectoryOf } from './run-specification.ts';

export interface ExtendContext {
  readonly store: Store;
  readonly ledger: RunLedger;
  readonly readFiles: ReadFiles;
  readonly dataDirectory: string;
}

/**
 * Makes a run that goes on where a completed one has ended. It has all that it needs in its own folder, so the other may be removed; and has it
 * before anybody knows of the run, so what is broken off leaves nothing but a folder to clear away.
 * @returns the id of its experiment
 * @throws WorkbenchError where it can't go on exactly
 */
export const extendRun = async (
  { store, ledger, readFiles, dataDirectory }: ExtendContext,
  { id, ...changes }: ExtendParameters,
): Promise<string> => {
  const source = ledger.show(id);
  const step = lastStepOf(source);
  const from = runDirectoryOf(dataDirectory, id);
  const parts = [startDirectory(from), checkpointDirectory(from, step)];
  for (const part of parts)
    if (!existsSync(part))
      throw new WorkbenchError(
        'conflict',
        `the run "${source.configuration.name}" can't be gone on with: ${part} is gone, which has what it ended with`,
      );

  const runId = createId();
  const to = runDirectoryOf(dataDirectory, runId);
  const mode = constants.COPYFILE_FICLONE;
  const definition = extendedDefinition(store, source, changes);
  await checkAdaptersFit(readFiles, findModel(store, definition.model), definition.configurations);
  try {
    await cp(parts[0]!, startDirectory(to), { recursive: true, mode });
    await cp(parts[1]!, join(to, 'checkpoints', basename(parts[1]!)), { recursive: true, mode });
    await syncTree(to);
    return store.transaction(() => {
      const { experimentId } = insertExperiment(store, definition, [runId]);
      store.runs.update(runId, {
        step,
        steps: step + changes.steps,
        modelIdentity: store.runs.find(id)!.modelIdentity,
        origin: { runId: id, experimentId: source.experimentId, name: source.configuration.name, step },
      });
      return experimentId;
    });
  } catch (error) {
    rmSync(to, { recursive: true, force: true });
    throw error;
  }
};

/** After how many steps the adapter was saved that a run has given. */
const lastStepOf = ({ status, summary, configuration }: Run): number => {
  const { name, adapter } = configuration;
  const step = summary?.['run/kept_step'] ?? summary?.['run/steps'];
  if (status !== 'completed' || step === undefined)
    throw new WorkbenchError(
      'conflict',
      `the run "${name}" is ${status}: only a completed run has an end to go on from`,
    );
  if (describeAdapter(adapter).rules.some(({ kind }) => kind === 'rank-allocation'))
    throw new WorkbenchError(
      'unsupported',
      `the run "${name}" can't be gone on with: AdaLoRA shares its ranks out by a plan over the whole run, which has ended; start a longer run instead`,
    );
  return step;
};

/** As its run trained, but for what is asked for. */
const extendedDefinition = (
  store: Store,
  { experimentId, configuration, device }: Run,
  { steps, ...changes }: Omit<ExtendParameters, 'id'>,
): ExperimentDefinition => {
  const record = findExperiment(store, experimentId);
  const { definition, modelId, datasetId } = record;
  const source = experimentDefinitionSchema.parse(definition);
  const { name, adapter, training: own } = configuration;
  const training = overriddenTraining(overriddenTraining(source.training, own), {
    ...(device !== undefined && { device: device.name }),
    ...changes,
    steps,
    // The rate has risen already.
    warmupSteps: changes.warmupSteps ?? 0,
  });
  const called = `${name}, ${steps.toLocaleString('en')} more steps`;
  return {
    ...source,
    name: called.slice(0, 200),
    model: modelId,
    dataset: datasetId,
    training,
    configurations: [{ name: called.slice(0, 200), adapter }],
  };
};

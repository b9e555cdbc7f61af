import { WorkbenchError } from '../../engine/errors.ts';
import type { Store } from '../../store/store.ts';
import type { DiagnoseSpecification } from '../../trainer/protocol/protocol.ts';
import { startDirectory } from '../../trainer/run/checkpoint-folders.ts';
import { heldOutOf } from '../adapters/held-out.ts';
import { assertModelUnchanged } from '../library/model-identity.ts';
import { findModel } from '../library/models.ts';
import type { ReadFiles } from '../reading/reader.ts';
import type { RunLedger } from '../runs/run-ledger.ts';
import { runDirectoryOf } from '../runs/run-specification.ts';
import type { Run } from '../shared/entities.ts';
import { experimentDefinitionSchema } from '../shared/experiment-definition.ts';
import { findExperiment } from '../shared/experiment-lookup.ts';

export interface DiagnoseContext {
  readonly store: Store;
  readonly ledger: RunLedger;
  readonly dataDirectory: string;
  readonly readFiles: ReadFiles;
}

/**
 * Everything that the trainer needs to know to look into completed runs on one model.
 * @throws WorkbenchError for a run that is not completed, or a model that is not what it was
 */
export const diagnoseSpecification = async (
  context: DiagnoseContext,
  modelId: string,
  runs: readonly Run[],
  pairs: DiagnoseSpecification['pairs'],
): Promise<DiagnoseSpecification> => {
  const model = findModel(context.store, modelId);
  const subjects = [];
  for (const run of runs) subjects.push(await subjectOf(context, run));
  const { files } = await assertModelUnchanged(context, model);
  return {
    modelDirectory: model.directory,
    modelFiles: [...files],
    runs: subjects,
    pairs,
    threads: null,
  };
};

const subjectOf = async (
  context: DiagnoseContext,
  run: Run,
): Promise<DiagnoseSpecification['runs'][number]> => {
  const { store, dataDirectory } = context;
  const adapter = store.adapters.ofRun(run.id);
  const { name, definition } = findExperiment(store, run.experimentId);
  if (adapter === undefined)
    throw new WorkbenchError(
      'conflict',
      `the run "${run.configuration.name}" is ${run.status}: only a completed run can be looked into`,
    );
  return {
    runId: run.id,
    name: `${name}/${run.configuration.name}`,
    adapterDirectory: adapter.directory,
    startDirectory: startDirectory(runDirectoryOf(dataDirectory, run.id)),
    seed: experimentDefinitionSchema.parse(definition).seed,
    heldOut: await heldOutOf(context, adapter),
  };
};

/** Norms at the first step, which the store knows and no file does. */
export const firstGradientNorm = (store: Store, runId: string): number | null =>
  store.metrics.list(runId, 'train/gradient_norm').find(({ step }) => step === 1)?.value ?? null;

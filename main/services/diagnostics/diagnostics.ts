import { join } from 'node:path';
import { invalidInput, WorkbenchError } from '../../engine/errors.ts';
import type { Store } from '../../store/store.ts';
import type { DiagnoseSpecification } from '../../trainer/protocol/protocol.ts';
import type { SpawnTrainer } from '../../trainer/process/trainer-process.ts';
import { assertModelUnchanged } from '../library/model-identity.ts';
import { findModel } from '../library/models.ts';
import { heldOutOf } from '../adapters/held-out.ts';
import type { RunLedger } from '../runs/run-ledger.ts';
import { runDirectoryOf } from '../runs/run-specification.ts';
import type { Run } from '../shared/entities.ts';
import { experimentDefinitionSchema } from '../shared/experiment-definition.ts';
import { findExperiment } from '../shared/experiment-lookup.ts';
import type { WorkbenchMethods } from '../shared/methods.ts';
import type { EmitEvent } from '../shared/workbench-events.ts';
import { askTrainer } from '../trainer-jobs/trainer-question.ts';

interface DiagnosticsContext {
  readonly store: Store;
  readonly ledger: RunLedger;
  readonly emit: EmitEvent;
  readonly spawnTrainer: SpawnTrainer;
  readonly dataDirectory: string;
}

/** Looks into what completed runs have learned, in a trainer process. Nothing of it is kept: it follows from files that are. */
export const createDiagnosticsService = (context: DiagnosticsContext) => {
  const { store, ledger, emit, spawnTrainer, dataDirectory } = context;

  const subjectOf = async (run: Run): Promise<DiagnoseSpecification['runs'][number]> => {
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
      startDirectory: join(runDirectoryOf(dataDirectory, run.id), 'adapter-start'),
      seed: experimentDefinitionSchema.parse(definition).seed,
      heldOut: await heldOutOf(context, adapter),
    };
  };

  return {
    compute: async ({ runIds }) => {
      const runs = [...new Set(runIds)].map((id) => ledger.show(id));
      const models = new Set(runs.map(({ experimentId }) => findExperiment(store, experimentId).modelId));
      if (models.size > 1)
        throw invalidInput(
          `the runs are of ${models.size} models: layers of one model are what can be held against each other`,
        );
      const model = findModel(store, [...models][0]!);
      const adapters = [];
      for (const run of runs) adapters.push(await subjectOf(run));
      const { files } = await assertModelUnchanged(store, model);
      const specification: DiagnoseSpecification = {
        modelDirectory: model.directory,
        modelFiles: [...files],
        runs: adapters,
        threads: null,
      };
      const { diagnosis } = await askTrainer(spawnTrainer, { type: 'diagnose', specification }, 'diagnosed', {
        onProgress: ({ phase, done, total }) =>
          emit({ name: 'diagnostics.progress', payload: { phase, done, total } }),
      });
      const firstGradientNorm = (id: string): number | null =>
        store.metrics.list(id, 'train/gradient_norm').find(({ step }) => step === 1)?.value ?? null;
      return {
        ...diagnosis,
        runs: diagnosis.runs.map((run) => ({ ...run, firstGradientNorm: firstGradientNorm(run.runId) })),
      };
    },
  } satisfies WorkbenchMethods['diagnostics'];
};

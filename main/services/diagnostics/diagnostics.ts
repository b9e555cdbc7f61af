import { invalidInput } from '../../engine/errors.ts';
import type { SpawnTrainer } from '../../trainer/process/trainer-process.ts';
import { findExperiment } from '../shared/experiment-lookup.ts';
import type { WorkbenchMethods } from '../shared/methods.ts';
import type { EmitEvent } from '../shared/workbench-events.ts';
import { modelLimits } from '../trainer-jobs/job-limits.ts';
import { askTrainer } from '../trainer-jobs/trainer-question.ts';
import { diagnoseSpecification, firstGradientNorm, type DiagnoseContext } from './diagnose-specification.ts';

interface DiagnosticsContext extends DiagnoseContext {
  readonly emit: EmitEvent;
  readonly spawnTrainer: SpawnTrainer;
}

/** Looks into what completed runs have learned, in a trainer process. Nothing of it is kept: it follows from files that are. */
export const createDiagnosticsService = (context: DiagnosticsContext) => {
  const { store, ledger, emit, spawnTrainer } = context;
  return {
    compute: async ({ runIds }) => {
      const runs = [...new Set(runIds)].map((id) => ledger.show(id));
      const models = new Set(runs.map(({ experimentId }) => findExperiment(store, experimentId).modelId));
      if (models.size > 1)
        throw invalidInput(
          `the runs are of ${models.size} models: layers of one model are what can be held against each other`,
        );
      const specification = await diagnoseSpecification(context, [...models][0]!, runs, null);
      const { diagnosis } = await askTrainer(spawnTrainer, { type: 'diagnose', specification }, 'diagnosed', {
        limits: modelLimits,
        onProgress: ({ phase, done, total }) =>
          emit({ name: 'diagnostics.progress', payload: { phase, done, total } }),
      });
      return {
        ...diagnosis,
        runs: diagnosis.runs.map((run) => ({
          ...run,
          firstGradientNorm: firstGradientNorm(store, run.runId),
        })),
      };
    },
  } satisfies WorkbenchMethods['diagnostics'];
};

import type { Command } from 'commander';
import type { Comparison, Experiment } from '../../api/contract.ts';
import { invalidInput } from '../../engine/errors.ts';
import { addCommand } from '../command.ts';
import { diagnosisText } from '../diagnosis-text.ts';
import { pick } from '../pick.ts';

export const addDiagnoseCommand = (program: Command): void =>
  addCommand<{ readonly layers?: true }>(program, {
    usage: 'diagnose <runs-experiments-or-comparisons...>',
    description:
      'look into completed runs on one model: what they started from and learned, layer by layer, and what any two have in common',
    options: { '--layers': 'every layer, not only means over layers' },
    run: async (context, { layers = false }, ...wanted) => {
      const experiments = await context.call('experiments.list', {});
      const comparisons = await context.call('comparisons.list', {});
      const runIds = [...new Set(wanted.flatMap((one) => runsOf(experiments, comparisons, one)))];
      const unsubscribe = context.router.subscribe((event) => {
        if (event.name === 'diagnostics.progress')
          context.progress.show({ label: 'diagnose', ...event.payload });
      });
      try {
        const diagnosis = await context.call('diagnostics.compute', { runIds });
        return { document: diagnosis, text: diagnosisText(diagnosis, layers) };
      } finally {
        unsubscribe();
        context.progress.clear();
      }
    },
  });

/** A run, or the completed runs of an experiment, or of a comparison those that are reported on. */
const runsOf = (
  experiments: readonly Experiment[],
  comparisons: readonly Comparison[],
  wanted: string,
): string[] => {
  const ofComparisons = comparisons.map(({ id, name, runs }) => ({
    id,
    name,
    runIds: runs
      .filter(({ role, status }) => role === 'final' && status === 'completed')
      .map(({ runId }) => runId),
  }));
  const subjects = experiments.flatMap((experiment) => [
    {
      id: experiment.id,
      name: experiment.name,
      runIds: experiment.runs.filter(({ status }) => status === 'completed').map(({ id }) => id),
    },
    ...experiment.runs.map(({ id, configuration }) => ({
      id,
      name: `${experiment.name}/${configuration.name}`,
      runIds: [id],
    })),
  ]);
  const hint = 'nora experiment list and nora experiment status EXPERIMENT show what there is';
  const { runIds, name } = pick(
    [...ofComparisons, ...subjects],
    wanted,
    'run, experiment or comparison',
    hint,
  );
  if (runIds.length === 0) throw invalidInput(`"${name}" has no completed run to look into`);
  return runIds;
};

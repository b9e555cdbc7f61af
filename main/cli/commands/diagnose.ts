import type { Command } from 'commander';
import type { Experiment } from '../../api/contract.ts';
import { invalidInput } from '../../engine/errors.ts';
import { addCommand } from '../command.ts';
import { diagnosisText } from '../diagnosis-text.ts';
import { pick } from '../pick.ts';

export const addDiagnoseCommand = (program: Command): void =>
  addCommand<{ readonly layers?: true }>(program, {
    usage: 'diagnose <runs-or-experiments...>',
    description:
      'look into completed runs on one model: what they started from and learned, layer by layer, and what any two have in common',
    options: { '--layers': 'every layer, not only means over layers' },
    run: async (context, { layers = false }, ...wanted) => {
      const experiments = await context.call('experiments.list', {});
      const runIds = [...new Set(wanted.flatMap((one) => runsOf(experiments, one)))];
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

/** A run, or the completed runs of an experiment. */
const runsOf = (experiments: readonly Experiment[], wanted: string): string[] => {
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
  const { runIds, name } = pick(subjects, wanted, 'run or experiment', hint);
  if (runIds.length === 0) throw invalidInput(`"${name}" has no completed run to look into`);
  return runIds;
};

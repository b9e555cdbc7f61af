import type { Command } from 'commander';
import type { Call } from '../../api/client.ts';
import { invalidInput } from '../../engine/errors.ts';
import { addCommand, type CommandContext } from '../command.ts';
import { diagnosisText } from '../diagnosis-text.ts';
import { allComparisons, allExperiments, allRuns } from '../list-all.ts';
import { pick, runName } from '../pick.ts';

export const addDiagnoseCommand = (program: Command): void =>
  addCommand<{ readonly layers?: true }>(program, {
    usage: 'diagnose <runs-experiments-or-comparisons...>',
    description:
      'look into completed runs on one model: what they started from and learned, layer by layer, and what any two have in common',
    options: { '--layers': 'every layer, not only means over layers' },
    run: async (context, { layers = false }, ...wanted) => {
      const subjects = await subjectsOf(context);
      const picked = await Promise.all(wanted.map((one) => runsOf(context, subjects, one)));
      const runIds = [...new Set(picked.flat())];
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

interface Subject {
  readonly id: string;
  readonly name: string;
  readonly kind: 'comparison' | 'experiment' | 'run';
}

const subjectsOf = async ({ call }: CommandContext): Promise<Subject[]> => [
  ...(await allComparisons(call)).map(({ id, name }) => ({ id, name, kind: 'comparison' as const })),
  ...(await allExperiments(call)).map(({ id, name }) => ({ id, name, kind: 'experiment' as const })),
  ...(await allRuns(call)).map((row) => ({ id: row.id, name: runName(row), kind: 'run' as const })),
];

/** What there is to look into: of an experiment its completed runs, of a comparison those that are reported on. */
const completedRuns: Record<Subject['kind'], (call: Call, id: string) => Promise<string[]>> = {
  run: (_, id) => Promise.resolve([id]),
  experiment: async (call, id) =>
    (await call('experiments.show', { id })).runs
      .filter(({ status }) => status === 'completed')
      .map((run) => run.id),
  comparison: async (call, id) =>
    (await call('comparisons.show', { id })).runs
      .filter(({ role, status }) => role === 'final' && status === 'completed')
      .map(({ runId }) => runId),
};

const runsOf = async (
  { call }: CommandContext,
  subjects: readonly Subject[],
  wanted: string,
): Promise<string[]> => {
  const hint = 'nora experiment list and nora experiment status EXPERIMENT show what there is';
  const { id, name, kind } = pick(subjects, wanted, 'run, experiment or comparison', hint);
  const runIds = await completedRuns[kind](call, id);
  if (runIds.length === 0) throw invalidInput(`"${name}" has no completed run to look into`);
  return runIds;
};

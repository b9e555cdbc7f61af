import type { ComparisonDataInput } from '../answer/comparison-data.ts';
import { settingPath } from '../design/setting-path.ts';
import type { ComparisonState } from '../orchestration/comparison-state.ts';

type TuningInput = NonNullable<ComparisonDataInput['tuning']>[number];

/**
 * Loss against each setting that was searched and is a number. Of a search by rounds the first is taken: there every trial is as long as the
 * others.
 */
export const measuredTuning = ({ definition, design, runs }: ComparisonState): TuningInput[] => {
  const { tuning } = definition;
  if (tuning === null) return [];
  const { search, settings } = tuning.sweep;
  const trials = runs.filter(({ role, round }) => role === 'tuning' && round === 0);
  return Object.keys(settings).flatMap((given) => {
    const { full, keys } = settingPath(given);
    const setting = keys.join('.');
    const points = trials.flatMap((run) => {
      const value = design.trials.find(({ number }) => number === run.trial)?.settings[full];
      if (typeof value !== 'number') return [];
      const problem = run.status === 'completed' ? null : (run.error ?? run.status);
      return [{ arm: run.arm, value, seed: run.seed, runId: run.runId, score: run.loss, problem }];
    });
    if (points.length === 0) return [];
    return [
      {
        setting,
        label: search === 'halving' ? `${setting} (first round)` : setting,
        metric: 'validation/loss',
        metricLabel: 'loss on the rows for tuning',
        unit: 'loss' as const,
        better: 'lower' as const,
        trials: points,
      },
    ];
  });
};

import type { ComparisonState, RunState } from './comparison-state.ts';

/** Those that are reported on. */
export const finalRuns = ({ runs }: Pick<ComparisonState, 'runs'>): RunState[] =>
  runs.filter(({ role }) => role === 'final');

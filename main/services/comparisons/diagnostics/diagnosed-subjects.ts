import { finalRuns } from '../orchestration/final-runs.ts';
import { isOver, type ComparisonState, type RunState } from '../orchestration/comparison-state.ts';

/** Adapters that are looked into, and which of them are held against each other. */
export interface DiagnosedSubjects {
  readonly runs: readonly RunState[];
  /** By their places in `runs`: seeds of one arm, and arms from one seed. What differs in both would say nothing of either. */
  readonly pairs: readonly (readonly [number, number])[];
  /** Who is missing, and why. */
  readonly notices: readonly string[];
}

/** How many seeds are looked into where nobody had asked before the comparison was done. */
const seedsOtherwise = 2;

/** Whether anybody asked for it, then or now. */
export const isDiagnosed = ({
  definition,
  diagnosis,
}: Pick<ComparisonState, 'definition' | 'diagnosis'>): boolean =>
  definition.diagnostics !== null || diagnosis !== null;

/** The seeds of each arm that are looked into. */
export const diagnosedSeeds = ({
  seeds,
  diagnostics,
}: Pick<ComparisonState['definition'], 'seeds' | 'diagnostics'>): number[] =>
  seeds.slice(0, diagnostics?.seeds ?? seedsOtherwise);

export const diagnosedSubjects = (
  state: Pick<ComparisonState, 'definition' | 'design' | 'runs'>,
): DiagnosedSubjects => {
  const { definition, design } = state;
  const final = finalRuns(state);
  const seeds = diagnosedSeeds(definition);
  const wanted = design.arms.flatMap(({ name: arm }) =>
    seeds.map((seed) => ({ arm, seed, run: final.find((one) => one.arm === arm && one.seed === seed) })),
  );
  const runs = wanted.flatMap(({ run }) => (run?.status === 'completed' ? [run] : []));
  return {
    runs,
    pairs: runs.flatMap((first, a) =>
      runs.flatMap((second, b): (readonly [number, number])[] =>
        b > a && (first.arm === second.arm) !== (first.seed === second.seed) ? [[a, b]] : [],
      ),
    ),
    notices: wanted.flatMap(({ arm, seed, run }) =>
      run?.status === 'completed'
        ? []
        : [
            `${arm}, seed ${seed}, is not looked into: ${run === undefined ? 'it was not trained' : whyNot(run)}`,
          ],
    ),
  };
};

/** Whether what was found lacks some of these runs, which were not trained by then. */
export const isOutdated = (
  state: Pick<ComparisonState, 'definition' | 'design' | 'runs' | 'diagnosis'>,
  trainedSince: readonly (string | null)[],
): boolean =>
  state.diagnosis?.status === 'completed' &&
  diagnosedSubjects(state).runs.some(({ runId }) => trainedSince.includes(runId));

const whyNot = (run: RunState): string =>
  isOver(run) ? `${run.status}${run.error === null ? '' : `: ${run.error}`}` : 'it is not trained yet';

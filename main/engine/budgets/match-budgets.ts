import { invalidInput, WorkbenchError } from '../errors.ts';
import { selectTargets } from '../adapters/layer/target-modules.ts';
import { methods } from '../adapters/methods/index.ts';
import { describeAdapter, type AdapterSettings } from '../adapters/settings/adapter-settings.ts';
import { armCost, countsOf, type CostContext, type PlannedArm } from './arm-cost.ts';
import type { BudgetRow, MatchedArm, MatchedBudgets, Matching } from './budget-schema.ts';
import {
  costMeasureNames,
  costMeasures,
  type ArmCost,
  type CostUnit,
  type MatchingMeasure,
} from './cost-measures.ts';
import { storedParameterCount, trainedParameterCount } from './parameter-costs.ts';
import { rankCandidates } from './rank-candidates.ts';
import { movableRanks, ranksText, refuseUnmovable, withRanks } from './rank-settings.ts';
import { secondsOfStart } from './rates.ts';
import { knownSteps } from '../train/settings/run-length.ts';

interface MeasureRule {
  /** Counted in no time; others build graphs. */
  readonly isQuick: boolean;
  readonly valueOf: (arm: PlannedArm, context: CostContext) => number;
}

const stepsOf = ({ training }: PlannedArm, { steps }: CostContext): number => {
  const known = knownSteps(training) ?? steps;
  if (known === null)
    throw invalidInput(
      'matching.by: what a whole run takes is known of a number of steps; give training.steps in place of epochs or tokens',
    );
  return known;
};

const flopsOf = (
  arm: PlannedArm,
  context: CostContext,
): { readonly step: number; readonly start: number } => {
  const { stepFlops, initialisationFlops, uncounted } = countsOf(context);
  const [step, start] = [stepFlops(arm), initialisationFlops(arm)];
  if (step !== null && start !== null) return { step, start };
  throw new WorkbenchError('unsupported', `matching.by: operations of a run ${uncounted}`);
};

const rules: { readonly [M in Exclude<MatchingMeasure, 'steps'>]: MeasureRule } = {
  'trained-parameters': {
    isQuick: true,
    valueOf: ({ adapter }, { model }) => trainedParameterCount(model, adapter),
  },
  'stored-parameters': {
    isQuick: true,
    valueOf: ({ adapter }, { model }) => storedParameterCount(model, adapter),
  },
  'peak-memory': {
    isQuick: false,
    valueOf: (arm, context) => {
      const { training } = arm;
      const peak = countsOf(context).peakMemory(arm);
      if (peak !== null) return peak;
      throw invalidInput(
        `matching.by: the memory of a run on ${training.device} is not known before it runs`,
      );
    },
  },
  flops: {
    isQuick: false,
    valueOf: (arm, context) => {
      const { step, start } = flopsOf(arm, context);
      return stepsOf(arm, context) * step + start;
    },
  },
  seconds: {
    isQuick: false,
    valueOf: (arm, context) => {
      const { rates } = context;
      if (rates === null)
        throw invalidInput(
          'matching.by: seconds follow from what runs on this machine have taken, and none has been measured; match by flops',
        );
      const { step, start } = flopsOf(arm, context);
      return (stepsOf(arm, context) * step) / rates.step + secondsOfStart(start, rates);
    },
  },
};

const inUnit: { readonly [U in CostUnit]: (value: number) => string } = {
  parameters: (value) => `${value.toLocaleString('en-US')} parameters`,
  bytes: (value) => `${(value / 2 ** 20).toFixed(0)} MiB`,
  steps: (value) => `${value.toLocaleString('en-US')} steps`,
  flops: (value) => `${value.toPrecision(3)} operations`,
  seconds: (value) => `${value.toPrecision(3)} s`,
};

const percent = (deviation: number): string =>
  deviation === 0
    ? 'exactly the target'
    : `${Number((100 * Math.abs(deviation)).toPrecision(2))} % ${deviation > 0 ? 'above' : 'below'} the target`;

const unchanged = (
  { name, adapter }: PlannedArm,
  explanation: string,
  measured: Partial<Pick<MatchedArm, 'value' | 'deviation' | 'isMatched'>> = {},
): MatchedArm => ({
  name,
  adapter,
  changed: false,
  value: null,
  deviation: null,
  isMatched: false,
  explanation,
  candidates: [],
  ...measured,
});

const isSame = (a: AdapterSettings, b: AdapterSettings): boolean => JSON.stringify(a) === JSON.stringify(b);

/** What the counts leave open. */
const remarks = (settings: AdapterSettings): string[] => {
  const { outer, rules: training } = describeAdapter(settings);
  return [
    ...(outer.rank.sharedUpTo === null
      ? []
      : ['layers share their ranks out on the data, so the count is that of equal ranks']),
    ...(training.some(({ kind }) => kind === 'rank-allocation')
      ? ['counted at the rank it begins with; the one at the end moves in proportion']
      : []),
  ];
};

/** Whether any number of the ranks changes what is measured. */
const canMove = (
  settings: AdapterSettings,
  context: CostContext,
  valueOf: (settings: AdapterSettings) => number,
): boolean => {
  const ranks = movableRanks(settings, context.model.targetLayers);
  return ranks.some(({ field, least, most, value }) => {
    const ends = [least, most].filter((end) => end !== value);
    return ends.some((end) => valueOf(withRanks(settings, { [field]: end })) !== valueOf(settings));
  });
};

/**
 * An arm with the ranks that bring it nearest to a target.
 * @throws invalid-input where a method's size can't be changed by a rank, naming it
 */
export const matchArm = (
  arm: PlannedArm,
  target: number,
  { by, tolerance }: Pick<Matching, 'by' | 'tolerance'>,
  context: CostContext,
): MatchedArm => {
  if (by === 'steps') return unchanged(arm, 'all arms take the same steps');
  const { valueOf, isQuick } = rules[by];
  const { name, adapter } = arm;
  const { targetLayers } = context.model;
  const of = (settings: AdapterSettings): number => valueOf({ ...arm, adapter: settings }, context);
  if (movableRanks(adapter, targetLayers).length === 0) refuseUnmovable(adapter);
  const { label, unit } = costMeasures[by];
  if (!canMove(adapter, context, of))
    throw invalidInput(
      `${methods[adapter.method].title}: no rank of it changes its ${label.toLowerCase()} (${inUnit[unit](of(adapter))})`,
    );
  // Refuses names that no module has, before any counting.
  selectTargets(targetLayers, adapter);
  const [best, ...candidates] = rankCandidates({
    settings: adapter,
    layers: targetLayers,
    valueOf: of,
    target,
    tolerance,
    isQuick,
  });
  const { adapter: proposal, text, value, deviation } = best!;
  const changed = !isSame(proposal, adapter);
  const isMatched = Math.abs(deviation) <= tolerance;
  const what = `${inUnit[unit](value)}, ${percent(deviation)}`;
  const course = changed ? `${ranksText(adapter)} becomes ${text}: ${what}` : `${text} as asked: ${what}`;
  const limit = isMatched ? [] : ['no other rank of it comes nearer'];
  return {
    name,
    adapter: proposal,
    changed,
    value,
    deviation,
    isMatched,
    explanation: [course, ...limit, ...remarks(adapter)].join('; '),
    candidates,
  };
};

/** Each measure over all arms; those that are known of none are left out. */
const budgetTable = (costs: readonly ArmCost[], tolerance: number): BudgetRow[] =>
  costMeasureNames
    .map((measure): BudgetRow => {
      const values = costs.map((cost) => cost[measure]);
      const [first = null] = values;
      const ratios = values.map((value) => (value === null || first === null ? null : ratio(value, first)));
      return { measure, values, ratios, isEqual: areEqual(values, tolerance) };
    })
    .filter(({ values }) => values.some((value) => value !== null));

/** Null of a first arm that has none of it: LoRA's start costs nothing. */
const ratio = (value: number, first: number): number | null => {
  if (value === first) return 1;
  return first === 0 ? null : value / first;
};

const areEqual = (values: readonly (number | null)[], tolerance: number): boolean | null => {
  const known = values.filter((value) => value !== null);
  if (known.length < values.length || known.length === 0) return null;
  return Math.max(...known) <= Math.min(...known) * (1 + tolerance);
};

/** What is wrong with an arm, under its name. */
export const naming = <T>(name: string, work: () => T): T => {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof WorkbenchError)) throw error;
    throw new WorkbenchError(error.code, `arm "${name}": ${error.message}`, { cause: error });
  }
};

/** Without matching, arms that lie so far apart are not called equal. */
const usualTolerance = 0.02;

/**
 * Brings all arms to one budget, and says what is left unequal. Without a target the first arm is it, and stays as it is. An arm that can't be
 * moved stays too, and says why.
 */
export const matchBudgets = (
  arms: readonly PlannedArm[],
  matching: Matching | null,
  context: CostContext,
): MatchedBudgets => {
  const tolerance = matching?.tolerance ?? usualTolerance;
  const asked = matching === null || matching.by === 'steps' ? null : { ...matching, by: matching.by };
  const target = asked && (asked.target ?? targetOf(arms[0]!, asked.by, context));
  const matched = arms.map((arm, at): MatchedArm => {
    if (asked === null || target === null) return unchanged(arm, 'as asked');
    if (at === 0 && asked.target === null)
      return unchanged(arm, 'as asked: its size is the target of the others', {
        value: target,
        deviation: 0,
        isMatched: true,
      });
    return matchedOrNot(arm, target, asked, context);
  });
  const costs = arms.map((arm, at) =>
    naming(arm.name, () => armCost({ ...arm, adapter: matched[at]!.adapter }, context)),
  );
  return { matching, target, arms: matched, table: budgetTable(costs, tolerance) };
};

const targetOf = (arm: PlannedArm, by: keyof typeof rules, context: CostContext): number =>
  naming(arm.name, () => rules[by].valueOf(arm, context));

const matchedOrNot = (
  arm: PlannedArm,
  target: number,
  matching: Pick<Matching, 'by' | 'tolerance'>,
  context: CostContext,
): MatchedArm => {
  try {
    return matchArm(arm, target, matching, context);
  } catch (error) {
    if (!(error instanceof WorkbenchError) || error.code !== 'invalid-input') throw error;
    const value = rules[matching.by as keyof typeof rules].valueOf(arm, context);
    const deviation = value / target - 1;
    const isMatched = Math.abs(deviation) <= matching.tolerance;
    return unchanged(arm, error.message, { value, deviation, isMatched });
  }
};

import { scoreRegistry } from '../../../engine/scoring/scores.ts';
import type { ComparisonAnswer, CostAnswer, MetricAnswer, PairAnswer } from './comparison-answer.ts';
import { countText, listText, shotsText, valueText } from './number-text.ts';

/**
 * Which metric the answer rests on: the first mean over tasks, else the first share (an accuracy), else the first of what is drawn, else the first
 * there is. Losses come last, as a model can learn the form of the answers and none of them.
 */
export const decidingMetric = (metrics: readonly MetricAnswer[]): MetricAnswer | undefined =>
  metrics.find(({ meanOf }) => meanOf.length > 0) ??
  metrics.find(({ unit, arms }) => unit === 'share' && arms.some(({ mean }) => mean !== null)) ??
  metrics.find(({ metric, arms }) => isBeforeLosses(metric) && arms.some(({ mean }) => mean !== null)) ??
  metrics[0];

const isBeforeLosses = (metric: string): boolean =>
  scoreRegistry.some(({ name, beforeLosses }) => name === metric && beforeLosses === true);

/** One sentence that a person can act on. */
export const sentenceOf = (
  deciding: MetricAnswer | undefined,
  seeds: readonly number[],
  costs: readonly CostAnswer[],
): string => {
  if (deciding === undefined) return 'Nothing was measured, so there is nothing to answer yet.';
  const where = `On ${deciding.label} (${deciding.task})`;
  const scored = deciding.arms.filter(({ mean }) => mean !== null);
  if (scored.length === 0) return `${where} no arm has a usable run: there is nothing to compare.`;
  if (scored.every(({ chance }) => chance !== null && ['no better', 'worse'].includes(chance.standing)))
    return `${where} no arm is better than chance (${valueText(deciding.chance!, deciding.unit)}), so there is nothing to choose between: train longer, or take data from which this model can learn more.`;
  if (scored.length === 1)
    return `${where} only ${scored[0]!.arm} has a usable run: there is nothing to compare it with.`;
  return `${where} ${choice(deciding, costs)}${noBetterThanBase(deciding)}${oneSeed(deciding, seeds)}`;
};

const noBetterThanBase = ({ arms }: MetricAnswer): string => {
  const known = arms.filter(({ base }) => base !== null && base.standing !== 'unknown');
  const failing = known.filter(({ base }) => base!.standing !== 'better');
  if (failing.length === 0) return '';
  if (failing.length === arms.length) return ' But no arm is better than the base model without training.';
  return ` But ${listText(failing.map(({ arm }) => arm))} ${failing.length === 1 ? 'is' : 'are'} no better than the base model without training.`;
};

/** What a single seed leaves open, where there is one. */
export const oneSeed = ({ pairs }: MetricAnswer, seeds: readonly number[]): string =>
  pairs.some(({ scope }) => scope === 'these trained models')
    ? ` It was ${seeds.length === 1 ? 'one seed' : 'one common seed'}, so this holds for these trained models and not for the methods: run at least three seeds.`
    : '';

/** Who wins, or between whom it stays open. */
const choice = (deciding: MetricAnswer, costs: readonly CostAnswer[]): string => {
  const scored = deciding.arms
    .filter(({ mean }) => mean !== null)
    .sort((one, other) => (deciding.better === 'higher' ? other.mean! - one.mean! : one.mean! - other.mean!));
  if (scored.length === 2 && deciding.pairs.length === 1)
    return `${uncapitalised(deciding.pairs[0]!.words, deciding)}${byCost(deciding.pairs, costs)}`;
  const best = scored[0]!;
  const others = scored.slice(1).map(({ arm }) => ({ arm, verdict: verdictFor(deciding, best.arm, arm) }));
  const beaten = others.filter(({ verdict }) => verdict === 'better').map(({ arm }) => arm);
  const open = others.filter(({ verdict }) => verdict !== 'better');
  const score = `${best.arm} is best by the mean (${valueText(best.mean!, deciding.unit)})`;
  if (open.length === 0)
    return `${best.arm} (${valueText(best.mean!, deciding.unit)}) is better than ${listText(beaten)}.`;
  const equal = open.filter(({ verdict }) => verdict === 'equivalent').map(({ arm }) => arm);
  const undecided = open.filter(({ verdict }) => verdict !== 'equivalent').map(({ arm }) => arm);
  const parts = [
    beaten.length > 0 ? `better than ${listText(beaten)}` : '',
    equal.length > 0 ? `equivalent to ${listText(equal)}` : '',
    undecided.length > 0 ? `not to be told from ${listText(undecided)}` : '',
  ].filter((part) => part !== '');
  const pairs = deciding.pairs.filter(({ first, second }) =>
    [first, second].every((arm) => arm === best.arm || open.some((each) => each.arm === arm)),
  );
  return `${score}: ${listText(parts)}.${byCost(pairs, costs)}`;
};

const verdictFor = ({ pairs }: MetricAnswer, best: string, other: string): PairAnswer['verdict'] => {
  const pair = pairs.find(
    ({ first, second }) => (first === best && second === other) || (first === other && second === best),
  );
  if (pair === undefined) return 'not comparable';
  if (pair.first === best || !['better', 'worse'].includes(pair.verdict)) return pair.verdict;
  return pair.verdict === 'worse' ? 'better' : 'worse';
};

/** Between arms that can't be told apart, or are equivalent, costs decide. */
const byCost = (pairs: readonly PairAnswer[], costs: readonly CostAnswer[]): string => {
  const open = pairs.filter(({ verdict }) => verdict === 'equivalent' || verdict === 'inconclusive');
  if (open.length === 0) return '';
  const names = new Set(open.flatMap(({ first, second }) => [first, second]));
  const cheapest = costs.flatMap((cost) => {
    const arms = cost.arms.filter(({ arm, mean }) => names.has(arm) && mean !== null);
    const sorted = [...arms].sort((one, other) => one.mean! - other.mean!);
    const [least, next] = [sorted[0], sorted.at(-1)];
    if (least === undefined || next === undefined || least === next || cost.better === 'higher') return [];
    if (next.mean! < 1.05 * least.mean!) return [];
    return [
      `${cost.label}: ${least.arm} (${valueText(least.mean!, cost.unit)} against ${valueText(next.mean!, cost.unit)})`,
    ];
  });
  return cheapest.length === 0 ? '' : ` What costs less may choose: ${cheapest.slice(0, 3).join('; ')}.`;
};

/** Words of a pair that begin with no name go on in small letters. */
const uncapitalised = (words: string, { arms }: MetricAnswer): string =>
  arms.some(({ arm }) => words.startsWith(arm)) ? words : words.charAt(0).toLowerCase() + words.slice(1);

/** What a line begins with where it is of one number of shots. */
const withShots = (shots: number | null): string => (shots === null ? '' : `${shotsText([shots])}: `);

/** What else should be known, the most important first. */
export const pointsOf = (answer: Omit<ComparisonAnswer, 'points'>): string[] => {
  const { metrics, seeds, level, tuning, costs } = answer;
  const deciding = metrics.filter(({ decides }) => decides);
  const points: string[] = [];
  for (const { gate, shots } of deciding) if (gate !== '') points.push(`${withShots(shots)}${gate}`);
  if (deciding[0]?.unit === 'loss')
    points.push(
      scoreRegistry.find(({ name }) => name === deciding[0]!.metric)?.alone ??
        'Only losses were measured. A loss can fall while no answer becomes right: add a task with right answers before choosing.',
    );
  if (seeds.length === 1)
    points.push('One seed: nothing here speaks of the methods, only of these trained models.');
  points.push(...contraryPoints(metrics));
  points.push(...failurePoints(metrics));
  points.push(
    ...tuning.flatMap(({ caveats, shots }) => caveats.map((caveat) => `${withShots(shots)}${caveat}`)),
  );
  points.push(
    ...costs.flatMap(({ caveat, shots }) => (caveat === '' ? [] : [`${withShots(shots)}${caveat}`])),
  );
  const tested = metrics.reduce((sum, { pairs }) => sum + pairs.filter(({ p }) => p !== null).length, 0);
  const families = new Set(metrics.map(({ family }) => family)).size;
  if (families > 1 && tested > 1)
    points.push(
      `${countText(tested, 'test')} on ${countText(families, 'metric')}: p is corrected within each metric, not over all. Of claims beside the deciding metric about ${valueText(level, 'share')} are false by chance alone where nothing differs.`,
    );
  return [...new Set(points)];
};

/** Of each other metric one line: what bars a ranking, and who is better than whom. */
const contraryPoints = (metrics: readonly MetricAnswer[]): string[] =>
  metrics
    .filter(({ decides }) => !decides)
    .flatMap(({ label, task, shots, gate, pairs }) => {
      const claims = pairs.flatMap(({ first, second, verdict }) => {
        if (verdict === 'equivalent') return [`${first} and ${second} are equivalent`];
        if (verdict === 'better') return [`${first} is better than ${second}`];
        return verdict === 'worse' ? [`${second} is better than ${first}`] : [];
      });
      const said = [
        ...(gate.includes('chance') ? [gate] : []),
        ...(claims.length === 0 ? [] : [`${listText(claims)}.`]),
      ];
      return said.length === 0 ? [] : [`${withShots(shots)}${label} (${task}): ${said.join(' ')}`];
    });

/** Each missing run once, with the first metric that tells of it. */
const failurePoints = (metrics: readonly MetricAnswer[]): string[] => {
  const told = new Map<string, string>();
  for (const { arms, meanOf, shots } of metrics)
    for (const { arm, missing } of meanOf.length > 0 ? [] : arms)
      for (const { seed, problem } of missing) {
        const key = `${withShots(shots)}${arm}, seed ${seed}`;
        if (!told.has(key)) told.set(key, `${key} is left out: ${problem}.`);
      }
  return [...told.values()];
};

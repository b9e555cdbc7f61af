import type { MetricAnswer, PairAnswer } from './comparison-answer.ts';
import { listText, shotsText, valueText } from './number-text.ts';
import { oneSeed } from './overall.ts';

/**
 * Which arm at which number of shots, and against zero-shot: a sentence or two that a person can act on.
 * @param deciding one metric at each number of shots, in rising order
 */
export const sentenceOverShots = (deciding: readonly MetricAnswer[], seeds: readonly number[]): string => {
  const { label, task } = deciding[0]!;
  const where = `On ${label} (${task})`;
  const scored = deciding.filter(({ arms }) => arms.some(({ mean }) => mean !== null));
  if (scored.length === 0) return `${where} no arm has a usable run: there is nothing to compare.`;
  const claims = claimsOf(scored);
  const most = scored.at(-1)!;
  const reached = most.arms.flatMap(({ arm, mean }) =>
    mean === null ? [] : [`${arm} ${valueText(mean, most.unit)}`],
  );
  const end = `With ${shotsText([most.shots!])}: ${listText(reached)}.`;
  return [`${where} ${claims}.`, againstZeroShot(scored), end].join(' ') + oneSeed(most, seeds);
};

interface Claim {
  readonly words: string;
  readonly shots: number;
}

const claimOf = ({ first, second, verdict }: PairAnswer): string => {
  switch (verdict) {
    case 'better':
      return `${first} is better than ${second}`;
    case 'worse':
      return `${second} is better than ${first}`;
    case 'equivalent':
      return `${first} and ${second} are equivalent`;
    case 'inconclusive':
      return `${first} and ${second} can’t be told apart`;
    case 'not comparable':
      return `${first} and ${second} can’t be compared`;
  }
};

/** What is the same at several numbers of shots is said once. */
const claimsOf = (metrics: readonly MetricAnswer[]): string => {
  const claims = metrics.flatMap(({ shots, pairs }) =>
    pairs.map((pair): Claim => ({ words: claimOf(pair), shots: shots! })),
  );
  const groups = Map.groupBy(claims, ({ words }) => words);
  return [...groups]
    .map(([words, group]) => `${words} with ${shotsText(group.map(({ shots }) => shots))}`)
    .join('; ');
};

const againstZeroShot = (metrics: readonly MetricAnswer[]): string => {
  const { base, unit, arms } = metrics[0]!;
  if (base === null)
    return 'The model without training was not scored: whether any beats zero-shot is not known.';
  const line = `zero-shot (${valueText(base.score, unit)})`;
  const notBetter = arms.flatMap(({ arm }) => {
    const shots = metrics
      .filter((at) => at.arms.some((own) => own.arm === arm && own.mean !== null))
      .filter((at) => at.arms.find((own) => own.arm === arm)?.base?.standing !== 'better')
      .map((at) => at.shots!);
    return shots.length === 0 ? [] : [{ arm, shots }];
  });
  if (notBetter.length === 0)
    return `Every arm is better than ${line} with ${shotsText(metrics.map(({ shots }) => shots!))}.`;
  if (notBetter.length === arms.length && notBetter.every(({ shots }) => shots.length === metrics.length))
    return `No arm is surely better than ${line} with any of them.`;
  const told = notBetter.map(({ arm, shots }) => `${arm} with ${shotsText(shots)}`);
  return `Not surely better than ${line}: ${listText(told)}.`;
};

import type { ComparisonAnswer } from '../../../../../main/api/contract.ts';

/** The numbers of shots that an answer has, in their order; none where its comparison has no axis of them. */
export const shotsOf = ({ metrics }: Pick<ComparisonAnswer, 'metrics'>): number[] =>
  [...new Set(metrics.flatMap(({ shots }) => shots ?? []))].toSorted((a, b) => a - b);

/** What an answer says of one number of shots; all of it where it has no axis of them. */
export const atShots = (answer: ComparisonAnswer, shots: number | null): ComparisonAnswer => {
  if (shots === null) return answer;
  const isOf = (part: { readonly shots: number | null }): boolean => part.shots === shots;
  return {
    ...answer,
    metrics: answer.metrics.filter(isOf),
    costs: answer.costs.filter(isOf),
    fronts: answer.fronts.filter(isOf),
    curves: answer.curves.filter(isOf),
    tuning: answer.tuning.filter(isOf),
  };
};

export const shotsText = (shots: number): string => `${shots} ${shots === 1 ? 'shot' : 'shots'}`;

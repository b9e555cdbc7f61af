import { classAccuracies } from '../../../engine/scoring/confusion.ts';
import type { MetricAnswer } from '../answer/comparison-answer.ts';
import { valueText } from '../answer/number-text.ts';
import { absent } from './answer-rows.ts';

/** What share of each class's items each subject got right, all its seeds together; null for a metric that is none of classes. */
export const classTable = ({
  confusions,
}: Pick<MetricAnswer, 'confusions'>): { readonly titles: string[]; readonly rows: string[][] } | null => {
  if (confusions === null) return null;
  const { classes, subjects } = confusions;
  const shares = subjects.map(({ counts }) => classAccuracies({ classes, counts }));
  return {
    titles: ['right', ...subjects.map(({ arm }) => arm ?? 'base model')],
    rows: classes.map((name, at) => [
      name,
      ...shares.map((ofSubject) => {
        const share = ofSubject[at]!;
        return share === null ? absent : valueText(share, 'share');
      }),
    ]),
  };
};

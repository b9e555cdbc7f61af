import { createHash } from 'node:crypto';
import type { Store } from '../../../store/store.ts';
import { answerComparison } from '../answer/answer-comparison.ts';
import { comparisonAnswerSchema, type ComparisonAnswer } from '../answer/comparison-answer.ts';
import type { ComparisonState } from '../orchestration/comparison-state.ts';
import { comparisonDataOf } from './comparison-data-of.ts';

/** To be raised whenever the same data would be answered otherwise, in numbers or in words. */
const methodOfAnswer = 3;

/**
 * The answer, worked out where there is none of just these data: drawing thousands of samples takes seconds, reading what is stored does not.
 * The key is a hash of every number that goes into it, so a result that changes is another answer.
 */
export const keptAnswer = (store: Store, version: string, state: ComparisonState): ComparisonAnswer => {
  const data = comparisonDataOf(store, state);
  const dataKey = keyOf({ version, methodOfAnswer, data });
  const kept = comparisonAnswerSchema.safeParse(store.comparisonAnswers.answer(state.id, dataKey));
  const answer = kept.success ? kept.data : answerComparison(data);
  const resultsKey = resultsKeyOf(version, state);
  const isTold = kept.success && store.comparisonAnswers.sentence(state.id, resultsKey) !== undefined;
  if (!isTold)
    keep(() =>
      store.comparisonAnswers.put({
        ...{ comparisonId: state.id, resultsKey, dataKey },
        ...{ sentence: answer.sentence, answer },
      }),
    );
  return answer;
};

/**
 * What the answer says in one sentence, where it has been worked out since anything last happened. Whether something has is seen from runs,
 * scores and settings, without reading every item.
 */
export const keptSentence = (store: Store, version: string, state: ComparisonState): string | null =>
  store.comparisonAnswers.sentence(state.id, resultsKeyOf(version, state)) ?? null;

const resultsKeyOf = (version: string, state: ComparisonState): string => {
  const { definition, design, runs, tasks, assessments } = state;
  return keyOf({ version, methodOfAnswer, definition, design, runs, tasks, assessments });
};

/** NaN and infinities are no JSON, and are told apart all the same. */
const keyOf = (value: unknown): string =>
  createHash('sha256')
    .update(
      JSON.stringify(value, (_, part: unknown) =>
        typeof part === 'number' && !Number.isFinite(part) ? `number ${part}` : part,
      ),
    )
    .digest('hex');

/** An answer that can't be kept (a full disk) is one all the same. */
const keep = (write: () => void): void => {
  try {
    write();
  } catch {
    return;
  }
};

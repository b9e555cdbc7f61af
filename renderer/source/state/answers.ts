import type { ComparisonAnswer } from '../../../main/api/contract.ts';
import type { Client } from '../transport/client.ts';

export interface Answers {
  /**
   * Of what was there when it was asked. Throws CallError.
   * @param state another where the results may be others
   */
  of(id: string, state: string): Promise<ComparisonAnswer>;
}

/**
 * Answers of comparisons, each worked out once for the same results: the workbench draws thousands of samples for one, and does nothing
 * else meanwhile. So they are asked for one after the other.
 */
export const createAnswers = (client: Client): Answers => {
  const known = new Map<string, { state: string; answer: Promise<ComparisonAnswer> }>();
  let last: Promise<unknown> = Promise.resolve();

  return {
    of(id, state) {
      const kept = known.get(id);
      if (kept?.state === state) return kept.answer;
      const answer = last.then(() => client.call('comparisons.answer', { id }));
      last = answer.catch(() => known.delete(id));
      known.set(id, { state, answer });
      return answer;
    },
  };
};

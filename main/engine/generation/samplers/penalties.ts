import type { GenerationSettings } from '../generation-settings.ts';

type Penalties = Pick<GenerationSettings, 'repetitionPenalty' | 'frequencyPenalty' | 'presencePenalty'>;

export const hasPenalties = ({ repetitionPenalty, frequencyPenalty, presencePenalty }: Penalties): boolean =>
  repetitionPenalty !== 1 || frequencyPenalty !== 0 || presencePenalty !== 0;

/**
 * Changes the logits of tokens that were there before, in place. Repetition: as CTRL and transformers have it, over prompt and answer.
 * Frequency and presence: as the OpenAI API has them, over the answer.
 */
export const penalise = (
  logits: Float32Array,
  { prompt, answer }: { readonly prompt: readonly number[]; readonly answer: readonly number[] },
  { repetitionPenalty, frequencyPenalty, presencePenalty }: Penalties,
): void => {
  if (repetitionPenalty !== 1)
    for (const id of new Set([...prompt, ...answer])) {
      const logit = logits[id]!;
      logits[id] = logit < 0 ? logit * repetitionPenalty : logit / repetitionPenalty;
    }
  if (frequencyPenalty === 0 && presencePenalty === 0) return;
  const counts = new Map<number, number>();
  for (const id of answer) counts.set(id, (counts.get(id) ?? 0) + 1);
  for (const [id, count] of counts) logits[id]! -= frequencyPenalty * count + presencePenalty;
};

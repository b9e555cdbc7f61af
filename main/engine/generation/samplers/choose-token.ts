import { createRandom } from '../../random.ts';
import type { GenerationSettings } from '../generation-settings.ts';
import { likeliest } from './likeliest.ts';
import { keepMinP } from './min-p.ts';
import { hasPenalties, penalise } from './penalties.ts';
import { weightsAt } from './temperature.ts';
import { keepTopK } from './top-k.ts';
import { keepTopP } from './top-p.ts';

/** What came before the token that is chosen. */
export interface Written {
  readonly prompt: readonly number[];
  readonly answer: readonly number[];
}

/** The logits with the penalties on them; the same array where there are none. */
const penalised = (logits: Float32Array, written: Written, settings: GenerationSettings): Float32Array => {
  if (!hasPenalties(settings)) return logits;
  const changed = logits.slice();
  penalise(changed, written, settings);
  return changed;
};

/** What tokens are drawn in proportion to, in the order in which transformers filters: temperature, top-k, top-p, min-p. */
export const drawnWeights = (
  logits: Float32Array,
  written: Written,
  settings: GenerationSettings,
): Float64Array => {
  const { temperature, topK, topP, minP } = settings;
  const weights = weightsAt(penalised(logits, written, settings), temperature);
  if (topK !== null) keepTopK(weights, topK);
  if (topP !== null) keepTopP(weights, topP);
  if (minP !== null) keepMinP(weights, minP);
  return weights;
};

/** The next token. What is drawn depends on the seed and the token's place in the answer only. */
export const chooseToken = (logits: Float32Array, written: Written, settings: GenerationSettings): number => {
  if (settings.temperature === 0) return likeliest(penalised(logits, written, settings), 1)[0]!;
  const weights = drawnWeights(logits, written, settings);
  let total = 0;
  for (const weight of weights) total += weight;
  let left = createRandom(settings.seed, written.answer.length).uniform() * total;
  let last = 0;
  for (let id = 0; id < weights.length; id++) {
    if (weights[id] === 0) continue;
    last = id;
    left -= weights[id]!;
    if (left < 0) return id;
  }
  return last;
};

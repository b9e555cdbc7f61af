/** exp((logit - largest) / temperature): what each token's probability is in proportion to. */
export const weightsAt = (logits: Float32Array, temperature: number): Float64Array => {
  let largest = -Infinity;
  for (let id = 0; id < logits.length; id++) if (logits[id]! > largest) largest = logits[id]!;
  const weights = new Float64Array(logits.length);
  for (let id = 0; id < logits.length; id++) weights[id] = Math.exp((logits[id]! - largest) / temperature);
  return weights;
};

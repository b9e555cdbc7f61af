/**
 * How many rows have their largest logit at the target. The first of several largest counts, as in torch's argmax.
 * @param logits (rows x classes)
 */
export const countCorrect = (logits: Float32Array, targets: BigInt64Array): number => {
  const classes = logits.length / targets.length;
  return targets.reduce((correct, target, row) => {
    const scores = logits.subarray(row * classes, (row + 1) * classes);
    return correct + (scores.indexOf(Math.max(...scores)) === Number(target) ? 1 : 0);
  }, 0);
};

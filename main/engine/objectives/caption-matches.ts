import { product } from '../graph/dimension.ts';
import { comparedCaptions } from './pictures/captioned.ts';

const matches = 'pairs_match';

/**
 * SigLIP's own objective (Zhai et al., arXiv 2303.15343): of every picture and every caption of a step, whether they belong together, each by
 * itself: the sum of -log sigmoid(score) over the pairs and of -log sigmoid(-score) over all others, for each pair of the step. That is the
 * cross entropy of two classes whose logits are 0 and the score, which overflows nowhere.
 */
export const captionMatches = comparedCaptions({
  targetNames: [matches],
  targets: (pairs) => ({
    [matches]: {
      shape: [pairs * pairs],
      data: BigInt64Array.from({ length: pairs * pairs }, (_, at) => (at % (pairs + 1) === 0 ? 1n : 0n)),
    },
  }),
  loss: (g, logits) => {
    const all = product(logits.shape);
    const scores = g.concatenate([g.expand(0, [all, 1]), g.reshape(logits, [all, 1])], 1);
    return g.sum(g.crossEntropy(scores, g.input(matches, 'int64', [all])), [0]);
  },
});

import { addAsProducts } from '../../graph/add-as-products.ts';
import type { GraphBuilder } from '../../graph/builder.ts';
import type { Value } from '../../graph/graph.ts';
import type { Site } from '../../models/model.ts';

/** Left (out x rank) and right (rank x in). */
export interface Pair {
  readonly left: Value;
  readonly right: Value;
}

/** Sets some numbers to zero and multiplies the others by what makes up for that: a factor, which is cheaper where there are fewer numbers. */
export interface Dropout {
  readonly drop: (x: Value) => Value;
  readonly factor: number;
}

/** What an adapter is at a site, in a graph: delta = scaling (left right - residual), and the lengths of the rows of W + delta. */
export interface SiteAdapter extends Pair {
  /** A scalar. */
  readonly scaling: Value;
  readonly residual: Pair | null;
  /** What training does to the delta's input; null at all other times. */
  readonly dropOut: Dropout | null;
  /** (out) each: the trained lengths, and ||W_i||^2. */
  readonly magnitude: { readonly lengths: Value; readonly squaredNorms: Value } | null;
}

/** x (scaling left right)^T. */
const deltaOf = (
  g: GraphBuilder,
  { project, expand }: Pick<Site, 'project' | 'expand'>,
  x: Value,
  { left, right, scaling }: Pair & Pick<SiteAdapter, 'scaling'>,
): Value => {
  const down = g.mark(project(right, x), 'costly');
  const up = g.mark(g.multiply(left, scaling), 'always');
  return expand(down, up);
};

/**
 * The lengths of the rows of W + delta from products as wide as the rank: with D = L R, ||W_i + D_i||^2 = ||W_i||^2 +
 * 2 sum_k L_ik (R W^T)_ki + sum_kl L_ik (R R^T)_kl L_il. No gradient flows through it (DoRA, arXiv 2402.09353, section 4.3).
 */
const rowNorms = (
  g: GraphBuilder,
  { weight }: Pick<Site, 'weight'>,
  adapter: Omit<SiteAdapter, 'dropOut'>,
): Value => {
  const { left, right, residual, scaling, magnitude } = adapter;
  const wholeLeft = residual ? g.concatenate([left, g.negate(residual.left)], 1) : left;
  const wholeRight = residual ? g.concatenate([right, residual.right], 0) : right;
  const scaled = g.multiply(wholeLeft, scaling);
  const withWeight = g.transpose(weight.product(wholeRight), [1, 0]);
  const gram = g.matmul(scaled, g.matmul(wholeRight, wholeRight, { transposeB: true }));
  const cross = g.multiply(scaled, g.add(g.multiply(withWeight, 2), gram));
  const outFeatures = left.shape[0] as number;
  const squares = g.add(g.reshape(g.sum(cross, [1]), [outFeatures]), magnitude!.squaredNorms);
  return g.detach(g.squareRoot(squares));
};

/** What lengths multiply each output of W + delta by (outFeatures). */
export const gainOf = (
  g: GraphBuilder,
  site: Pick<Site, 'weight'>,
  adapter: Omit<SiteAdapter, 'dropOut'>,
): Value => g.mark(g.divide(adapter.magnitude!.lengths, rowNorms(g, site, adapter)), 'always');

/**
 * What the site's output becomes. The base sees its input whole: of the delta alone some inputs are dropped, and of what DoRA's
 * lengths change (as PEFT has it): y = W x + (gain - 1) W x' + gain delta(x').
 */
export const adaptSite = (g: GraphBuilder, site: Site, adapter: SiteAdapter): Value => {
  const { input, product, productOf, perOutput, bias } = site;
  const { left, right, scaling, residual, magnitude, dropOut } = adapter;
  const baseOf = (ofWeight: Value, x: Value): Value =>
    residual ? g.subtract(ofWeight, deltaOf(g, site, x, { ...residual, scaling })) : ofWeight;
  const withBias = (y: Value): Value => (bias ? g.add(y, perOutput(bias)) : y);
  const base = baseOf(product, input);
  const seen = dropOut ? dropOut.drop(input) : input;
  const seenScaling = dropOut ? g.multiply(scaling, dropOut.factor) : scaling;
  const delta = deltaOf(g, site, seen, { left, right, scaling: seenScaling });
  if (!magnitude) return withBias(addAsProducts(g, [base, delta], () => true));
  const gain = gainOf(g, site, adapter);
  if (!dropOut) return withBias(g.multiply(g.mark(g.add(base, delta), 'costly'), perOutput(gain)));
  const ofSeen = g.mark(baseOf(productOf(seen), seen), 'costly');
  const turn = g.multiply(g.subtract(gain, 1), dropOut.factor);
  const turned = g.add(
    g.multiply(ofSeen, perOutput(turn)),
    g.multiply(g.mark(delta, 'costly'), perOutput(gain)),
  );
  return withBias(g.add(base, turned));
};

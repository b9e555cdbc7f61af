import type { GraphBuilder } from '../../graph/builder.ts';
import type { Dimension } from '../../graph/dimension.ts';
import type { Value } from '../../graph/graph.ts';
import type { ForwardOptions, Site } from '../../models/model.ts';
import type { Tensor } from '../../tensor.ts';
import { rankSelection, type StackedLayer } from './stacked-arms.ts';

/** Tokens that a site computes: all of a run, or only those that are scored. */
type Tokens = 'all' | 'scored';

/** What stacked arms make of a model's sites, and what the graph is then fed of the arms. */
export interface AdaptedSites {
  readonly options: Required<Pick<ForwardOptions, 'adapt' | 'adapts'>>;
  /** @param arms of each token of the run, and of each that is scored */
  readonly feeds: (arms: Readonly<Record<Tokens, readonly number[]>>) => Record<string, Tensor>;
}

/** @param gains (arms x outFeatures) by module: what the outputs of a layer are multiplied by, where an arm has magnitudes */
export const adaptSites = (
  g: GraphBuilder,
  stacked: ReadonlyMap<string, StackedLayer>,
  gains: ReadonlyMap<string, Float32Array>,
  armCount: number,
): AdaptedSites => {
  /** By name: selections of ranks, made once for each combination of ranks and kind of tokens. */
  const selections = new Map<
    string,
    { readonly value: Value; readonly ranks: readonly number[]; readonly tokens: Tokens }
  >();
  const armInputs = new Map<Tokens, Value>();
  const tokensOf = ({ layer }: Site): Tokens => (layer.role === 'head' ? 'scored' : 'all');

  const selectionFor = (site: Site, ranks: readonly number[]): Value => {
    const tokens = tokensOf(site);
    const name = `ranks:${tokens}:${ranks.join(',')}`;
    const total = ranks.reduce((a, b) => a + b, 0);
    const value =
      selections.get(name)?.value ?? g.input(name, 'float32', [site.product.shape[0] as Dimension, total]);
    selections.set(name, { value, ranks, tokens });
    return value;
  };

  const armsFor = (site: Site): Value => {
    const tokens = tokensOf(site);
    const value =
      armInputs.get(tokens) ?? g.input(`arms:${tokens}`, 'int64', [site.product.shape[0] as Dimension]);
    armInputs.set(tokens, value);
    return value;
  };

  const adapt = (site: Site): Value | undefined => {
    const { layer, product, project, bias } = site;
    const one = stacked.get(layer.module);
    if (!one) return undefined;
    const total = one.ranks.reduce((a, b) => a + b, 0);
    const right = g.constant(`${layer.module}.right`, [total, layer.inFeatures], one.right);
    const left = g.constant(`${layer.module}.left`, [layer.outFeatures, total], one.left);
    const narrow = project(right);
    // A single arm has nothing to be told apart from.
    const own = armCount === 1 ? narrow : g.multiply(narrow, selectionFor(site, one.ranks));
    const sum = g.add(product, g.matmul(own, left, { transposeB: true }));
    const gain = gains.get(layer.module);
    const table = gain && g.constant(`${layer.module}.gain`, [armCount, layer.outFeatures], gain);
    const brought = table ? g.multiply(sum, g.gatherRows(table, armsFor(site))) : sum;
    return bias ? g.add(brought, bias) : brought;
  };

  return {
    options: { adapt, adapts: (module) => stacked.has(module) },
    feeds: (arms) => {
      const fed: Record<string, Tensor> = {};
      for (const [name, { ranks, tokens }] of selections) {
        const total = ranks.reduce((a, b) => a + b, 0);
        fed[name] = { shape: [arms[tokens].length, total], data: rankSelection(ranks, arms[tokens]) };
      }
      for (const tokens of armInputs.keys())
        fed[`arms:${tokens}`] = {
          shape: [arms[tokens].length],
          data: BigInt64Array.from(arms[tokens], BigInt),
        };
      return fed;
    },
  };
};

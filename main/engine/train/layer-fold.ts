import type { AdapterDescription } from '../adapters/adapter-description.ts';
import { factorChain, type Factor, type FactorChain, type LayerSize } from '../adapters/factors.ts';
import { differentiate } from '../autodiff/differentiate.ts';
import { createGraphBuilder, type GraphBuilder } from '../graph/builder.ts';
import type { Graph, Value } from '../graph/graph.ts';
import { createSession, type Session, type Tensor } from '../runtime/session.ts';
import { gradientOf } from './base-inputs.ts';

export type Side = keyof FactorChain;
export const sides: readonly Side[] = ['left', 'right'];

/** A layer's sides multiplied out, and the way back, one layer at a time: only one layer's frozen factors are needed at once. */
export interface LayerFold {
  /** Sides that have to be multiplied out; the others are one factor as it is. */
  readonly products: readonly Side[];
  /** Factors that those are made of. */
  readonly factors: readonly Factor[];
  /** From the factors by name to the sides by name, written into `into`. */
  readonly fold: Session['run'];
  /** From the factors and the gradients by the sides (`gradientOf`) to those by the trained factors, written into `into`. */
  readonly pullBack: Session['run'];
}

/**
 * The graphs depend on a layer's size alone, so layers of one size share them. They run on one thread: waking a second one took
 * five times as long as these small products.
 */
export interface LayerFolds {
  readonly of: (size: LayerSize) => LayerFold;
  readonly release: () => Promise<void>;
}

const withFactors = (g: GraphBuilder, factors: readonly Factor[]): Map<Factor, Value> =>
  new Map(factors.map((factor) => [factor, g.input(factor.name, 'float32', [factor.rows, factor.columns])]));

const productOf = (g: GraphBuilder, factors: readonly Factor[], values: ReadonlyMap<Factor, Value>): Value =>
  factors.map((factor) => values.get(factor) as Value).reduce((a, b) => g.matmul(a, b));

const layerFoldGraph = (chain: FactorChain, products: readonly Side[]): Graph => {
  const g = createGraphBuilder();
  const outputs = products.map((side) => [side, productOf(g, chain[side], withFactors(g, chain[side]))]);
  return g.build(Object.fromEntries(outputs) as Record<string, Value>);
};

const layerPullbackGraph = (chain: FactorChain, products: readonly Side[]): Graph => {
  const g = createGraphBuilder();
  const outputs: Record<string, Value> = {};
  for (const side of products) {
    const values = withFactors(g, chain[side]);
    const product = productOf(g, chain[side], values);
    const seed = g.input(gradientOf(side), 'float32', product.shape);
    const trained = chain[side].filter((factor) => factor.trained);
    const gradients = differentiate(
      g,
      product,
      trained.map((factor) => values.get(factor) as Value),
      { seed },
    );
    trained.forEach(({ name }, index) => (outputs[gradientOf(name)] = gradients[index] as Value));
  }
  return g.build(outputs);
};

export const createLayerFolds = async (
  description: AdapterDescription,
  layers: readonly LayerSize[],
): Promise<LayerFolds> => {
  const folds = new Map<string, LayerFold>();
  const sessions: Session[] = [];
  const keyOf = ({ outFeatures, inFeatures }: LayerSize): string => `${outFeatures}x${inFeatures}`;
  const compile = async (graph: Graph): Promise<Session> => {
    const session = await createSession(graph, { threads: 1, arena: false });
    sessions.push(session);
    return session;
  };
  for (const layer of layers) {
    if (folds.has(keyOf(layer))) continue;
    const chain = factorChain(description, layer);
    const products = sides.filter((side) => chain[side].length > 1);
    if (products.length === 0) continue;
    folds.set(keyOf(layer), {
      products,
      factors: products.flatMap((side) => chain[side]),
      fold: (await compile(layerFoldGraph(chain, products))).run,
      pullBack: (await compile(layerPullbackGraph(chain, products))).run,
    });
  }
  return {
    of: (size) => folds.get(keyOf(size)) ?? nothingToFold,
    release: async () => {
      for (const session of sessions) await session.release();
    },
  };
};

const nothing = async (): Promise<Record<string, Tensor>> => ({});
const nothingToFold: LayerFold = { products: [], factors: [], fold: nothing, pullBack: nothing };

import type { AdapterDescription } from '../../adapters/description/adapter-description.ts';
import {
  factorShape,
  layerAdapter,
  type Factor,
  type LayerAdapter,
  type Side,
} from '../../adapters/layer/layer-adapter.ts';
import { sideValue } from '../../adapters/layer/side-graph.ts';
import { differentiate } from '../../autodiff/differentiate.ts';
import type { GraphBuilder } from '../../graph/builder.ts';
import { createGraphBuilder } from '../../graph/create-graph-builder.ts';
import type { Graph, Value } from '../../graph/graph.ts';
import type { LayerPlace } from '../../models/architecture.ts';
import { createSession, type Session } from '../../runtime/session.ts';
import type { Tensor } from '../../tensor.ts';
import { gradientOf } from '../model/base-inputs.ts';

export type SideName = 'left' | 'right';
export const sides: readonly SideName[] = ['left', 'right'];

/** The one matrix that a side is as it stands; undefined where it has to be multiplied out. */
export const singleFactor = (side: Side): Factor | undefined => {
  const [[factor] = []] = side;
  return side.length === 1 && side[0]?.length === 1 && !factor?.diagonal ? factor : undefined;
};

/** A layer's sides multiplied out, and the way back, one layer at a time: only one layer's frozen factors are needed at once. */
export interface LayerFold {
  /** Sides that have to be multiplied out; the others are one factor as it is. */
  readonly products: readonly SideName[];
  /** Factors that those are made of. */
  readonly factors: readonly Factor[];
  /** From the factors by name to the sides by name, written into `into`. */
  readonly fold: Session['run'];
  /** From the factors and the gradients by the sides (`gradientOf`) to those by the trained factors, written into `into`. */
  readonly pullBack: Session['run'];
}

/**
 * The graphs depend on the factors' shapes alone, so layers of one size share them. They run on one thread: waking a second one
 * took five times as long as these small products.
 */
export interface LayerFolds {
  readonly of: (place: LayerPlace) => LayerFold;
  readonly release: () => Promise<void>;
}

const withFactors = (g: GraphBuilder, side: Side): Map<string, Value> =>
  new Map(side.flat().map((factor) => [factor.name, g.input(factor.name, 'float32', factorShape(factor))]));

const layerFoldGraph = (adapter: LayerAdapter, products: readonly SideName[]): Graph => {
  const g = createGraphBuilder();
  const outputs = products.map((side) => {
    const values = withFactors(g, adapter[side]);
    return [side, sideValue(g, adapter[side], ({ name }) => values.get(name) as Value)];
  });
  return g.build(Object.fromEntries(outputs) as Record<string, Value>);
};

const layerPullbackGraph = (adapter: LayerAdapter, products: readonly SideName[]): Graph => {
  const g = createGraphBuilder();
  const outputs: Record<string, Value> = {};
  for (const side of products) {
    const values = withFactors(g, adapter[side]);
    const valueOf = ({ name }: Factor): Value => values.get(name) as Value;
    const product = sideValue(g, adapter[side], valueOf);
    const seed = g.input(gradientOf(side), 'float32', product.shape);
    const trained = adapter[side].flat().filter((factor) => factor.trained);
    const gradients = differentiate(g, product, trained.map(valueOf), { seed });
    trained.forEach(({ name }, index) => (outputs[gradientOf(name)] = gradients[index] as Value));
  }
  return g.build(outputs);
};

export const createLayerFolds = async (
  description: AdapterDescription,
  layers: readonly LayerPlace[],
): Promise<LayerFolds> => {
  const folds = new Map<string, LayerFold>();
  const sessions: Session[] = [];
  const compile = async (graph: Graph): Promise<Session> => {
    const session = await createSession(graph, { threads: 1, arena: false });
    sessions.push(session);
    return session;
  };
  const keyOf = ({ left, right }: LayerAdapter): string =>
    [...left, ...right].map((factors) => factors.map(factorShape).join('.')).join('+');
  for (const layer of layers) {
    const adapter = layerAdapter(description, layer);
    if (folds.has(keyOf(adapter))) continue;
    const products = sides.filter((side) => !singleFactor(adapter[side]));
    if (products.length === 0) continue;
    folds.set(keyOf(adapter), {
      products,
      factors: products.flatMap((side) => adapter[side].flat()),
      fold: (await compile(layerFoldGraph(adapter, products))).run,
      pullBack: (await compile(layerPullbackGraph(adapter, products))).run,
    });
  }
  return {
    of: (layer) => folds.get(keyOf(layerAdapter(description, layer))) ?? nothingToFold,
    release: async () => {
      for (const session of sessions) await session.release();
    },
  };
};

const nothing = async (): Promise<Record<string, Tensor>> => ({});
const nothingToFold: LayerFold = { products: [], factors: [], fold: nothing, pullBack: nothing };

import { createGraphBuilder } from '../../graph/create-graph-builder.ts';
import type { GraphBuilder } from '../../graph/builder.ts';
import type { Graph, Value } from '../../graph/graph.ts';
import type { Past } from '../../models/architecture.ts';
import { buildForward, type ForwardOptions, type Model } from '../../models/model.ts';
import { withFewerNodes } from './fusion/index.ts';

/** What one layer remembers of a token: one key and one value of this size. */
export interface CacheShape {
  readonly layers: number;
  readonly keyValueHeads: number;
  /** Numbers of one head. */
  readonly width: number;
}

export interface DecodingGraph {
  readonly graph: Graph;
  readonly cache: CacheShape;
}

/** Names of the graph's inputs for a layer's remembered keys and values. */
export const pastNames = (layer: number): { readonly keys: string; readonly values: string } => ({
  keys: `past_keys:${layer}`,
  values: `past_values:${layer}`,
});

interface CollectingPast extends Past {
  /** Keys and values of this run's tokens, layer by layer. */
  readonly made: readonly (readonly [keys: Value, values: Value])[];
}

const pastInputs = (g: GraphBuilder): CollectingPast => {
  const made: (readonly [Value, Value])[] = [];
  const ofTokens = (name: string): Value => g.input(name, 'int64', ['batch', 'past']);
  return {
    made,
    tokens: {
      attentionMask: ofTokens('past_mask'),
      positionIds: ofTokens('past_positions'),
      segmentIds: ofTokens('past_segments'),
    },
    exchange: (keys, values) => {
      const names = pastNames(made.length);
      const [batch, heads, , width] = keys.shape as [string, number, string, number];
      made.push([keys, values]);
      const input = (name: string): Value => g.input(name, 'float32', [batch, heads, 'past', width]);
      return [input(names.keys), input(names.values)];
    },
  };
};

export type DecodingOptions = Pick<ForwardOptions, 'positions' | 'adapt' | 'adapts' | 'weight'>;

/**
 * The next token's scores, for prompts and for single tokens alike. Inputs: those of a forward pass (batch x sequence); scored_rows int64
 * (rows), which of the batch * sequence tokens are scored; past_mask, past_positions, past_segments int64 (batch x past), and
 * `pastNames` of each layer (batch x key/value heads x past x width). Outputs: logits (rows x vocabulary); largest and normaliser
 * (rows x 1), with which softmax is exp(logit - largest) / normaliser; memory, the keys and values of this run's tokens alone, layer by
 * layer (2 * layers * batch x key/value heads x sequence x width): what is remembered already never leaves the caller's buffers.
 */
export const decodingGraph = (g: GraphBuilder, model: Model, options: DecodingOptions): DecodingGraph => {
  const past = pastInputs(g);
  const { hidden, head } = buildForward(g, model, { ...options, past });
  const scored = g.gatherRows(hidden, g.input('scored_rows', 'int64', ['rows']));
  const logits = head.logits(scored);
  const largest = g.maximum(logits, [1]);
  const normaliser = g.sum(g.exponential(g.subtract(logits, largest)), [1]);
  const memory = g.concatenate(past.made.flat(), 0);
  const [[keys]] = past.made as [[Value, Value]];
  return {
    graph: withFewerNodes(g.build({ logits, largest, normaliser, memory })),
    cache: {
      layers: past.made.length,
      keyValueHeads: keys.shape[1] as number,
      width: keys.shape[3] as number,
    },
  };
};

/** For those who build no adapters around it. */
export const plainDecodingGraph = (model: Model, positions: number): DecodingGraph =>
  decodingGraph(createGraphBuilder(), model, { positions });

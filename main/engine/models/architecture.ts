import type { GraphBuilder } from '../graph/builder.ts';
import type { WeightMatrix } from '../base/base-weights.ts';
import type { Value } from '../graph/graph.ts';

/** The token inputs of every causal language model's graph, each int64 (batch x sequence). */
export interface TokenInputs {
  readonly inputIds: Value;
  /** 1 where a key is real, 0 for padding. */
  readonly attentionMask: Value;
  readonly positionIds: Value;
  /** Attention never crosses from one segment to another (packing). */
  readonly segmentIds: Value;
}

/** A linear layer to be computed: its name in the model, its input (... x inFeatures), and its size. */
export interface LinearLayer {
  /** Module path as in the weight file, without `.weight`: `model.layers.0.self_attn.q_proj`. */
  readonly module: string;
  readonly outFeatures: number;
  readonly inFeatures: number;
  readonly bias: boolean;
}

/** What an architecture's forward pass may use. Whoever builds the graph decides where weights come from and what adapters add. */
export interface ForwardContext {
  readonly g: GraphBuilder;
  readonly tokens: TokenInputs;
  /** Position ids stay below this. */
  readonly positions: number;
  /** A small base weight (a norm's) as float32. */
  readonly weight: (name: string, shape: readonly number[]) => Value;
  /** A base weight that rows are picked from (the embedding) or that hidden states are multiplied with (the head). */
  readonly table: (name: string, shape: readonly number[]) => WeightMatrix;
  /** x W^T (+ bias), plus whatever an adapter adds at this site. */
  readonly linear: (layer: LinearLayer, x: Value) => Value;
}

export interface ForwardResult {
  /** Normalised hidden states (batch * sequence x width), ready for the head. */
  readonly hidden: Value;
  /** The output head (vocabulary x width). */
  readonly head: WeightMatrix;
}

/** A configured model of one architecture. */
export interface ModelArchitecture {
  /** `model_type` of config.json. */
  readonly name: string;
  readonly layers: number;
  readonly hiddenSize: number;
  readonly vocabularySize: number;
  readonly maximumPositions: number;
  readonly forward: (context: ForwardContext) => ForwardResult;
}

/** Reads a config.json; `place` is its path, for errors. */
export type ReadArchitecture = (
  config: Readonly<Record<string, unknown>>,
  place: string,
) => ModelArchitecture;

import type { GraphBuilder } from '../graph/builder.ts';
import type { Value } from '../graph/graph.ts';
import type { ObjectiveName } from '../objective-names.ts';

/** The token inputs of every model's graph, each int64 (batch x sequence). */
export interface TokenInputs {
  readonly inputIds: Value;
  /** 1 where a key is real, 0 for padding. */
  readonly attentionMask: Value;
  readonly positionIds: Value;
  /** Attention never crosses from one segment to another (packing). */
  readonly segmentIds: Value;
  /** Which text of a pair a token belongs to, 0 or 1; most architectures do not ask. */
  readonly tokenTypes: Value;
}

/**
 * A linear layer to be computed: its name in the model and its size. An embedding is one too, whose input is one-hot: outFeatures
 * is its width, inFeatures the number of its rows, and its weight lies as (in x out).
 */
export interface LinearLayer {
  /** Module path as in the weight file, without `.weight`: `model.layers.0.self_attn.q_proj`. */
  readonly module: string;
  readonly outFeatures: number;
  readonly inFeatures: number;
  readonly bias: boolean;
  /** How the weight lies in the file: 'linear' as (out x in), 'conv1d' as (in x out), which is GPT-2's. 'linear' where absent. */
  readonly kind?: 'linear' | 'conv1d';
  /** The output head and embeddings are adapted only where they are asked for by name; 'hidden' where absent. */
  readonly role?: 'hidden' | 'head' | 'embedding';
  /** Name of the weight where it is another module's: a head that is tied to the embedding. */
  readonly weight?: string;
}

/** The architecture's name of a layer's weight. */
export const weightName = ({ module, weight }: LinearLayer): string => weight ?? `${module}.weight`;

/** An embedding of so many rows. */
export const embeddingLayer = (module: string, rows: number, width: number): LinearLayer => ({
  module,
  outFeatures: width,
  inFeatures: rows,
  bias: false,
  kind: 'conv1d',
  role: 'embedding',
});

/** What an architecture's forward pass may use. Whoever builds the graph decides where weights come from and what adapters add. */
export interface ForwardContext {
  readonly g: GraphBuilder;
  readonly tokens: TokenInputs;
  /** Position ids stay below this. */
  readonly positions: number;
  /** A small base weight (a norm's) as float32. */
  readonly weight: (name: string, shape: readonly number[]) => Value;
  /** x W^T (+ bias) for x (... x inFeatures), plus whatever an adapter adds at this site. */
  readonly linear: (layer: LinearLayer, x: Value) => Value;
  /** The same for an embedding, where int64 indices (...) stand for one-hot x. */
  readonly embedding: (layer: LinearLayer, indices: Value) => Value;
  /** The tokens' embeddings (tokens x width), scaled, as the model goes on with them: training may add noise. */
  readonly embedded: (rows: Value) => Value;
  /** Whether nothing at this layer is trained, neither its own weights nor an adapter. */
  readonly isFrozen: (layer: LinearLayer) => boolean;
}

/** What comes after the last hidden states. */
export interface OutputHead {
  /** Nothing in it is trained: its gradient flows to the hidden states only. */
  readonly frozen: boolean;
  /** From rows of hidden states (n x width) to logits (n x vocabulary, or classes). */
  readonly logits: (rows: Value) => Value;
}

export interface ForwardResult {
  /** Normalised hidden states (batch * sequence x width), ready for the head. */
  readonly hidden: Value;
  readonly head: OutputHead;
}

/** What is to be known of a classifier's head besides its forward pass. */
export interface Classifier {
  /** Names of the classes, in order, where config.json gives them; null where it has none, or only numbers. */
  readonly classNames: readonly string[] | null;
  /** transformers' class, for config.json. */
  readonly className: string;
  /** Modules that the files of a model without a classifier lack, the last one being what makes it a classifier. */
  readonly headModules: readonly string[];
}

/** A configured model of one architecture. */
export interface ModelArchitecture {
  /** `model_type` of config.json. */
  readonly name: string;
  readonly layers: number;
  readonly hiddenSize: number;
  readonly vocabularySize: number;
  /** What it is trained for, and its head made to score. */
  readonly objective: ObjectiveName;
  /** Numbers that the head gives for a row: one for each token of the vocabulary, or for each class. */
  readonly outputs: number;
  readonly maximumPositions: number;
  /** Of a model that scores classes; absent for others. */
  readonly classifier?: Classifier;
  readonly forward: (context: ForwardContext) => ForwardResult;
  /** Other names that a weight may have in files, tried in turn after its own. */
  readonly otherNames?: (name: string) => readonly string[];
  /**
   * Tensors that its files may hold and nothing reads, by their names: made from the configuration anyway, or what came before a
   * classifier. transformers passes over them without a word too.
   */
  readonly idleTensors?: readonly RegExp[];
}

/** Reads a config.json; `place` is its path, for errors. */
export type ReadArchitecture = (
  config: Readonly<Record<string, unknown>>,
  place: string,
) => ModelArchitecture;

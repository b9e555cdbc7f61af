import type { GraphBuilder } from '../graph/builder.ts';
import type { ScheduleSettings } from '../diffusion/schedule.ts';
import type { Dimension } from '../graph/dimension.ts';
import type { HeldWeight } from '../base/held-weight.ts';
import type { Value } from '../graph/graph.ts';
import type { CaptionObjectiveName, ObjectiveName } from '../objective-names.ts';

/** The token inputs of every model's graph, each int64 (batch x sequence). */
export interface TokenInputs {
  readonly inputIds: Value;
  /** 1 where a key is real, 0 for padding. */
  readonly attentionMask: Value;
  readonly positionIds: Value;
  /** Attention never crosses from one segment to another (packing), but to those that it goes on from where texts branch. */
  readonly segmentIds: Value;
  /**
   * Where texts that begin alike branch, so that their beginning is computed once: the last of the segments that go on from each token's own,
   * which are numbered depth first. Absent where none goes on from another. For causal models only.
   */
  readonly lastSegments?: Value;
  /** Which text of a pair a token belongs to, 0 or 1; most architectures do not ask. */
  readonly tokenTypes: Value;
}

/** The output head, embeddings and convolutions are adapted only where they are asked for by name. */
export const layerRoles = ['hidden', 'head', 'embedding', 'convolution'] as const;
export type LayerRole = (typeof layerRoles)[number];

/** Where a layer stands, and of what size it is: all that choosing it and making an adapter for it needs. */
export interface LayerPlace {
  /** Module path as in the weight file, without `.weight`: `model.layers.0.self_attn.q_proj`. */
  readonly module: string;
  readonly outFeatures: number;
  readonly inFeatures: number;
  /** 'hidden' where absent. */
  readonly role?: LayerRole;
  /** Name of the weight where it is another module's: a head that is tied to the embedding. */
  readonly weight?: string;
}

/**
 * A layer whose output is linear in its input: y = W x, W (out x in). An embedding is one too, whose input is one-hot: outFeatures is its
 * width, inFeatures the number of its rows. So is a convolution, of the input unfolded: at each place of the output x is the patch under
 * the kernel, inFeatures = channels * size * size. How its input is unfolded is the kernel's to say; adapters, their merging
 * and their files go on seeing W (out x in).
 */
export interface LinearLayer extends LayerPlace {
  readonly bias: boolean;
  /** How the weight lies in the file: 'in-out' as (in x out), which is GPT-2's and every embedding's; 'out-in' where absent. */
  readonly stored?: 'out-in' | 'in-out';
  /** Of a convolution, whose weight lies as (out x channels x size x size); absent for others. */
  readonly kernel?: Kernel;
}

/** How a convolution looks at its input (images x channels x height x width): squares of `size`, `stride` apart. */
export interface Kernel {
  readonly size: number;
  readonly stride: number;
  /** Zeros around the input: as many on each side, or at the top, the left, the bottom and the right. */
  readonly padding: number | readonly [number, number, number, number];
}

/** With a bias, as all of them are that are read here. */
export const convolutionLayer = (
  module: string,
  channels: number,
  outFeatures: number,
  kernel: Kernel,
): LinearLayer => ({
  module,
  outFeatures,
  inFeatures: channels * kernel.size ** 2,
  bias: true,
  role: 'convolution',
  kernel,
});

/** Layers of one name and size, and how many there are. */
export interface LayerGroup {
  readonly name: string;
  readonly count: number;
  readonly outFeatures: number;
  readonly inFeatures: number;
  readonly role?: LayerRole;
}

/** The last part of a module's path, with numbers after it, by which target modules are chosen: `q_proj`, `to_out.0`. */
export const targetName = ({ module }: Pick<LayerPlace, 'module'>): string =>
  /[^.]*(\.\d+)*$/.exec(module)![0];

/** The module that a weight is a part of, by the weight's name. */
export const moduleOfWeight = (name: string): string => name.slice(0, name.lastIndexOf('.'));

/** The architecture's name of a layer's weight. */
export const weightName = ({ module, weight }: LayerPlace): string => weight ?? `${module}.weight`;

/** An embedding of so many rows. */
export const embeddingLayer = (module: string, rows: number, width: number): LinearLayer => ({
  module,
  outFeatures: width,
  inFeatures: rows,
  bias: false,
  stored: 'in-out',
  role: 'embedding',
});

/** Tokens that attention may look at. */
export type KeyTokens = Pick<TokenInputs, 'attentionMask' | 'positionIds' | 'segmentIds'>;

/** What is remembered of the tokens that came before those of this run. */
export interface Past {
  /** (batch x past) each; places that hold no token yet have the mask 0. */
  readonly tokens: KeyTokens;
  /**
   * Leaves a layer's keys and values of this run's tokens to be remembered, and gives those of earlier ones, each
   * (batch x key/value heads x tokens x width). Once for each layer, in their order.
   */
  readonly exchange: (keys: Value, values: Value) => readonly [keys: Value, values: Value];
}

/** What an architecture's forward pass may use. Whoever builds the graph decides where weights come from and what adapters add. */
export interface ForwardContext {
  readonly g: GraphBuilder;
  readonly tokens: TokenInputs;
  /** What attention sees besides the tokens of this run; null where a run is whole texts, as in training. */
  readonly past: Past | null;
  /** Position ids stay below this. */
  readonly positions: number;
  /** Whether layers compute rows, too, that nothing after them reads: what is counted of their inputs is of all tokens. */
  readonly everyRow: boolean;
  /** A small base weight (a norm's) as float32. */
  readonly weight: (name: string, shape: readonly number[]) => Value;
  /** x W^T (+ bias) for x (... x inFeatures), plus whatever an adapter adds at this site. */
  readonly linear: (layer: LinearLayer, x: Value) => Value;
  /** The same with its columns in groups of these sizes, for x (rows x inFeatures): where nothing is added at the site the whole is never in memory. */
  readonly linearColumns: (layer: LinearLayer, x: Value, sizes: readonly number[]) => Value[];
  /** The same for a convolution: x (images x channels x height x width) to (images x outFeatures x ...). */
  readonly convolution: (layer: LinearLayer, x: Value) => Value;
  /** The same for an embedding, where int64 indices (...) stand for one-hot x. */
  readonly embedding: (layer: LinearLayer, indices: Value) => Value;
  /** The tokens' embeddings (tokens x width), scaled, as the model goes on with them: training may add noise. */
  readonly embedded: (rows: Value) => Value;
  /** Whether nothing at this layer is trained, neither its own weights nor an adapter. */
  readonly isFrozen: (layer: LinearLayer) => boolean;
  /** W (out x in) of a layer that multiplies by it and does nothing else, where it is frozen and held as it is. */
  readonly frozenWeight: (layer: LinearLayer) => HeldWeight | undefined;
}

/** What comes after the last hidden states. */
export interface OutputHead {
  /** Nothing in it is trained: its gradient flows to the hidden states only. */
  readonly frozen: boolean;
  /** From rows of hidden states (n x width) to logits (n x vocabulary, or classes). */
  readonly logits: (rows: Value) => Value;
  /**
   * Where logits are rows W^T and nothing else but a soft cap, and W (vocabulary x width) is frozen and held as it is: that.
   */
  readonly scores?: HeldWeight & { readonly softcap: number | null };
}

export interface ForwardResult {
  /** Normalised hidden states (batch * sequence x width), ready for the head. */
  readonly hidden: Value;
  readonly head: OutputHead;
  /** Of a model that compares pictures with texts, where the hidden states are the pictures': what its head compares them with (texts x width). */
  readonly texts?: Value;
}

/** What a graph takes for each row of a batch: an input by its name, float32 (rows x shape). */
export interface RowInput {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Half of a model that compares pictures with texts. */
export interface PictureTower {
  readonly input: RowInput;
  /** What it tells apart of a picture: patches, and its token for the whole; 1 of features. */
  readonly positions: number;
  /** (images x width), of any length. */
  readonly embed: (context: ForwardContext) => Value;
}

export interface TextTower {
  /** How many tokens each of its texts has, padding and all, where padding is seen as any other token; null where texts are as long as they are. */
  readonly length: number | null;
  /** null where it reads tokens, and takes besides `text_ends`, int64 (batch): the row of the flattened tokens that stands for each text. */
  readonly input: RowInput | null;
  /** (batch x width), of any length. */
  readonly embed: (context: ForwardContext) => Value;
  /** The place among a text's tokens of the one whose state stands for it. @throws invalid-input where there is none */
  readonly endOf: (ids: readonly number[]) => number;
}

/** How the product of two unit vectors becomes a score: times exp(logit_scale), and plus logit_bias where the model has one. */
export interface Scores {
  /** Of either weight in the files, which is one number. */
  readonly shape: readonly number[];
  readonly hasBias: boolean;
}

/** Of a model that compares pictures with texts. */
export interface Towers {
  /** Of the embeddings. */
  readonly width: number;
  readonly scores: Scores;
  /** What it was trained for on pictures with captions. */
  readonly captions: CaptionObjectiveName;
  readonly pictures: PictureTower;
  readonly texts: TextTower;
}

/** What a denoiser is told of each picture besides its noisy latent: an input of the graph by its name (images x shape). */
export interface Condition {
  readonly name: string;
  readonly dataType: 'float32' | 'int64';
  /** `tokens`: as many as its texts have. */
  readonly shape: readonly (number | 'tokens')[];
}

/** Of a model that draws pictures: how its denoiser is asked. */
export interface DiffusionModel {
  readonly latent: {
    readonly channels: number;
    /** Of a picture to a side of a latent. */
    readonly pixels: number;
    /** Sides of a latent are multiples of this. */
    readonly granularity: number;
  };
  /** Sinusoids of timesteps (images x width). */
  readonly times: (timesteps: readonly number[]) => Float32Array;
  /**
   * Of the model as it is: with its text encoders in the graph `input_ids` (tokens) and the like; where what they make of texts is given
   * instead, `text_states` (tokens x width).
   */
  readonly conditions: readonly Condition[];
  /** Tokens of each of its texts, padding and all: none is hidden. */
  readonly positions: number;
  /** Of its schedule, as it was trained: 1000. */
  readonly timesteps: number;
  readonly schedule: ScheduleSettings;
  /** In the order in which their states lie side by side. */
  readonly texts: readonly TextEncoder[];
  /** Of a token's states, of all encoders together. */
  readonly textWidth: number;
  /** What the denoiser is told of a picture besides its texts' states; null where that is nothing. */
  readonly added: AddedConditions | null;
  /** What the model predicts of the latents (images x channels x height x width). */
  readonly denoise: (context: ForwardContext, given: DenoiserInputs) => Value;
  readonly vae: PictureCodec;
  /** Layers at the end of a text encoder whose states are passed over: none, one of SDXL, and what was asked for. */
  readonly skipped: number;
  /** Of the text encoder that has the fewest: kohya's clip_skip goes so far. */
  readonly textLayers: number;
  /** The same model with its texts' states taken so many layers earlier (kohya's clip_skip less 1). @throws invalid-input where there are not so many */
  readonly skipping: (layers: number) => ModelArchitecture;
}

export interface DenoiserInputs {
  /** (images * tokens x textWidth) */
  readonly states: Value;
  readonly tokens: Dimension;
  /** (images x the width of what is added); null where nothing is. */
  readonly added: Value | null;
}

/** A text encoder of a model that draws pictures. Its texts are all of `DiffusionModel.positions` tokens, padding and all. */
export interface TextEncoder {
  /** Before the names of its weights. */
  readonly module: 'text_encoder' | 'text_encoder_2';
  /** Input of the graph: int64 (images x positions). */
  readonly input: 'input_ids' | 'input_ids_2';
  /** Of a token's states. */
  readonly width: number;
  readonly vocabularySize: number;
  /** What fills a text up, where the tokenizer does not say. */
  readonly padId: number | null;
  /** Of one vector for a whole text, which takes `text_ends`: float32 (images x positions), 1 at the text's end and 0 elsewhere; null where none is made. */
  readonly pooledWidth: number | null;
  /** The place among a text's tokens of the one that stands for it. @throws invalid-input where there is none */
  readonly endOf: (ids: readonly number[]) => number;
  /** (images * positions x width) and (images x pooledWidth) */
  readonly encode: (context: ForwardContext) => { readonly states: Value; readonly pooled: Value | null };
}

/** SDXL's: a pooled text, and numbers that say how the picture was cut. */
export interface AddedConditions {
  readonly pooledWidth: number;
  /** How many numbers there are: sides of the picture as it was, the corner that was cut, sides of what is to be drawn, each height first. */
  readonly numbers: number;
  /** Those of one picture as sinusoids; what is added is the pooled text with these behind it. */
  readonly features: (numbers: readonly number[]) => Float32Array;
}

/** A VAE: pictures to latents and back. */
export interface PictureCodec {
  /** What latents are multiplied by before they are trained on, and divided by before they are decoded. */
  readonly scalingFactor: number;
  /** Pixels in [-1, 1] (images x 3 x height x width) to mean and log variance of latents (images x 2 * channels x ...). */
  readonly encode: (context: ForwardContext, pixels: Value) => Value;
  /** Latents to pixels (images x 3 x height x width). */
  readonly decode: (context: ForwardContext, latents: Value) => Value;
}

/** Of a model that makes vectors of pictures and nothing else: it measures how alike they are. */
export interface PictureEmbedder {
  /** Of the embeddings. */
  readonly width: number;
  readonly pictures: PictureTower;
  /** The same for pictures of another side, in pixels, by positions between its own; null where it sees pictures of one size alone. */
  readonly at: ((side: number) => PictureTower) | null;
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
  /** What it is for: trained, and its head made to score, or, of a model that only measures, what it gives. */
  readonly objective: ObjectiveName;
  /** Numbers that the head gives for a row: one for each token of the vocabulary, for each class, or for each text that a run brings. */
  readonly outputs: number;
  readonly maximumPositions: number;
  /** Of a model that scores classes; absent for others. */
  readonly classifier?: Classifier;
  /** Of a model that compares pictures with texts; absent for others. */
  readonly towers?: Towers;
  /** Of a model that draws pictures; absent for others. */
  readonly diffusion?: DiffusionModel;
  /** Of a model that only embeds pictures; absent for others. */
  readonly embedder?: PictureEmbedder;
  readonly forward: (context: ForwardContext) => ForwardResult;
  /** Parts of the model that `forward` does not run: its files hold their weights, and no adapter sits on them. */
  readonly besides?: readonly ((context: ForwardContext) => Value)[];
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

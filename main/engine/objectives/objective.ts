import type { Batch } from '../data/batches/batch.ts';
import type { Batching } from '../data/batches/batching.ts';
import type { GraphBuilder } from '../graph/builder.ts';
import type { Dimension } from '../graph/dimension.ts';
import type { Value } from '../graph/graph.ts';
import type { HeldOutMetric } from '../metrics/registry.ts';
import type { DiffusionModel, ForwardResult, Towers } from '../models/architecture.ts';
import type { Tensor } from '../tensor.ts';

/** How large the batches get of a model that draws pictures. */
export interface DrawnSize {
  /** Latents of a batch: those of the subject, and of its class beside them. */
  readonly images: number;
  /** Sides of the largest latent, in steps that the model can halve as often as it does (`latent.granularity`). */
  readonly rows: number;
  readonly columns: number;
  /** Of a text. */
  readonly tokens: number;
}

/** How large the batches of a run get. */
export interface BatchSize {
  /** Rows. */
  readonly batchSize: number;
  /** Positions of a row at most: tokens, patches. */
  readonly sequenceLength: number;
  /** Of a model that draws pictures, which has no other size; absent elsewhere. */
  readonly drawn?: DrawnSize;
}

/** What the size of a loss graph depends on, besides the model. */
export interface LossSize {
  /** Scored rows of a batch at most. */
  readonly labels: number;
  /** Numbers that the model's head gives for a row. */
  readonly outputs: number;
}

export interface LossOptions extends LossSize {
  /** Whether the graph is differentiated: a loss may then bring its own gradient, where that takes less memory. */
  readonly gradient: boolean;
  /** Share of each target that is spread over all classes; 0 where absent. For losses that have classes. */
  readonly labelSmoothing?: number;
}

export interface BatchingOptions {
  readonly sequenceLength: number;
  readonly packing: boolean;
  readonly padId: number;
}

/** Of a model that draws pictures, what batches are made for. */
export type DrawnModel = Pick<DiffusionModel, 'latent' | 'times' | 'conditions' | 'timesteps' | 'positions'>;

export interface RandomBatchOptions extends BatchSize, Pick<LossSize, 'outputs'> {
  /** Scored rows at the end of each text; null: as many as there can be. Objectives that score a row once ignore it. */
  readonly labels: number | null;
  readonly vocabularySize: number;
  /** Of a model that compares pictures with texts. */
  readonly towers?: Towers | undefined;
  /** Of a model that draws pictures. */
  readonly diffusion?: DrawnModel | undefined;
  readonly seed: number;
}

/** Values by the name of a metric of the registry: `loss`, and whatever else the objective measures. */
export type Metrics = { readonly loss: number } & { readonly [Name in HeldOutMetric]?: number };

/** Which rows of a batch count for statistics of activations. */
export interface CalibrationOptions {
  /** Whether each row's first position counts: large activations at the start of a text can outweigh all others. */
  readonly firstTokenCounts: boolean;
  /** Rows that count: all, or those that training is to predict. */
  readonly tokens: 'all' | 'labelled';
}

/** A loss that compares rows, on what is compared of all micro-batches of a step. */
export interface Comparison {
  /** What of a micro-batch is compared, by name: float32 (n x width) each. */
  readonly rows: (forward: ForwardResult) => Readonly<Record<string, Value>>;
  /** How many of them a step has, by the same names: extents of the graph of `loss`. */
  readonly extents: Readonly<Record<string, string>>;
  /** The objective's loss (a scalar, summed) on those of all micro-batches, one after the other. */
  readonly loss: (g: GraphBuilder, rows: Readonly<Record<string, Value>>) => Value;
  /** The targets that it takes, in a step that scores so many rows. */
  readonly feeds: (scored: number) => Record<string, Tensor>;
}

/** What is kept of an evaluation's batch that compares its rows with those of all others. */
export interface ComparedRows {
  /** (rows x width) each; the same row of both belongs together. */
  readonly images: Tensor;
  readonly texts: Tensor;
  /** Which picture each row shows, where several may show one. */
  readonly names?: readonly string[];
}

/** What an objective makes of batches, whatever they were made of: all that steps, evaluations, estimates and calibration ask. */
export interface BatchObjective {
  /** A batch of noise, to measure what a step costs. */
  readonly randomBatch: (options: RandomBatchOptions) => Batch;

  /** Scored rows of a batch at most. */
  readonly labelsAtMost: (size: BatchSize) => number;
  /** The same for an estimate of memory, where a graph that would be needlessly large may be cut short. */
  readonly labelsToEstimate: (size: BatchSize, head: Pick<LossSize, 'outputs'>) => number;
  /**
   * In a graph, the loss of a batch (a scalar, before `scales`), on what the model makes of it; and what an evaluation needs besides, by
   * name. Targets are inputs of the graph that `feeds` has.
   */
  readonly loss: (
    g: GraphBuilder,
    forward: ForwardResult,
    options: LossOptions,
  ) => { readonly loss: Value; readonly outputs: Readonly<Record<string, Value>> };
  /** What a loss graph of that size takes of a batch: the model's inputs and the targets. */
  readonly feeds: (batch: Batch, size: LossSize) => Record<string, Tensor>;
  /** The named extents of those, for the largest batch. */
  readonly extents: (batch: BatchSize, size: LossSize) => Record<string, number>;

  /**
   * How a step's micro-batches add up: by what each one's loss and gradient are multiplied, so that their sum is the step's. A mean over
   * all scored rows is one over their number, everywhere.
   */
  readonly scales: (batches: readonly Batch[]) => readonly number[];
  /**
   * Whether a step may be cut into micro-batches whose losses add up. A loss that compares rows with each other is no sum over them: it needs
   * all rows of a step in one batch, or a `comparison`.
   */
  readonly splits: boolean;
  /** How a loss that compares rows is computed for a step of several micro-batches; absent where it is not, and where none is needed. */
  readonly comparison?: Comparison;

  /** Whether all micro-batches of a step have the same texts, so that those are encoded once for all of them; false where absent. */
  readonly sharesTexts?: boolean;

  /** What a batch adds to an evaluation, by name, from what its graph took and gave. */
  readonly measure: (run: {
    readonly batch: Batch;
    readonly feeds: Readonly<Record<string, Tensor>>;
    readonly outputs: Readonly<Record<string, Tensor>>;
  }) => Readonly<Record<string, number>>;
  /** The values of an evaluation, from the sums of what its batches added. */
  readonly metrics: (sums: Readonly<Record<string, number>>) => Metrics;
  /** What an evaluation measures on the rows of all its batches together; absent where sums say it all. */
  readonly together?: {
    readonly keep: (batch: Batch, outputs: Readonly<Record<string, Tensor>>) => ComparedRows;
    readonly metrics: (kept: readonly ComparedRows[]) => Promise<Partial<Metrics>>;
  };

  /** The rows that the head scores when no loss chooses them: what export and import compare, and what calibration shows the head. */
  readonly scored: {
    readonly rows: (g: GraphBuilder, hidden: Value) => Value;
    /** The head's numbers for those rows, in the shape that people expect of logits. */
    readonly logits: (g: GraphBuilder, forward: ForwardResult, outputs: number) => Value;
    /** What `rows` and the model take of a batch. */
    readonly feeds: (batch: Batch) => Record<string, Tensor>;
    /** Those of the logits that stand for something: none of padding. */
    readonly real: (batch: Batch, logits: Float32Array) => Float32Array;
  };

  /** Which rows have a weight of their own in statistics of activations, by their extent in shapes; all others count alike. */
  readonly weightedRows: Dimension;
  /** How much each of those counts: 1, or 0 for padding and whatever else is left out. */
  readonly calibrationWeights: (batch: Batch, options: CalibrationOptions) => Float32Array;
}

/**
 * What a model is trained for: everything that depends on it is said here, and whoever trains, evaluates, estimates or calibrates asks the
 * objective. A batch is its named tensors (`Batch`); an objective makes them of examples and knows what the graphs take of them.
 */
export interface Objective<Example, Options = BatchingOptions> extends BatchObjective {
  /** What a batch holds: how examples become rows, and rows tensors. */
  readonly batching: (options: Options) => Batching<Example>;
}

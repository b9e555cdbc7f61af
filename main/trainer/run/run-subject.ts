import type { Tokenizer } from '../../engine/data/tokens/tokenizer.ts';
import type { DrawingSource } from './samples/drawing-source.ts';
import type { Model } from '../../engine/models/model.ts';
import type { RunBatches } from './run-batches.ts';
import type { SamplePrompt } from './sample-prompts.ts';

/** A run's model and data, opened and held against each other. */
export interface RunSubject {
  /** Its weights in the format that the run asks for. */
  readonly model: Model;
  /** Runs with the same key have the same model. */
  readonly modelKey: readonly unknown[];
  /** Tokens of a row at most. */
  readonly positions: number;
  readonly batches: RunBatches;
  readonly tokenizer: Tokenizer;
  /** What its samples are written to; none where it writes none. */
  readonly samplePrompts: readonly SamplePrompt[];
  /** What it draws with while it trains; null where the model draws nothing. */
  readonly drawing: DrawingSource | null;
  /** Names of a classifier's classes; null for other models. */
  readonly classNames: readonly string[] | null;
  /** The workbench's own chat template where the data are written with it; undefined otherwise. */
  readonly chatTemplate: string | undefined;
  /** What a person should know about the model and the data. */
  readonly notices: readonly string[];
}

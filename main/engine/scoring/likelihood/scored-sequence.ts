import type { ScoredToken } from '../../data/batches/token-batching.ts';
import type { Example } from '../../data/examples/examples.ts';

/** Tokens that go through the model, and which of its predictions are scored. */
export interface ScoredSequence extends Example {
  /** In order; one at least. */
  readonly scored: readonly ScoredToken[];
}

/** What the model makes of a sequence. */
export interface SequenceOutcome {
  /** Natural, summed over all that is scored. */
  readonly logLikelihood: number;
  /** Of a classifier, the class with the largest logit; null for models that predict tokens. */
  readonly predicted: number | null;
}

/** An item of a task, by the sequences that it takes. */
export interface ScoredUnit<Result> {
  readonly item: number;
  readonly sequences: readonly ScoredSequence[];
  /** From the outcome of each sequence, in their order. */
  readonly judge: (outcomes: readonly SequenceOutcome[]) => Result;
}

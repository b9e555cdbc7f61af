import type { AdapterState } from '../train/model/trained-model.ts';
import type { GenerationSettings } from './generation-settings.ts';

/** Who answers: null is the base itself, anything else an adapter on it, not merged. */
export type GenerationArm =
  | null
  | (AdapterState & {
      /** Names of base weights that were trained whole, whose numbers are among `values`; none where absent. */
      readonly trainedWeights?: readonly string[];
    });

/** A prompt to be answered. */
export interface GenerationRow {
  /** Tokens of the prompt, one at least. */
  readonly ids: readonly number[];
  /** Which of the generator's arms answers. */
  readonly arm: number;
  readonly settings: GenerationSettings;
}

/** A token that might have been. */
export interface TokenAlternative {
  readonly id: number;
  /** What the token is by itself. */
  readonly text: string;
  readonly probability: number;
}

/** Told of each token as soon as it is there. */
export interface TokenNews {
  readonly row: number;
  readonly id: number;
  /**
   * What text is finished with this token: '' while a character is incomplete or a stop string may be under way. All pieces of a row
   * together are its text.
   */
  readonly text: string;
  /** Of the softmax over the whole vocabulary, before penalties, temperature and filters. */
  readonly probability: number;
  /** The likeliest tokens, by the same softmax, likeliest first; as many as were asked for. */
  readonly alternatives: readonly TokenAlternative[];
}

/** An end token, a stop string, the most tokens that were allowed or that the model has positions for, or whoever asked gave up. */
export type FinishReason = 'end' | 'stop' | 'length' | 'cancelled';

export interface GeneratedRow {
  /** All new tokens: the end token and those of a stop string too. */
  readonly ids: readonly number[];
  /** Without special tokens and from a stop string on. */
  readonly text: string;
  readonly finish: FinishReason;
  readonly promptTokens: number;
}

export interface GenerateOptions {
  readonly onToken?: (news: TokenNews) => void;
  /** How many alternatives each token is told with. Default 0. */
  readonly alternatives?: number;
  /** Ends all rows with what they have: 'cancelled'. */
  readonly signal?: AbortSignal;
}

export interface Generator {
  /**
   * Answers the rows, in their order. Rows of several arms and lengths go through the model together; what a row answers does not depend on
   * those beside it. One call at a time.
   * @throws invalid-input where a prompt is empty, longer than the model's positions, or for an arm that is not there
   */
  readonly generate: (rows: readonly GenerationRow[], options?: GenerateOptions) => Promise<GeneratedRow[]>;
  /** Frees what is held outside JavaScript's heap. */
  readonly release: () => Promise<void>;
}

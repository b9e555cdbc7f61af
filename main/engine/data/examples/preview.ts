import type { Example } from './examples.ts';
import { readableToken } from '../tokens/readable-token.ts';
import type { Tokenizer } from '../tokens/tokenizer.ts';

export interface PreviewToken {
  readonly id: number;
  /** What the token decodes to by itself; its vocabulary form where that is only part of a character. */
  readonly text: string;
  /** Whether the loss counts it. */
  readonly target: boolean;
}

export interface ExamplePreview {
  readonly sourceRow: number;
  readonly tokens: PreviewToken[];
}

/** The first examples token by token, so that a person sees what the model will see and what it is asked to learn. */
export const previewExamples = (
  examples: readonly Example[],
  tokenizer: Tokenizer,
  count: number,
): ExamplePreview[] =>
  examples.slice(0, count).map(({ inputIds, targets, sourceRow }) => ({
    sourceRow,
    tokens: Array.from(inputIds, (id, index) => ({
      id,
      text: readableToken(tokenizer, id, index),
      target: index > 0 && targets[index] === 1,
    })),
  }));

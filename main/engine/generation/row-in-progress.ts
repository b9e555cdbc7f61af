import type { Tokenizer } from '../data/tokens/tokenizer.ts';
import type { FinishReason, GeneratedRow, GenerationRow, TokenNews } from './generator.ts';
import type { Scores } from './graph/decoder-session.ts';
import { chooseToken } from './samplers/choose-token.ts';
import { likeliest } from './samplers/likeliest.ts';
import { createTextStream } from './text/text-stream.ts';

/** What all rows of a call have in common. */
export interface RowSurroundings {
  readonly tokenizer: Tokenizer;
  readonly endTokens: ReadonlySet<number>;
  /** Tokens of a row at most, prompt and answer together. */
  readonly positions: number;
  readonly alternatives: number;
}

/** An answer that is being written. */
export interface RowInProgress {
  readonly index: number;
  readonly row: GenerationRow;
  /** Chooses the next token from the scores at a place of a batch. */
  readonly take: (scores: Scores, place: number) => TokenNews;
  /** null while the row goes on. */
  readonly finish: () => FinishReason | null;
  readonly lastToken: () => number;
  readonly result: (finish: FinishReason) => GeneratedRow;
}

export const startRow = (
  row: GenerationRow,
  index: number,
  { tokenizer, endTokens, positions, alternatives }: RowSurroundings,
): RowInProgress => {
  const { ids: prompt, settings } = row;
  const answer: number[] = [];
  const stream = createTextStream(tokenizer, settings.stop);
  let finish: FinishReason | null = null;

  const finishAfter = (id: number): FinishReason | null => {
    if (endTokens.has(id)) return 'end';
    if (stream.stopped()) return 'stop';
    const isFull = answer.length >= settings.maximumTokens || prompt.length + answer.length >= positions;
    return isFull ? 'length' : null;
  };

  return {
    index,
    row,
    take: (scores, place) => {
      const logits = scores.logits(place);
      const [largest, normaliser] = [scores.largest(place), scores.normaliser(place)];
      const probability = (id: number): number => Math.exp(logits[id]! - largest) / normaliser;
      const id = chooseToken(logits, { prompt, answer }, settings);
      answer.push(id);
      const finished = stream.add(id);
      finish = finishAfter(id);
      return {
        row: index,
        id,
        text: finish === null ? finished : finished + stream.flush(),
        probability: probability(id),
        alternatives: likeliest(logits, alternatives).map((other) => ({
          id: other,
          text: tokenizer.decode([other]),
          probability: probability(other),
        })),
      };
    },
    finish: () => finish,
    lastToken: () => answer.at(-1)!,
    result: (reason) => ({
      ids: answer,
      text: stream.text(),
      finish: reason,
      promptTokens: prompt.length,
    }),
  };
};

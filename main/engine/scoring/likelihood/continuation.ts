import type { Tokenizer } from '../../data/tokens/tokenizer.ts';
import { strip } from '../../templates/python/characters.ts';
import type { ScoredSequence } from './scored-sequence.ts';

export interface Continuation {
  readonly context: string;
  readonly continuation: string;
}

export interface EncodedContinuation {
  readonly sequence: ScoredSequence;
  /** Whether the context lost its beginning, as context and continuation are longer than the model. */
  readonly cut: boolean;
}

/**
 * As lm-evaluation-harness 0.4.13 encodes them: white space at the end of the context moves to the continuation, both are encoded together, and
 * the continuation is what follows as many tokens as the context alone has. Where they are longer than the model, the first tokens go.
 * An empty context is the token that begins a text.
 * @param positions of the model
 * @returns undefined where no token is left of the continuation, or where it alone is longer than the model
 */
export const encodeContinuation = (
  tokenizer: Tokenizer,
  { context, continuation }: Continuation,
  { positions, sourceRow }: { readonly positions: number; readonly sourceRow: number },
): EncodedContinuation | undefined => {
  const [given, scored] = split(tokenizer, context, continuation);
  if (given.length === 0 || scored.length === 0 || scored.length > positions) return undefined;
  const whole = [...given, ...scored];
  // The last token predicts nothing, so it need not go through the model.
  const kept = whole.slice(Math.max(0, whole.length - (positions + 1)));
  const inputIds = Int32Array.from(kept.slice(0, -1));
  const first = kept.length - scored.length;
  return {
    cut: kept.length < whole.length,
    sequence: {
      inputIds,
      targets: new Uint8Array(inputIds.length),
      sourceRow,
      scored: scored.map((target, index) => ({ token: first - 1 + index, target })),
    },
  };
};

const split = (tokenizer: Tokenizer, context: string, continuation: string): [number[], number[]] => {
  const prefix = tokenizer.bosId ?? tokenizer.eosId;
  if (context === '') {
    const alone = tokenizer.encode(continuation, { addSpecialTokens: false });
    if (prefix === undefined || alone[0] === prefix) return [alone.slice(0, 1), alone.slice(1)];
    return [[prefix], alone];
  }
  const encode = (text: string): number[] =>
    // A text that brings its beginning is not given it a second time.
    tokenizer.encode(text, {
      addSpecialTokens: prefix === undefined || !text.startsWith(tokenizer.tokenText(prefix)),
    });
  const whole = encode(context + continuation);
  const { length } = encode(strip(context, null, 'right'));
  return [whole.slice(0, length), whole.slice(length)];
};

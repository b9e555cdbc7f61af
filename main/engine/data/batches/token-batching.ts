import { invalidInput } from '../../errors.ts';
import type { Example } from '../examples/examples.ts';
import type { Batching } from './batching.ts';
import { packExamples, tokensOf, type Row } from './rows.ts';
import { tokenBatch, type TokenBatch } from './token-batch.ts';

/** A token whose logits have a target, by its place in the example. */
export interface ScoredToken {
  readonly token: number;
  readonly target: number;
}

export interface TokenBatchingOptions {
  /** The most tokens in a row. */
  readonly sequenceLength: number;
  /** Several examples in a row (first fit), each its own segment; otherwise one example a row. */
  readonly packing: boolean;
  /** Default 0. */
  readonly padId?: number;
  /** How far rows are padded: to the longest of the batch, or all to sequenceLength. Default 'longest'; packed: 'sequence'. */
  readonly padTo?: 'longest' | 'sequence';
  /** Which tokens of an example are scored; the one before each target where absent. */
  readonly scored?: (example: Example) => Iterable<ScoredToken>;
}

/** The token before each target of the example, which it has to predict. */
export function* nextTokens({ inputIds, targets }: Example): Generator<ScoredToken> {
  // The first token of a segment has nothing before it to be predicted from.
  for (let token = 1; token < inputIds.length; token++)
    if (targets[token] !== 0) yield { token: token - 1, target: inputIds[token]! };
}

/** Texts as padded or packed rows of token ids. */
export const tokenBatching = (options: TokenBatchingOptions): Batching<Example, TokenBatch> => ({
  check: (examples) => checkLengths(options, examples),
  formRows: (ordered) =>
    options.packing ? packExamples(ordered, options.sequenceLength) : ordered.map((example) => [example]),
  tokensOf,
  assemble: (rows) => assemble(options, rows),
});

const assemble = (options: TokenBatchingOptions, rows: readonly Row[]): TokenBatch => {
  const { sequenceLength, packing, padId = 0, padTo = packing ? 'sequence' : 'longest' } = options;
  const { scored = nextTokens } = options;
  const lengths = rows.map(tokensOf);
  const sequence = padTo === 'sequence' ? sequenceLength : Math.max(...lengths);
  const size = rows.length * sequence;

  const inputIds = new BigInt64Array(size).fill(BigInt(padId));
  const attentionMask = new BigInt64Array(size);
  const positionIds = new BigInt64Array(size);
  const segmentIds = new BigInt64Array(size);
  const tokenTypes = new BigInt64Array(size);
  const labelRows: bigint[] = [];
  const labelTargets: bigint[] = [];

  for (const [rowIndex, row] of rows.entries()) {
    let cursor = rowIndex * sequence;
    const end = cursor + sequence;
    for (const [segment, example] of row.entries()) {
      const { inputIds: ids, types } = example;
      const isLast = segment === row.length - 1;
      const stop = isLast ? end : cursor + ids.length;
      segmentIds.fill(BigInt(segment), cursor, stop);
      attentionMask.fill(1n, cursor, cursor + ids.length);
      for (let at = cursor, position = 0; at < stop; at++, position++) positionIds[at] = BigInt(position);
      for (const [token, id] of ids.entries()) {
        inputIds[cursor + token] = BigInt(id);
        tokenTypes[cursor + token] = BigInt(types?.[token] ?? 0);
      }
      for (const { token, target } of scored(example)) {
        labelRows.push(BigInt(cursor + token));
        labelTargets.push(BigInt(target));
      }
      cursor = stop;
    }
  }

  return tokenBatch({
    inputIds,
    attentionMask,
    positionIds,
    segmentIds,
    tokenTypes,
    labelRows: BigInt64Array.from(labelRows),
    labelTargets: BigInt64Array.from(labelTargets),
    batch: rows.length,
    sequence,
    tokens: lengths.reduce((sum, length) => sum + length, 0),
  });
};

const checkLengths = ({ sequenceLength }: TokenBatchingOptions, examples: readonly Example[]): void => {
  if (!Number.isInteger(sequenceLength) || sequenceLength < 2) {
    throw invalidInput(`sequence length: ${sequenceLength} is not a whole number of at least 2`);
  }
  const tooLong = examples.find((example) => example.inputIds.length > sequenceLength);
  if (tooLong !== undefined) {
    throw invalidInput(
      `row ${tooLong.sourceRow + 1} of the data has ${tooLong.inputIds.length} tokens, more than the sequence length of ${sequenceLength}`,
    );
  }
};

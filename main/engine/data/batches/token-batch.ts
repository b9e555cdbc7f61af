import type { Batch } from './batch.ts';

/** What a batch of texts holds. The first five are (batch x sequence), flattened row-major. */
export interface TokenFields {
  readonly inputIds: BigInt64Array;
  /** 1 where the key is real, 0 for padding. */
  readonly attentionMask: BigInt64Array;
  /** Restarts at 0 with each segment. */
  readonly positionIds: BigInt64Array;
  /** Which example of the row a token belongs to: 0, 1, ... Attention never crosses segments. */
  readonly segmentIds: BigInt64Array;
  /** Which text of a pair a token belongs to: 0, or 1. */
  readonly tokenTypes: BigInt64Array;
  /** Flat positions b * sequence + t whose logits have a target, ascending. */
  readonly labelRows: BigInt64Array;
  /** What the logits of each of them should name: the next token, or the class of the row. */
  readonly labelTargets: BigInt64Array;
  readonly batch: number;
  readonly sequence: number;
  /** Real tokens, without padding. */
  readonly tokens: number;
}

/** Names of the tensors as models take them, and of the labels. */
const names = {
  input_ids: 'inputIds',
  attention_mask: 'attentionMask',
  position_ids: 'positionIds',
  segment_ids: 'segmentIds',
  token_type_ids: 'tokenTypes',
} as const;
const labelNames = { label_rows: 'labelRows', label_targets: 'labelTargets' } as const;

type TokenTensor = keyof typeof names | keyof typeof labelNames;

/**
 * A batch of texts for a model of text. Padding stands on the right: it goes on with the position ids and the segment id of the last
 * example of its row, so that a pad query attends, as in transformers, causally to real keys.
 */
export interface TokenBatch extends Batch {
  readonly tensors: Readonly<
    Record<TokenTensor, { readonly shape: readonly number[]; readonly data: BigInt64Array }>
  >;
}

export const tokenBatch = (fields: TokenFields): TokenBatch => {
  const { batch, sequence, tokens, labelRows } = fields;
  const tensors = [
    ...Object.entries(names).map(([name, field]) => [name, [batch, sequence], fields[field]] as const),
    ...Object.entries(labelNames).map(
      ([name, field]) => [name, [fields[field].length], fields[field]] as const,
    ),
  ];
  return {
    tensors: Object.fromEntries(
      tensors.map(([name, shape, data]) => [name, { shape, data }]),
    ) as unknown as TokenBatch['tensors'],
    batch,
    sequence,
    scored: labelRows.length,
    tokens,
  };
};

/** The other way round. */
export const tokenFields = ({ tensors, batch, sequence, tokens }: TokenBatch): TokenFields => ({
  inputIds: tensors.input_ids.data,
  attentionMask: tensors.attention_mask.data,
  positionIds: tensors.position_ids.data,
  segmentIds: tensors.segment_ids.data,
  tokenTypes: tensors.token_type_ids.data,
  labelRows: tensors.label_rows.data,
  labelTargets: tensors.label_targets.data,
  batch,
  sequence,
  tokens,
});

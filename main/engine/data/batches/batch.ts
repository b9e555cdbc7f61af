import type { Tensor } from '../../tensor.ts';

/** One micro-batch: what graphs take of it, and what is counted of it. */
export interface Batch {
  /** By the name of the graph's input. Which there are, and in what shapes, is for the objective to say that made the batch. */
  readonly tensors: Readonly<Record<string, Tensor>>;
  /** Rows: texts (several where they are packed), images. */
  readonly batch: number;
  /** Positions of the longest row that a model tells apart: tokens, patches of an image. */
  readonly sequence: number;
  /** What the loss scores, and a mean is taken over: tokens with a target, rows with a class, pairs. */
  readonly scored: number;
  /** Which picture each row shows, where several may show one. */
  readonly names?: readonly string[];
  /** Real tokens, without padding: what speed is told in. */
  readonly tokens: number;
  /** Of a model that draws, whose speed is told in pictures: how many it sees, those of the class among them. */
  readonly pictures?: number;
}

/** A tensor of a batch. @throws Error where the batch was made for another objective */
export const tensorOf = ({ tensors }: Batch, name: string): Tensor => {
  const tensor = tensors[name];
  if (tensor) return tensor;
  throw new Error(`the batch has no ${name}, only ${Object.keys(tensors).join(', ')}`);
};

/** The same, of whole numbers. */
export const integersOf = (batch: Batch, name: string): BigInt64Array => {
  const { data } = tensorOf(batch, name);
  if (data instanceof BigInt64Array) return data;
  throw new Error(`${name} of the batch holds floats, not whole numbers`);
};

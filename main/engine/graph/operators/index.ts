import type { Signatures } from '../signatures.ts';
import { attention } from './attention.ts';
import { convolution } from './convolution.ts';
import { decoding } from './decoding.ts';
import { elementwise } from './elementwise.ts';
import type { OperatorEntries } from './entry.ts';
import { identity } from './identity.ts';
import { indexing } from './indexing.ts';
import { loss } from './loss.ts';
import { movement } from './movement.ts';
import { normalisation } from './normalisation.ts';
import { product } from './product.ts';
import { random } from './random.ts';
import { reduction } from './reduction.ts';

/** Every operator. */
export const operators: OperatorEntries<Signatures> = {
  ...elementwise,
  ...reduction,
  ...random,
  ...movement,
  ...identity,
  ...product,
  ...convolution,
  ...decoding,
  ...indexing,
  ...normalisation,
  ...attention,
  ...loss,
};

import type { LoweringRules } from '../rule.ts';
import { attention } from './attention.ts';
import { convolution } from './convolution.ts';
import { decoding } from './decoding.ts';
import { elementwise } from './elementwise.ts';
import { identity } from './identity.ts';
import { indexing } from './indexing.ts';
import { loss } from './loss.ts';
import { movement } from './movement.ts';
import { normalisation } from './normalisation.ts';
import { product } from './product.ts';
import { random } from './random.ts';
import { reduction } from './reduction.ts';

/** For the CPU: ONNX Runtime's fused operators where it has them. */
export const cpuRules: LoweringRules = {
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

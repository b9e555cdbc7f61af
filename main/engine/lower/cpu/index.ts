import type { LoweringRules } from '../rule.ts';
import { composed } from '../composed.ts';
import { linearCrossEntropy } from '../compositions/linear-cross-entropy.ts';
import { attention } from './attention.ts';
import { convolution } from './convolution.ts';
import { decoding } from './decoding.ts';
import { elementwise } from './elementwise.ts';
import { gates } from './gates.ts';
import { identity } from './identity.ts';
import { indexing } from './indexing.ts';
import { loss } from './loss.ts';
import { movement } from './movement.ts';
import { normGradients } from './norm-gradients.ts';
import { normalisation } from './normalisation.ts';
import { product } from './product.ts';
import { random } from './random.ts';
import { reduction } from './reduction.ts';
import { sums } from './sums.ts';

/** For the CPU: ONNX Runtime's fused operators where it has them. */
export const cpuRules: LoweringRules = {
  ...elementwise,
  ...gates,
  ...reduction,
  ...random,
  ...movement,
  ...identity,
  ...product,
  ...sums,
  ...convolution,
  ...decoding,
  ...indexing,
  ...normalisation,
  ...normGradients,
  ...attention,
  ...loss,
  linearCrossEntropy: composed('linearCrossEntropy', () => cpuRules, linearCrossEntropy),
};

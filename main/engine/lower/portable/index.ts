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

/**
 * Rules for a device other than the CPU: only operators of ONNX itself that every execution provider has, in the place of ONNX
 * Runtime's fused ones, and no 64-bit integers but in shapes. Each operator says whether it is lowered as on the CPU.
 * Checked operator by operator on WebGPU (`test/engine/runtime/device.test.ts`).
 */
export const portableRules: LoweringRules = {
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
  linearCrossEntropy: composed('linearCrossEntropy', () => portableRules, linearCrossEntropy),
};

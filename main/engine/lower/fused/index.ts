import { nativeTarget, type LoweringTarget } from '../lower.ts';
import type { LoweringRules } from '../rule.ts';
import { attention } from './attention.ts';
import { convolution } from './convolution.ts';
import { gates } from './gates.ts';
import { loss } from './loss.ts';
import { normalisation } from './normalisation.ts';
import { products } from './products.ts';
import { quantized } from './quantized.ts';

/** Operators that the addon has a kernel for: one node each, named `nora.` and as in native/src/operators. */
export const fusedRules = {
  ...attention,
  ...convolution,
  ...gates,
  ...loss,
  ...normalisation,
  ...products,
  ...quantized,
} satisfies Partial<LoweringRules>;

/** Those that the rules write: an addon without one of them is of another version. */
export const fusedOperators: readonly string[] = [
  'Activation',
  'ActivationGradient',
  'Attention',
  'AttentionGradient',
  'BlockProducts4',
  'BlockProducts8',
  'Convolution',
  'ConvolutionByInput',
  'Gated',
  'GatedGradient',
  'GroupNorm',
  'GroupNormGradient',
  'LinearCrossEntropy',
  'NormGradient',
  'Products',
  'QuantizeRows',
  'QuantizedProducts',
];

/** For sessions of the addon's: as for the CPU, but with its operators. */
export const fusedTarget: LoweringTarget = {
  ...nativeTarget,
  rules: { ...nativeTarget.rules, ...fusedRules },
};

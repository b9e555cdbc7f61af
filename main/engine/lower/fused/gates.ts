import type { ActivationForm } from '../../graph/signatures.ts';
import type { LoweringRules } from '../rule.ts';

const forms = { none: 1n, tanh: 2n } as const;

const attributesOf = (activation: ActivationForm): { readonly activation: bigint; readonly alpha: number } =>
  activation.kind === 'silu'
    ? { activation: 0n, alpha: activation.alpha }
    : { activation: forms[activation.approximation], alpha: 1 };

export const gates = {
  silu: ({ emit, inputs: { x }, attributes }) =>
    emit('nora.Activation', [x], attributesOf({ kind: 'silu', ...attributes })),
  gelu: ({ emit, inputs: { x }, attributes }) =>
    emit('nora.Activation', [x], attributesOf({ kind: 'gelu', ...attributes })),
  activationGradient: ({ emit, inputs: { x, gradient }, attributes: { activation } }) =>
    emit('nora.ActivationGradient', [x, gradient], attributesOf(activation)),
  gated: ({ emit, inputs: { gate, up }, attributes: { activation } }) =>
    emit('nora.Gated', [gate, up], attributesOf(activation)),
  gatedGradient: ({ emitNamed, inputs: { gate, up, gradient }, attributes: { activation } }) =>
    emitNamed(['byGate', 'byUp'], 'nora.GatedGradient', [gate, up, gradient], attributesOf(activation)),
} satisfies Partial<LoweringRules>;

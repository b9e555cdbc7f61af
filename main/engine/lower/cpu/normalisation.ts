import type { NormalisationSignatures } from '../../graph/signatures.ts';
import type { LoweringRules } from '../rule.ts';

export const normalisation: LoweringRules<NormalisationSignatures> = {
  softmax: ({ emit, inputs: { x } }) => emit('Softmax', [x], { axis: -1n }),
  // The second output of this operator is a mean that float32 leaves out; the third is 1 / rms.
  rmsNorm: ({ emitNamed, inputs: { x, weight }, attributes: { epsilon } }) =>
    emitNamed(['y', 'inverse'], 'SimplifiedLayerNormalization', [x, weight], { axis: -1n, epsilon }),
  layerNorm: ({ emitNamed, inputs: { x, weight, bias }, attributes: { epsilon } }) =>
    emitNamed(['y', 'mean', 'inverse'], 'LayerNormalization', [x, weight, bias], { axis: -1n, epsilon }),
};
